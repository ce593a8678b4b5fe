#!/usr/bin/env python3
"""The cost of a cold index beside semble 0.7: processor time, wall time and memory for the same tree.

index_peers.py BINARY TREE --semble PYTHON [--runs 3]

BINARY is a release build of cicerone; PYTHON is the interpreter of a virtual environment with semble installed. Runs
alternate, so that whatever else the machine does meets both, and the smallest time of each counts.

semble takes its embedding model from the network. Here it gets none: its vectors are zeros that cost nothing, so what
is measured of it is reading, chunking with tree-sitter and BM25 (its default of one process). cicerone does all of its
work: discovery, structure, BM25, embeddings, and an index on disk.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INSIDE = """
import json, os, sys, time
from pathlib import Path
import numpy as np
import semble.index.create as create
from semble.index.index import SembleIndex
from semble.types import ContentType

class Model:
    dim = 256

create.embed_chunks = lambda model, chunks: np.zeros((len(chunks), model.dim), dtype=np.float32)
root, out = Path(sys.argv[1]).resolve(), sys.argv[2]
content = tuple(ContentType)
before = os.times()
bm25, dense, chunks, files = create.create_index_from_path(root, Model(), content=content, display_root=root)
after = os.times()
SembleIndex(Model(), bm25, dense, chunks, "none", root=root, content=content, manifest=files).save(out)
print(json.dumps({"files": len(files), "chunks": len(chunks), "bytes": sum((root / f).stat().st_size for f in files),
                  "cpu": after.user - before.user + after.system - before.system}))
"""


def run(command, environment=None):
    """Runs a command to its end and returns its output with what it cost."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output = process.stdout.read().decode()
    errors = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{errors}")
    return output, {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "memory": usage.ru_maxrss * 1024 / 1e6}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary", type=Path)
    arguments.add_argument("tree", type=Path)
    arguments.add_argument("--semble", required=True, help="the Python of an environment with semble")
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    tree = str(options.tree.resolve())
    ours, theirs, inside = [], [], []
    with tempfile.TemporaryDirectory(prefix="cicerone-peers-") as folder:
        for number in range(options.runs):
            # Only what the programs need, and none of the user's own files.
            environment = {"HOME": folder, "PATH": os.environ.get("PATH", ""),
                           "XDG_CACHE_HOME": f"{folder}/cache-{number}"}
            if "LD_LIBRARY_PATH" in os.environ:
                environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
            said, cost = run([str(options.binary.resolve()), "index", tree], environment)
            ours.append(cost)
            output, cost = run([options.semble, "-c", INSIDE, tree, f"{folder}/semble-{number}"], environment)
            theirs.append(cost)
            inside.append(json.loads(output))
    print(f"cicerone: {said.splitlines()[0] if said else ''}")
    print(f"semble: {inside[0]['files']} files, {inside[0]['bytes'] / 1e6:.1f} MB, {inside[0]['chunks']} chunks")
    size = inside[0]["bytes"]
    print(f"{'best of ' + str(options.runs):34s} {'CPU s':>8s} {'ns/byte':>8s} {'wall s':>8s} {'peak MB':>8s}")

    def row(name, cpu, wall=None, memory=None):
        rest = "" if wall is None else f" {wall:8.2f} {memory:8.0f}"
        print(f"{name:34s} {cpu:8.2f} {1e9 * cpu / size:8.1f}{rest}")

    def best(costs, key):
        return min(cost[key] for cost in costs)

    row("cicerone, the whole process", best(ours, "cpu"), best(ours, "wall"), best(ours, "memory"))
    row("semble, the whole process", best(theirs, "cpu"), best(theirs, "wall"), best(theirs, "memory"))
    row("semble, its indexing alone", best(inside, "cpu"))
    print(f"CPU time, semble : cicerone = {best(theirs, 'cpu') / best(ours, 'cpu'):.1f} "
          f"(its indexing alone {best(inside, 'cpu') / best(ours, 'cpu'):.1f})")


if __name__ == "__main__":
    main()
