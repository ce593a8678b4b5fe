#!/usr/bin/env python3
"""Runs LiteLLM's proxy with models that say what they are told, for end-to-end tests.

    pip install 'litellm[proxy]'

Most of its models answer by LiteLLM's own `mock_response`; `streams` is a chat completion of this script, which LiteLLM
translates into whatever it is asked for. Nothing leaves this machine. Listens on a free port of 127.0.0.1, prints one
line {"port": N} once it answers, ends when stdin is closed.
"""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

# The tests hold the same values.
MASTER_KEY = "sk-cicerone-" + "9b1e64d27c3f48a0"
ANSWER = "The proxy says that the burn is computed [1]."
# By name: what LiteLLM makes of it. `gpt-4o` is a model whose price it knows.
MODELS = {
    "says": ANSWER,
    "limited": "litellm.RateLimitError",
    "overlong": "litellm.ContextWindowExceededError",
    "broken": "litellm.InternalServerError",
    "filtered": "Exception: content_filter_policy",
    "breaks-off": "Exception: mock_streaming_error",
}
PIECES = ["The upstream ", "answers in ", "pieces: ", "ä ö ü 🛰️ ", "[1]", "."]
USAGE = {"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366}


class Upstream(http.server.BaseHTTPRequestHandler):
    """A chat completion in OpenAI's format, streamed."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in PIECES:
            self.event(choices=[{"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}])
        self.event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
        self.event(choices=[], usage=USAGE)
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def event(self, **members):
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "upstream", **members}
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, *arguments):
        pass


def start_upstream():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/v1"


def configuration(upstream):
    """JSON is YAML."""
    entries = [
        {
            "model_name": name,
            "litellm_params": {"model": "openai/gpt-4o", "api_key": "unused", "mock_response": response},
        }
        for name, response in MODELS.items()
    ]
    streams = {"model": "hosted_vllm/upstream", "api_key": "unused", "api_base": upstream}
    entries.append({"model_name": "streams", "litellm_params": streams})
    return json.dumps(
        {
            "model_list": entries,
            "router_settings": {"num_retries": 0, "disable_cooldowns": True},
            "litellm_settings": {"telemetry": False},
            "general_settings": {"master_key": MASTER_KEY},
        }
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_alive(process, port):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    process.kill()
    sys.exit("the proxy did not become ready")


def main():
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "config.yaml")
        with open(file, "w") as output:
            output.write(configuration(start_upstream()))
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": folder,
            # Neither prices nor anything else is fetched, and nothing is reported.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_MODE": "PRODUCTION",
            "DISABLE_ADMIN_UI": "True",
        }
        program = os.path.join(os.path.dirname(sys.executable), "litellm")
        process = subprocess.Popen(
            [sys.executable, program, "--config", file, "--host", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            env=environment,
        )
        # Whoever started this may end it in any way: the proxy goes with it.
        signal.signal(signal.SIGTERM, lambda *_: (process.kill(), os._exit(1)))
        wait_until_alive(process, port)
        print(json.dumps({"port": port}), flush=True)
        sys.stdin.buffer.read()
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
