#!/usr/bin/env python3
"""LiteLLM's Router doing what `routing-run` does: the same arguments, the same output.

    litellm_run.py BASE --calls N --chunks N [--pause MICROSECONDS] [--concurrency N] [--warmup N] [--check]
"""

import argparse
import asyncio
import json
import os
import time

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
import litellm  # noqa: E402  (the variable keeps it from fetching prices)

litellm.telemetry = False
litellm.suppress_debug_info = True

PASSAGES = "func passage(of line: Int) -> Text { store[line] }\n" * 40


async def call(router, number, arguments, latencies):
    """One call; how much was wrong with it."""
    stream = await router.acompletion(
        model="fake",
        messages=[
            {"role": "system", "content": "Answer from the passages."},
            {"role": "user", "content": f"What is <<{number}>>? " + PASSAGES},
        ],
        max_tokens=100,
        stream=True,
        stream_options={"include_usage": True},
    )
    pieces, wrong, finish, output = 0, 0, None, None
    async for chunk in stream:
        usage = getattr(chunk, "usage", None)
        if usage:
            output = usage.completion_tokens
        if not chunk.choices:
            continue
        choice = chunk.choices[0]
        finish = choice.finish_reason or finish
        text = choice.delta.content
        if not text:
            continue
        if arguments.check:
            arrival = time.monotonic_ns()
            fields = text.strip().split(":")
            if len(fields) == 3 and int(fields[0]) == number and int(fields[1]) == pieces:
                latencies.append((arrival - int(fields[2])) // 1000)
            else:
                wrong += 1
        pieces += 1
    if pieces != arguments.chunks or finish != "stop" or output != arguments.chunks:
        wrong += 1
    return wrong


async def run_all(router, calls, arguments):
    numbers = iter(range(calls))
    latencies, wrong = [], 0

    async def work():
        nonlocal wrong
        for number in numbers:
            wrong += await call(router, number, arguments, latencies)

    await asyncio.gather(*(work() for _ in range(arguments.concurrency)))
    return latencies, wrong


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--chunks", type=int, default=1)
    parser.add_argument("--pause", type=int, default=0)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=50)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    router = litellm.Router(
        model_list=[
            {
                "model_name": "fake",
                "litellm_params": {
                    "model": f"openai/fake-{arguments.chunks}-{arguments.pause}",
                    "api_base": arguments.base,
                    "api_key": "sk-benchmark",
                },
            }
        ]
    )
    await run_all(router, arguments.warmup, arguments)
    cpu, wall = time.process_time_ns(), time.monotonic_ns()
    latencies, wrong = await run_all(router, arguments.calls, arguments)
    cpu, wall = time.process_time_ns() - cpu, time.monotonic_ns() - wall
    with open("/proc/self/status") as status:
        peak = next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)
    print(
        json.dumps(
            {
                "calls": arguments.calls,
                "chunks": arguments.chunks,
                "cpuMicroseconds": cpu // 1000,
                "wallMicroseconds": wall // 1000,
                "latencies": sorted(latencies),
                "peakMegabytes": peak * 1024 / 1e6,
                "wrong": wrong,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
