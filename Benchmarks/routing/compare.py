#!/usr/bin/env python3
"""What a call through the router costs, beside LiteLLM's Router: one command, both alternately in one run.

    compare.py [--litellm PYTHON] [--binary CICERONE] [--rounds 5] [--runner ROUTING_RUN]

Builds what it measures unless --runner names a built `routing-run`. PYTHON is a Python with litellm; without it only our
side is measured. With --binary the time through the whole program is measured as well. The server that both ask is
`fake_server.c`, in a process of its own, whose CPU time is not counted.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent

# What is measured: name, arguments, what the figure is divided by, its goal.
ONE_CHUNK = ["--calls", "400", "--chunks", "1"]
MANY_CHUNKS = ["--calls", "40", "--chunks", "1000", "--warmup", "5"]
PACED = ["--calls", "2", "--chunks", "500", "--pause", "2000", "--warmup", "1", "--check"]
STREAMS = ["--calls", "200", "--concurrency", "200", "--chunks", "100", "--pause", "20000", "--warmup", "0", "--check"]


def build(folder):
    server = Path(folder) / "fake_server"
    subprocess.run(
        [os.environ.get("CC", "cc"), "-O2", "-pthread", str(HERE / "fake_server.c"), "-o", str(server)], check=True)
    return server


def run(command, base, arguments):
    result = subprocess.run([*command, base, *arguments], check=True, capture_output=True, text=True)
    return json.loads(result.stdout.splitlines()[-1])


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0


def measure(command, base):
    """One round: CPU microseconds for a call and a chunk, and what the latencies were."""
    one = run(command, base, ONE_CHUNK)
    many = run(command, base, MANY_CHUNKS)
    paced = run(command, base, PACED)
    call = one["cpuMicroseconds"] / one["calls"]
    chunk = (many["cpuMicroseconds"] / many["calls"] - call) / (many["chunks"] - 1)
    return {
        "call": call,
        "chunk": chunk,
        "paced": paced["cpuMicroseconds"] / paced["calls"] / paced["chunks"],
        "p50": percentile(paced["latencies"], 0.5),
        "p99": percentile(paced["latencies"], 0.99),
        "wrong": one["wrong"] + many["wrong"] + paced["wrong"],
    }


def show(name, rounds, streams):
    def median(key):
        return statistics.median(r[key] for r in rounds)

    print(f"\n{name}")
    print(f"  CPU per call (µs)                        {median('call'):10.1f}   least {min(r['call'] for r in rounds):.1f}")
    print(f"  CPU per chunk, all at once (µs)          {median('chunk'):10.2f}   least {min(r['chunk'] for r in rounds):.2f}")
    print(f"  CPU per chunk, each by itself (µs)       {median('paced'):10.1f}   least {min(r['paced'] for r in rounds):.1f}")
    print(f"  from the server to the caller, p50 (µs)  {median('p50'):10.0f}")
    print(f"  from the server to the caller, p99 (µs)  {median('p99'):10.0f}")
    print(f"  200 streams: peak memory (MB)            {streams['peakMegabytes']:10.1f}")
    print(f"  200 streams: CPU per chunk (µs)          {streams['cpuMicroseconds'] / 20_000:10.1f}")
    print(f"  200 streams: p50, p99 (µs)               {percentile(streams['latencies'], 0.5):10.0f} "
          f"{percentile(streams['latencies'], 0.99):.0f}")
    print(f"  200 streams: took (ms; the server: 2020) {streams['wallMicroseconds'] / 1000:10.0f}")
    print(f"  pieces lost, doubled or mixed up         {sum(r['wrong'] for r in rounds) + streams['wrong']:10d}")


class Editor:
    """The language server over its standard input and output, as an editor sees it."""

    def __init__(self, binary, folder, base):
        workspace = Path(folder) / "workspace"
        workspace.mkdir()
        (workspace / "orbit.py").write_text(
            '"""Plans orbits."""\n\n\ndef raise_apoapsis(height):\n'
            '    """Computes the burn that raises the apoapsis to a height."""\n    return height * 3\n')
        models = Path(folder) / "models.yaml"
        models.write_text(
            "model_list:\n  - model_name: fake\n    litellm_params:\n"
            f"      model: openai/fake-300-3000\n      api_base: {base}\n      api_key: unused\n")
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "XDG_CACHE_HOME": folder + "/cache"}
        self.process = subprocess.Popen(
            [binary, "serve", "--config", str(models)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=environment)
        self.lock = threading.Lock()
        self.number = 0
        self.request("initialize", {"processId": None, "rootUri": workspace.as_uri(), "capabilities": {}})
        self.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})
        self.request("rag/synchronize", {})

    def send(self, message):
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.process.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self.process.stdout.read(length)
        return time.monotonic_ns(), json.loads(body)

    def request(self, method, params, progress=None):
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        while True:
            arrival, message = self.receive()
            if message.get("method") == "$/progress" and progress:
                progress(arrival, message["params"])
            elif "method" in message and "id" in message:
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": None})
            elif message.get("id") == self.number and "method" not in message:
                return message.get("result")


def through_the_program(binary, base):
    """From the server's write to the frame on standard output, in microseconds: of each piece, in order."""
    latencies = []
    whole = ""

    def progress(arrival, params):
        nonlocal whole
        if params.get("token") != "deltas":
            return
        whole += params["value"].get("text", "")
        # A frame may hold several pieces, and end within one. The last character is kept back until it is known that it
        # is whole (an accent may follow): a piece has arrived with all but that, its time is then known to 10 ns.
        digits = len(str(arrival))
        times = [piece.split(":")[2] for piece in whole.split(" ") if piece.count(":") == 2]
        for sent in times[len(latencies):]:
            if len(sent) >= digits - 1:
                latencies.append((arrival - int(sent.ljust(digits, "0"))) // 1000)

    with tempfile.TemporaryDirectory() as folder:
        editor = Editor(binary, folder, base)
        result = editor.request(
            "rag/ask", {"question": "how does raise_apoapsis compute the burn?", "partialResultToken": "deltas"}, progress)
        editor.request("shutdown", None)
        editor.send({"jsonrpc": "2.0", "method": "exit"})
        editor.process.wait(10)
    if not latencies:
        raise SystemExit(f"the program did not stream: {result}")
    return latencies


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--litellm", help="a Python that has litellm")
    parser.add_argument("--binary", help="a built cicerone")
    parser.add_argument("--runner", help="a built routing-run")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    runner = arguments.runner
    if not runner:
        swift = os.environ.get("CICERONE_SWIFT", "swift").split()
        subprocess.run([*swift, "build", "-c", "release", "--product", "routing-run"], cwd=PACKAGE, check=True)
        runner = str(PACKAGE / ".build/release/routing-run")
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [str(build(folder))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        base = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        sides = {"Cicerone": [runner]}
        if arguments.litellm:
            sides["LiteLLM's Router"] = [arguments.litellm, str(HERE / "litellm_run.py")]
        print(f"cores: {os.cpu_count()}, load: {os.getloadavg()[0]:.1f}, {platform.platform()}")
        rounds = {name: [] for name in sides}
        for _ in range(arguments.rounds):
            for name, command in sides.items():
                rounds[name].append(measure(command, base))
        for name, command in sides.items():
            show(name, rounds[name], run(command, base, STREAMS))
        if arguments.binary:
            runs = [through_the_program(os.path.abspath(arguments.binary), base) for _ in range(arguments.rounds)]
            pieces = sorted(latency for run in runs for latency in run)
            print(f"\nthrough the whole program: the first piece {sorted(run[0] for run in runs)} µs, "
                  f"all {len(pieces)} pieces p50 {percentile(pieces, 0.5)} µs, p99 {percentile(pieces, 0.99)} µs")
        print(f"\nload: {os.getloadavg()[0]:.1f}")
        server.stdin.close()
        server.wait()


if __name__ == "__main__":
    main()
