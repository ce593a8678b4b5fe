#!/usr/bin/env python3
"""How well the search finds what questions are about, beside BM25 over windows of 40 lines.

run.py CACHE --bench BENCH                 the benchmark's table, with intervals and the paired difference to BM25
run.py CACHE --bench BENCH --ablation      what each ingredient of the ranking is worth
run.py CACHE --bench BENCH --binary PATH   the same queries through `cicerone search --batch`, one process a corpus

CACHE is filled by the benchmark's materialise.py. Anything after `--` goes to retrieval-run, such as
`-- --set path=0.3 --evidence lexical`.
"""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from common import Bench, add_locations, mean, read_lines

FEATURES = ("match", "fileMatch", "nameMeaning", "pathMeaning", "function")
ABLATION = [
    ("meaning (lexical alone)", ["--evidence", "lexical"]),
    ("words (dense alone)", ["--evidence", "dense"]),
    ("another share of meaning for symbols", ["--set", "denseForSymbols=0.6"]),
    ("rarity of words in the query's embedding", ["--set", "rarity=0"]),
    ("the closer look at the best 50", [part for name in FEATURES for part in ("--set", f"feature.{name}=0")]),
    *((f"… its {name}", ["--set", f"feature.{name}=0"]) for name in FEATURES),
    ("saturation per declaration", ["--set", "declarationSaturation=1"]),
    ("path words", ["--set", "path=0"]),
    ("definition boost", ["--set", "definition=0"]),
    ("file coherence", ["--set", "coherence=0"]),
    ("saturation per file", ["--set", "saturation=1"]),
    ("tests ranked down", ["--set", "test=1"]),
    ("examples and documents ranked down", ["--set", "example=1"]),
    ("vendored code ranked down", ["--set", "vendored=1"]),
    ("generated code ranked down", ["--set", "generated=1"]),
    ("all of these heuristics", [
        "--set", "path=0", "--set", "definition=0", "--set", "coherence=0", "--set", "saturation=1", "--set", "test=1",
        "--set", "example=1", "--set", "vendored=1", "--set", "generated=1"]),
]


def ablation(bench):
    base = bench.scores(bench.run("ours")[0])
    print(f"{len(base)} queries; everything on: file NDCG@10 {mean(s['file_ndcg'] for s in base):.4f}, "
          f"passage NDCG@10 {mean(s['pass_ndcg'] for s in base):.4f}")
    print("Differences when one thing is off, with 95 % intervals (paired bootstrap over queries):\n")
    print(f"{'without':44s} {'file':>8s}  {'interval':20s} {'passage':>8s}  interval")
    for name, arguments in ABLATION:
        scores = bench.scores(bench.run("ablation", *arguments)[0])
        cells = []
        for metric in ("file_ndcg", "pass_ndcg"):
            differences = [ours[metric] - full[metric] for ours, full in zip(scores, base)]
            low, high = bench.rules.bootstrap([(value, 1) for value in differences], 2000, 7)
            cells.append(f"{mean(differences):+8.4f}  {f'[{low:+.4f}, {high:+.4f}]':20s}")
        print(f"{name:44s} " + " ".join(cells).rstrip(), flush=True)


def through_binary(bench, binary):
    """Asks the binary itself, and says whether it gives what the run in process gave."""
    ours, _ = bench.run("ours")
    out = bench.work / "binary.jsonl"
    environment = {**os.environ, "XDG_CACHE_HOME": str(bench.work / "binary-cache")}
    with open(out, "w", encoding="utf-8") as file:
        for corpus in dict.fromkeys(query["corpus"] for query in bench.queries):
            queries = [query for query in bench.queries if query["corpus"] == corpus]
            done = subprocess.run(
                [str(binary), "search", "--batch", "--limit", "50", "--workspace", str(bench.cache / corpus)],
                input="".join(query["query"] + "\n" for query in queries), env=environment, capture_output=True, text=True)
            lines = done.stdout.splitlines()
            if done.returncode != 0 or len(lines) != len(queries):
                sys.exit(f"{corpus}: {len(lines)} answers to {len(queries)} queries\n{done.stderr}")
            for query, line in zip(queries, lines):
                results = []
                for passage in json.loads(line)["passages"]:
                    start, end = passage["range"]["start"], passage["range"]["end"]
                    last = end["line"] + (1 if end["character"] > 0 or end["line"] == start["line"] else 0)
                    results.append({"path": passage["path"], "start": start["line"] + 1, "end": last,
                                    "score": passage["score"]})
                file.write(json.dumps({"id": query["id"], "results": results}) + "\n")
    inside, outside = bench.scores(ours), bench.scores(out)
    for name, scores in (("in process", inside), ("binary, --batch", outside)):
        print(f"{name:16s} " + ", ".join(
            f"{metric}@10 {mean(score[metric] for score in scores):.4f}"
            for metric in ("file_ndcg", "file_recall", "pass_ndcg", "pass_recall")))
    def lists(path):
        return {row["id"]: [(r["path"], r["start"], r["end"]) for r in row["results"]] for row in read_lines(path)}

    first, second = lists(ours), lists(out)
    print(f"queries with another list of 50: {sum(first[q['id']] != second[q['id']] for q in bench.queries)}")
    different = [q["id"] for q, a, b in zip(bench.queries, inside, outside)
                 if abs(a["file_ndcg"] - b["file_ndcg"]) + abs(a["pass_ndcg"] - b["pass_ndcg"]) > 1e-9]
    print(f"queries with another score: {len(different)}" + (f" ({', '.join(different[:10])})" if different else ""))


def main():
    arguments = sys.argv[1:]
    passed = []
    if "--" in arguments:
        passed = arguments[arguments.index("--") + 1:]
        arguments = arguments[:arguments.index("--")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_locations(parser)
    parser.add_argument("--ablation", action="store_true")
    parser.add_argument("--binary", type=Path)
    parser.add_argument("--by", default="category", help="break-downs: language,category,corpus")
    options = parser.parse_args(arguments)
    bench = Bench(options)
    if options.ablation:
        ablation(bench)
    elif options.binary:
        through_binary(bench, options.binary.resolve())
    else:
        ours, timing = bench.run("ours", *passed)
        print(timing, flush=True)
        baseline = bench.baseline()
        bench.evaluate(baseline, "--by", "")
        print(flush=True)
        bench.evaluate(ours, "--compare", baseline, "--by", options.by)


if __name__ == "__main__":
    main()
