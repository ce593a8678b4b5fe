#!/usr/bin/env python3
"""Measures how fresh the index is, from outside: the built program is driven over its pipes, as editors drive it.

freshness.py BINARY MEASUREMENT... --tree DIR [options]

    edits      from `didChange` to the reply of `rag/search` that has the word just typed, for small and large files
    cold       the same while the first indexing of the workspace runs
    saves      from a file saved to its being in the database: `didSave` to the reply of `rag/synchronize`
    checkout   1,000 files changed by `git checkout`: from git's end to a consistent index; our own watching, and the
               client's events
    idle       processor time and memory of a server that nobody speaks to
    shared     two servers on one workspace: from a save told to the writer to its being found through the reader, and
               from the writer's death to the reader's taking over

BINARY is a release build. DIR is copied; nothing outside a temporary folder is written. Latencies are in milliseconds,
round trips over pipes included.
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def frame(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class Server:
    """A server process, spoken to over its pipes."""

    def __init__(self, binary, environment, workspace, client_watches=False):
        self.number = 0
        self.process = subprocess.Popen(
            [binary, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment, bufsize=1 << 16)
        self.replies = {}
        self.registered = threading.Event()
        self.arrived = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        uri = Path(workspace).as_uri()
        capabilities = {}
        if client_watches:
            capabilities = {"workspace": {"didChangeWatchedFiles": {
                "dynamicRegistration": True, "relativePatternSupport": True}}}
        self.request("initialize", {
            "processId": os.getpid(), "rootUri": uri, "capabilities": capabilities,
            "workspaceFolders": [{"uri": uri, "name": "workspace"}]})
        self.notify("initialized", {})

    def read(self):
        stream = self.process.stdout
        while True:
            length = None
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if length is None:
                return
            message = json.loads(stream.read(length))
            if "method" in message:
                if "id" in message:
                    self.send({"id": message["id"], "result": None})
                    if message["method"] == "client/registerCapability":
                        self.registered.set()
                continue
            with self.arrived:
                self.replies[message["id"]] = (time.perf_counter(), message)
                self.arrived.notify_all()

    def send(self, message):
        self.process.stdin.write(frame(message))
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def start(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        return self.number

    def reply(self, number):
        """The result, and when it arrived."""
        with self.arrived:
            while number not in self.replies:
                if not self.arrived.wait(timeout=120):
                    sys.exit("the server is silent")
            at, message = self.replies.pop(number)
        if "error" in message:
            sys.exit(f"a request failed: {message['error']}")
        return at, message["result"]

    def request(self, method, params):
        return self.reply(self.start(method, params))[1]

    def paths(self, word, limit=1000):
        found = self.request("rag/search", {"query": word, "limit": limit, "mode": "lexical"})
        return {passage["path"] for passage in found["passages"]}

    def status(self):
        folder = self.request("rag/status", {})
        return folder["quiescent"], folder["folders"][0]

    def cpu(self):
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6

    def stop(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def summary(name, times, note=""):
    times = sorted(times)
    rank = lambda share: times[min(len(times) - 1, int(share * len(times)))]
    print(f"{name}: p50 {rank(.5):.2f}, p90 {rank(.9):.2f}, p99 {rank(.99):.2f}, worst {times[-1]:.2f} ms "
          f"({len(times)} times{note})", flush=True)


def word(generator):
    return "z" + "".join(generator.choice("bcdfghjkmnpqvwx") for _ in range(12)) + "q"


class World:
    """A copy of a tree with a cache folder of its own."""

    def __init__(self, binary, tree, repeat=1):
        self.binary = binary
        self.folder = Path(tempfile.mkdtemp(prefix="cicerone-freshness-"))
        self.workspace = self.folder / "workspace"
        if tree is None:
            self.workspace.mkdir()
        elif repeat == 1:
            shutil.copytree(tree, self.workspace)
        else:
            for number in range(repeat):
                shutil.copytree(tree, self.workspace / f"copy-{number}")
        (self.folder / "home").mkdir()
        self.environment = {"HOME": str(self.folder / "home"), "PATH": os.environ.get("PATH", ""),
                            "XDG_CACHE_HOME": str(self.folder / "cache")}
        if "LD_LIBRARY_PATH" in os.environ:
            self.environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]

    def server(self, client_watches=False, wait=True):
        server = Server(self.binary, self.environment, self.workspace, client_watches)
        if wait:
            server.request("rag/synchronize", {})
        return server

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.workspace, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "gc.auto=0",
                        *arguments], check=True, capture_output=True, env=self.environment)

    def forget(self):
        shutil.rmtree(self.folder / "cache", ignore_errors=True)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def python_source(lines, generator):
    text = []
    while len(text) < lines:
        name = word(generator)
        text += [f"def compute_{name}(value, other):", f'    """Computes the {name} of a value."""',
                 f"    result = value * {len(text)} + other", f"    for item in range({len(text)}):",
                 f"        result += item % (value + {len(text)})", "    return result", ""]
    return "\n".join(text[:lines]) + "\n"


def type_words(server, path, lines, rounds, generator, pause=0.0, until=None):
    """Opens a document of so many lines and types words into it; the milliseconds until each is found."""
    uri = path.as_uri()
    text = python_source(lines, generator)
    server.notify("textDocument/didOpen", {
        "textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}})
    times = []
    for version in range(2, rounds + 2):
        if until is not None and until():
            break
        typed = word(generator)
        line = generator.randrange(lines)
        start = time.perf_counter()
        server.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": {"start": {"line": line, "character": 0},
                                          "end": {"line": line, "character": 0}}, "text": f"# {typed}\n"}]})
        while True:
            at, found = server.reply(server.start("rag/search", {"query": typed, "limit": 10, "mode": "lexical"}))
            if found["passages"]:
                break
        times.append(1000 * (at - start))
        if pause:
            time.sleep(pause)
    server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    return times, len(text)


def edits(world, options, generator):
    server = world.server()
    _, state = server.status()
    print(f"workspace: {state['files']} files, {state['passages']} passages")
    for lines, rounds in ((60, options.rounds), (500, options.rounds), (3_000, options.rounds), (24_000, options.rounds // 5)):
        times, size = type_words(server, world.workspace / f"typed_{lines}.py", lines, rounds, generator, 0.002)
        summary(f"edit of a file of {size / 1e3:.0f} kB to its being found", times)
    server.stop()


def cold(world, options, generator):
    times = []
    waits = []
    for number in range(5):
        world.forget()
        server = world.server(wait=False)
        done = lambda: server.status()[0]
        more, size = type_words(server, world.workspace / "typed.py", 500, 1000, generator, 0.005, done)
        times += more
        start = time.perf_counter()
        server.stop()
        # Another one, ended in the middle: how long does that take?
        world.forget()
        server = world.server(wait=False)
        time.sleep(0.2 + 0.1 * number)
        start = time.perf_counter()
        server.stop()
        waits.append(1000 * (time.perf_counter() - start))
    summary(f"edit of a file of {size / 1e3:.0f} kB to its being found, while the workspace is indexed first", times)
    summary("`shutdown` to the end of the process while the workspace is indexed first", waits)


def saves(world, options, generator):
    server = world.server()
    files = sorted(world.workspace.rglob("*.py"))
    files = [file for file in files if 1_000 < file.stat().st_size < 40_000 and not file.is_symlink()]
    found, quiet = [], []
    for number in range(options.rounds):
        file = generator.choice(files)
        typed = word(generator)
        text = file.read_text(errors="replace")
        file.write_text(f"# {typed}\n{text}")
        start = time.perf_counter()
        server.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
        at, _ = server.reply(server.start("rag/synchronize", {}))
        quiet.append(1000 * (at - start))
        assert server.paths(typed) == {str(file.relative_to(world.workspace))}, "a save is not found"
        # What the watching reports of the same save is over before the next.
        time.sleep(0.12)
    summary("`didSave` to persisted", quiet)
    for number in range(options.rounds // 4):
        file = generator.choice(files)
        typed = word(generator)
        text = file.read_text(errors="replace")
        file.write_text(f"# {typed}\n{text}")
        start = time.perf_counter()
        while not server.paths(typed):
            time.sleep(0.001)
        found.append(1000 * (time.perf_counter() - start))
    summary("saved by another program to its being found", found)
    server.stop()


def checkout(world, options, generator):
    files = 5_000
    changed = 1_000
    tree = world.workspace / "generated"
    names = []
    for number in range(files):
        file = tree / f"package{number % 97}" / f"module_{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(python_source(40, generator) + "# branchzamain\n")
        names.append(file)
    world.git("init", "-q")
    world.git("add", "-f", "generated")
    world.git("commit", "-qm", "one")
    world.git("branch", "-M", "one")
    world.git("checkout", "-qb", "two")
    # Most are changed; some vanish, some appear, in new folders too.
    chosen = generator.sample(names, changed)
    for index, file in enumerate(chosen):
        if index % 10 == 0:
            file.unlink()
        elif index % 10 == 1:
            moved = tree / f"moved{index % 7}" / "deep" / file.name
            moved.parent.mkdir(parents=True, exist_ok=True)
            file.unlink()
            moved.write_text(python_source(40, generator) + "# branchzbtwo\n")
        else:
            file.write_text(python_source(40, generator) + "# branchzbtwo\n")
    world.git("add", "-fA", "generated")
    world.git("commit", "-qm", "two")
    world.git("checkout", "-q", "one")
    expected = {}
    for branch in ("one", "two"):
        world.git("checkout", "-q", branch)
        server = world.server()
        expected[branch] = server.status()[1]
        server.stop()
        expected[branch]["words"] = sum(b"branchzbtwo" in file.read_bytes() for file in tree.rglob("*.py"))
        world.forget()
    world.git("checkout", "-q", "one")
    for client in (False, True):
        server = world.server(client)
        if client:
            server.registered.wait(10)
            time.sleep(0.3)
            server.request("rag/synchronize", {})
        times, git = [], []
        for number in range(options.rounds // 10 * 2):
            branch = ("two", "one")[number % 2]
            before = {file: file.stat().st_ctime_ns for file in tree.rglob("*.py")}
            start = time.perf_counter()
            world.git("checkout", "-q", branch)
            ended = time.perf_counter()
            git.append(1000 * (ended - start))
            if client:
                after = {file: file.stat().st_ctime_ns for file in tree.rglob("*.py")}
                touched = [file for file in before.keys() | after.keys() if before.get(file) != after.get(file)]
                ended = time.perf_counter()
                server.notify("workspace/didChangeWatchedFiles", {
                    "changes": [{"uri": file.as_uri(), "type": 2} for file in touched]})
            want = expected[branch]
            while True:
                quiescent, state = server.status()
                if quiescent and state["files"] == want["files"] and state["passages"] == want["passages"] \
                        and len(server.paths("branchzbtwo")) == want["words"]:
                    break
                if time.perf_counter() - ended > 30:
                    sys.exit(f"not consistent: {state} instead of {want}, "
                             f"{len(server.paths('branchzbtwo'))} with the word")
                time.sleep(0.002)
            times.append(1000 * (time.perf_counter() - ended))
            time.sleep(0.5)
        summary(f"end of git's checkout of {changed} files to a consistent index, "
                + ("told by the client" if client else "watched by ourselves"), times,
                f"; git itself {sum(git) / len(git):.0f} ms")
        server.stop()
        world.forget()
        world.git("checkout", "-q", "one")


def idle(world, options, generator):
    small = World(world.binary, None)
    (small.workspace / "main.py").write_text(python_source(60, generator))
    try:
        for name, place in (("1 file", small), ("the tree", world)):
            server = place.server()
            server.paths("value")
            time.sleep(3)
            state = server.status()[1]
            time.sleep(1)
            before = server.cpu()
            switches = context_switches(server.process.pid)
            time.sleep(options.seconds)
            used = server.cpu() - before
            print(f"idle, {state['files']} files: {1000 * used:.0f} ms of processor time in {options.seconds} s "
                  f"({100 * used / options.seconds:.3f} %), {wake_ups(server.process.pid, switches)} wake-ups, "
                  f"{server.memory():.1f} MB", flush=True)
            server.stop()
    finally:
        small.remove()


def context_switches(pid):
    """Voluntary context switches of each thread."""
    counts = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                counts[task.name] = int(line.split()[1])
    return counts


def wake_ups(pid, before):
    """How often threads woke since; those that have ended meanwhile cannot be asked."""
    return sum(count - before.get(task, 0) for task, count in context_switches(pid).items())


def shared(world, options, generator):
    writer = world.server()
    reader = world.server()
    assert reader.status()[1]["state"] == "following"
    files = [file for file in sorted(world.workspace.rglob("*.py")) if 1_000 < file.stat().st_size < 40_000]
    times = []
    for number in range(options.rounds // 2):
        file = generator.choice(files)
        typed = word(generator)
        file.write_text(f"# {typed}\n" + file.read_text(errors="replace"))
        start = time.perf_counter()
        writer.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
        while not reader.paths(typed):
            time.sleep(0.0005)
        times.append(1000 * (time.perf_counter() - start))
    summary("save told to the writer to its being found through the reader", times)
    time.sleep(2)
    before = reader.cpu()
    switches = context_switches(reader.process.pid)
    time.sleep(options.seconds)
    print(f"the idle reader: {1000 * (reader.cpu() - before):.0f} ms of processor time in {options.seconds} s, "
          f"{wake_ups(reader.process.pid, switches)} wake-ups")
    writer.kill()
    start = time.perf_counter()
    while reader.status()[1]["state"] != "ready":
        time.sleep(0.001)
    print(f"the writer's death to the reader's taking over: {1000 * (time.perf_counter() - start):.0f} ms")
    reader.stop()


def main():
    measurements = {measure.__name__: measure for measure in (edits, cold, saves, checkout, idle, shared)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("measurements", nargs="+", choices=[*measurements, "all"])
    parser.add_argument("--tree", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=1, help="copies of the tree side by side")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60, help="how long an idle server is watched")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = list(measurements) if "all" in options.measurements else options.measurements
    print(f"cores: {os.cpu_count()}, load: {Path('/proc/loadavg').read_text().split()[0]}")
    for name in names:
        world = World(str(options.binary.resolve()), options.tree, options.repeat)
        try:
            measurements[name](world, options, random.Random(options.seed))
        finally:
            world.remove()


if __name__ == "__main__":
    main()
