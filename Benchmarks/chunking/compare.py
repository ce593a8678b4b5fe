"""Compares the chunker with tree-sitter and prints precision, recall and speed for each language.

    python3 -m venv venv && venv/bin/pip install tree-sitter tree-sitter-python …
    swift build -c release --package-path Benchmarks
    venv/bin/python Benchmarks/chunking/compare.py FOLDER… [--language swift] [--misses 20] [--limit 400]

A declaration agrees when both put it on the same line. Files in which tree-sitter finds errors are left out: there
it is no oracle. Exits with 1 when a language misses the goals of precision 0.97 and recall 0.95.
"""
import argparse
import collections
import json
import os
import random
import subprocess
import sys

import oracle

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.join(HERE, "..", ".build", "release", "chunk-dump")
EXTENSIONS = {
    "swift": ["swift"], "python": ["py"], "javascript": ["js", "mjs", "cjs"], "typescript": ["ts"],
    "typescriptreact": ["tsx"], "go": ["go"], "rust": ["rs"], "java": ["java"], "kotlin": ["kt"], "scala": ["scala"],
    "c": ["c", "h"], "cpp": ["cc", "cpp", "hpp", "cxx"], "csharp": ["cs"], "objective-c": ["m"], "ruby": ["rb"],
    "php": ["php"], "lua": ["lua"], "shellscript": ["sh"], "elixir": ["ex", "exs"], "haskell": ["hs"],
    "julia": ["jl"], "ocaml": ["ml"], "zig": ["zig"], "erlang": ["erl"], "perl": ["pl", "pm"],
}
PRECISION, RECALL = 0.97, 0.95


def files(folders, language, limit):
    """At most `limit` files of a language, drawn evenly but always the same ones."""
    found = []
    endings = tuple("." + e for e in EXTENSIONS[language])
    for folder in folders:
        for base, directories, names in os.walk(folder):
            directories[:] = sorted(d for d in directories if d not in {".git", "node_modules", ".build"})
            for name in sorted(names):
                path = os.path.join(base, name)
                if name.endswith(endings) and not name.endswith(".min.js") and not os.path.islink(path):
                    if os.path.getsize(path) < 400_000:
                        found.append(path)
    random.Random(7).shuffle(found)
    return found[:limit]


def dump(paths, language, timing=False):
    command = [TOOL] + (["--time"] if timing else []) + [language]
    return subprocess.run(command, input="\n".join(paths) + "\n", capture_output=True, text=True, check=True).stdout


def compare(language, paths, misses):
    parser = oracle.load(language)
    if parser is None or not paths:
        return None
    counts = collections.Counter()
    examples = []
    for line in dump(paths, language).splitlines():
        record = json.loads(line)
        with open(record["path"], "rb") as file:
            source = file.read()
        required, optional, errors = oracle.declared(language, parser, source)
        counts["files"] += 1
        if errors:
            counts["skipped"] += 1
            continue
        predicted = {d["line"]: d for d in record["declarations"] if d["kind"] in oracle.KINDS}
        loose = {d["line"] for d in record["declarations"]}
        text = source.decode(errors="replace").splitlines()
        for at in predicted:
            if at in required:
                counts["hit"] += 1
            elif at not in optional:
                counts["false"] += 1
                examples.append(("+", record["path"], at, text[at] if at < len(text) else "", predicted[at]["name"]))
        for at, node in required.items():
            if at in predicted or at in loose:
                counts["found"] += 1
            else:
                counts["missed"] += 1
                examples.append(("-", record["path"], at, text[at] if at < len(text) else "", ""))
        counts["split"] += split(record, source)
    speed = float(dump(paths, language, timing=True).split()[0])
    if misses:
        random.Random(1).shuffle(examples)
        for sign, path, at, code, name in examples[:misses]:
            print(f"  {sign} {path}:{at + 1}: {code.strip()[:100]} {('[' + name + ']') if name else ''}")
    return counts, speed


def split(record, source, limit=1500):
    """How many declarations that fit in one passage are cut by its borders."""
    lines = source.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    total = [0]
    for line in lines:
        total.append(total[-1] + len(line) + 1)
    starts = [p["first"] for p in record["passages"]]
    bad = 0
    for declaration in record["declarations"]:
        first, end = declaration["first"], declaration["end"]
        if end > len(lines) or total[end] - total[first] > limit:
            continue
        if any(first < start < end for start in starts):
            bad += 1
    return bad


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", nargs="+")
    arguments.add_argument("--language", action="append")
    arguments.add_argument("--misses", type=int, default=0, help="print this many disagreements a language")
    arguments.add_argument("--limit", type=int, default=400, help="the number of files a language")
    options = arguments.parse_args()
    failed = False
    print(f"{'language':16} {'files':>5} {'decls':>6} {'precision':>9} {'recall':>7} {'split':>5} {'MB/s':>6}")
    for language in options.language or EXTENSIONS:
        result = compare(language, files(options.folders, language, options.limit), options.misses)
        if result is None:
            continue
        counts, speed = result
        precision = counts["hit"] / max(1, counts["hit"] + counts["false"])
        recall = counts["found"] / max(1, counts["found"] + counts["missed"])
        good = precision >= PRECISION and recall >= RECALL and counts["split"] == 0
        failed = failed or not good
        used = counts["files"] - counts["skipped"]
        print(f"{language:16} {used:5} {counts['found'] + counts['missed']:6} {precision:9.3f} {recall:7.3f} "
              f"{counts['split']:5} {speed:6.0f} {'' if good else '*'}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
