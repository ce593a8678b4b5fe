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
import re
import subprocess
import sys

import corpus
import oracle

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.join(HERE, "..", ".build", "release", "chunk-dump")
# Where nothing tells what language a header is in, C++ and Objective-C are compared without them.
HEADERS = {"cpp": r"\.(cc|cpp|hpp|cxx|hh)", "objective-c": r"\.m"}
PRECISION, RECALL = 0.97, 0.95


def files(folders, language, limit):
    """At most `limit` files of a language, drawn evenly but always the same ones.

    A folder that `corpus.py` filled has a folder for each language, which says what its headers are written in.
    """
    found = []
    ending = re.compile(corpus.ENDINGS[language] + "$")
    for folder in folders:
        own = os.path.join(folder, language)
        if not os.path.isdir(own) and language in HEADERS:
            ending = re.compile(HEADERS[language] + "$")
        for base, directories, names in os.walk(own if os.path.isdir(own) else folder):
            directories[:] = sorted(d for d in directories if d not in {".git", "node_modules", ".build"})
            for name in sorted(names):
                path = os.path.join(base, name)
                if ending.search(path) and not name.endswith(".min.js") and not os.path.islink(path):
                    if os.path.getsize(path) < 400_000:
                        found.append(path)
    random.Random(7).shuffle(found)
    return found[:limit]


def dump(paths, language, timing=False):
    command = [TOOL] + (["--time"] if timing else []) + [language]
    return subprocess.run(command, input="\n".join(paths) + "\n", capture_output=True, text=True, check=True).stdout


def agreement(counts, node, declarations, examples, path, parts):
    """Counts whether one of the declarations on a line ends where the node does, and has its name."""
    if not isinstance(node, oracle.NODE):
        return
    name = oracle.name(node)
    if name:
        counts["named"] += 1
        if any(d["name"] == name for d in declarations):
            counts["same name"] += 1
        else:
            examples.append(("n", path, node.start_point[0], name, ",".join(d["name"] for d in declarations)))
    if parts:
        return
    last = node.end_point[0] - (node.end_point[1] == 0)
    counts["ended"] += 1
    if any(d["end"] - 1 == last for d in declarations):
        counts["same end"] += 1
    else:
        examples.append(("e", path, node.start_point[0], f"ends {last + 1}",
                         ",".join(f"{d['name']} {d['end']}" for d in declarations)))


def compare(language, paths, misses, strict=False, broken=False):
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
        if errors and not broken:
            counts["skipped"] += 1
            continue
        predicted, loose = {}, {}
        for declaration in record["declarations"]:
            loose.setdefault(declaration["line"], []).append(declaration)
            if declaration["kind"] in oracle.LANGUAGES[language].get("kinds", oracle.KINDS):
                predicted[declaration["line"]] = declaration
        text = source.decode(errors="replace").splitlines()
        for at in predicted:
            if at in required:
                counts["hit"] += 1
            elif at in optional:
                counts["taste"] += 1
                if strict:
                    examples.append(("?", record["path"], at, text[at] if at < len(text) else "", predicted[at]["name"]))
            else:
                counts["false"] += 1
                examples.append(("+", record["path"], at, text[at] if at < len(text) else "", predicted[at]["name"]))
        for at, node in required.items():
            if at in predicted or at in loose:
                counts["found"] += 1
                agreement(counts, node, loose.get(at, []), examples if strict else [], record["path"],
                          oracle.LANGUAGES[language].get("parts"))
            else:
                counts["missed"] += 1
                examples.append(("-", record["path"], at, text[at] if at < len(text) else "", ""))
        counts["split"] += split(record, source)
    speed = float(dump(paths, language, timing=True).split()[0])
    if misses:
        random.Random(1).shuffle(examples)
        examples.sort(key=lambda e: "+-?ne".index(e[0]) > 1)
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
    arguments.add_argument("--details", action="store_true",
                           help="print matters of taste (?), ends (e) and names (n) too")
    arguments.add_argument("--broken", action="store_true", help="count files in which tree-sitter finds errors, too")
    arguments.add_argument("--tool", default=TOOL, help="the chunk-dump to measure")
    arguments.add_argument("--limit", type=int, default=400, help="the number of files a language")
    options = arguments.parse_args()
    failed = False
    globals()["TOOL"] = options.tool
    print(f"{'language':16} {'files':>5} {'decls':>6} {'precision':>9} {'recall':>7} {'strict':>7} {'names':>6} "
          f"{'ends':>6} {'split':>5} {'MB/s':>6}")
    for language in options.language or oracle.LANGUAGES:
        result = compare(language, files(options.folders, language, options.limit), options.misses,
                         options.details, options.broken)
        if result is None:
            continue
        counts, speed = result
        precision = counts["hit"] / max(1, counts["hit"] + counts["false"])
        recall = counts["found"] / max(1, counts["found"] + counts["missed"])
        good = precision >= PRECISION and recall >= RECALL and counts["split"] == 0
        failed = failed or not good
        used = counts["files"] - counts["skipped"]
        print(f"{language:16} {used:5} {counts['found'] + counts['missed']:6} {precision:9.3f} {recall:7.3f} "
              f"{counts['hit'] / max(1, counts['hit'] + counts['false'] + counts['taste']):7.3f} "
              f"{counts['same name'] / max(1, counts['named']):6.3f} "
              f"{counts['same end'] / max(1, counts['ended']):6.3f} {counts['split']:5} {speed:6.0f} {'' if good else '*'}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
