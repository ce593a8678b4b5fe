#!/usr/bin/env python3
"""Measures the program as its users start it: time to `initialize`, idle memory, size, and `cicerone index`.

startup.py BINARY [--tree DIR] [--runs 30]

BINARY is a release build (`scripts/build`). With --tree, a copy of
that folder is indexed into a new cache folder by `cicerone index`, and timed from outside. Nothing outside a temporary
folder is written.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SMALL = {
    "main.py": "from store import Store\n\n\ndef main():\n    store = Store('notes.db')\n    store.add('first')\n    print(store.all())\n",
    "store.py": "class Store:\n    \"\"\"Keeps notes in a file.\"\"\"\n\n    def __init__(self, path):\n        self.path = path\n        self.notes = []\n\n"
                "    def add(self, note):\n        self.notes.append(note)\n\n    def all(self):\n        return list(self.notes)\n",
    "README.md": "# Notes\n\nA program that keeps notes.\n",
}


def frame(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def read_message(stream):
    length = None
    while True:
        line = stream.readline()
        if not line:
            sys.exit("the server ended without an answer")
        line = line.strip()
        if not line:
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(stream.read(length))


def reply_to(stream, identifier):
    while True:
        message = read_message(stream)
        if message.get("id") == identifier and "method" not in message:
            if "error" in message:
                sys.exit(f"request {identifier} failed: {message['error']}")
            return message


def memory(pid, field="VmRSS"):
    """In MB of 10^6 bytes; None where there is no /proc."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        return None


class Server:
    """A server process on a workspace, spoken to over its pipes."""

    def __init__(self, binary, environment, workspace):
        self.workspace = workspace
        # The child is forked with vfork where that is possible, so that Python's own size does not count.
        self.start = time.perf_counter()
        self.process = subprocess.Popen(
            [binary, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            close_fds=False)

    def initialize(self):
        uri = Path(self.workspace).as_uri()
        self.process.stdin.write(frame({"id": 1, "method": "initialize", "params": {
            "processId": os.getpid(), "rootUri": uri, "capabilities": {},
            "workspaceFolders": [{"uri": uri, "name": "workspace"}]}}))
        self.process.stdin.flush()
        reply_to(self.process.stdout, 1)
        return time.perf_counter() - self.start

    def request(self, identifier, method, params):
        self.process.stdin.write(frame({"id": identifier, "method": method, "params": params}))
        self.process.stdin.flush()
        start = time.perf_counter()
        reply_to(self.process.stdout, identifier)
        return time.perf_counter() - start

    def initialized(self):
        self.process.stdin.write(frame({"method": "initialized", "params": {}}))
        self.process.stdin.flush()

    def stop(self):
        self.process.stdin.write(frame({"id": 9, "method": "shutdown"}) + frame({"method": "exit"}))
        self.process.stdin.flush()
        reply_to(self.process.stdout, 9)
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary", type=Path)
    arguments.add_argument("--tree", type=Path, help="index a copy of this folder, too")
    arguments.add_argument("--runs", type=int, default=30)
    options = arguments.parse_args()
    binary = str(options.binary.resolve())
    folder = Path(tempfile.mkdtemp(prefix="cicerone-startup-"))
    try:
        # Only what the program needs, and none of the user's own files or keys.
        environment = {"HOME": str(folder / "home"), "PATH": os.environ.get("PATH", "")}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        (folder / "home").mkdir()
        workspace = folder / "workspace"
        workspace.mkdir()
        for name, text in SMALL.items():
            (workspace / name).write_text(text)
        print(f"binary: {os.path.getsize(binary) / 1e6:.1f} MB")
        stripped = folder / "stripped"
        if shutil.which("strip") and subprocess.run(["strip", "-o", stripped, binary]).returncode == 0:
            print(f"binary, stripped: {os.path.getsize(stripped) / 1e6:.1f} MB")

        times = []
        for _ in range(options.runs + 1):
            server = Server(binary, environment, workspace)
            times.append(1000 * server.initialize())
            server.stop()
        cold, times = times[0], times[1:]
        print(f"initialize: median {statistics.median(times):.1f} ms, min {min(times):.1f} ms, max {max(times):.1f} ms "
              f"from process start ({len(times)} runs; the first one, not counted, {cold:.1f} ms)")

        server = Server(binary, environment, workspace)
        server.initialize()
        server.initialized()
        server.request(2, "rag/synchronize", {})
        took = server.request(3, "rag/search", {"query": "where are notes kept"})
        time.sleep(2)
        resident = memory(server.process.pid)
        if resident is not None:
            print(f"memory: {resident:.1f} MB resident, idle for 2 s after one search of a workspace of {len(SMALL)} files")
        print(f"rag/search there, the first of the process: {1000 * took:.2f} ms round trip")
        server.stop()

        if options.tree:
            copy = folder / "tree"
            shutil.copytree(options.tree, copy)
            size = sum(f.stat().st_size for f in copy.rglob("*") if f.is_file())
            runs = []
            for number in range(3):
                environment["XDG_CACHE_HOME"] = str(folder / f"cache-{number}")
                start = time.perf_counter()
                done = subprocess.run([binary, "index", str(copy)], env=environment, capture_output=True, text=True)
                runs.append(time.perf_counter() - start)
                if done.returncode != 0:
                    sys.exit(done.stderr)
            print(f"cicerone index: {size / 1e6:.1f} MB in " + ", ".join(f"{seconds:.2f}" for seconds in runs)
                  + f" s; best {size / 1e6 / min(runs):.1f} MB/s ({done.stdout.splitlines()[0]})")
            start = time.perf_counter()
            subprocess.run([binary, "index", str(copy)], env=environment, check=True, capture_output=True)
            print(f"cicerone index again, nothing changed: {1000 * (time.perf_counter() - start):.0f} ms")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
