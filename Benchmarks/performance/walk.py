#!/usr/bin/env python3
"""Compares a walk through a folder with `rg --files`: wall and CPU time.

    walk.py PERFORMANCE TREE [--runs N] [--threads N]
    walk.py --make TREE CORPORA [--copies N]

PERFORMANCE is the program `performance` of this package. Both programs are started anew for each run, one after the
other in turn; the best and the median of each are printed. Unlike `rg --files`, a walk takes the status of every file,
since the index must know what changed. `--make` fills TREE: N copies of a folder as repositories, and one deep tree with
many ignore files.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import time


def make(tree, corpora, copies):
    os.makedirs(tree, exist_ok=True)
    for number in range(copies):
        target = os.path.join(tree, "copies", f"copy{number}")
        shutil.copytree(corpora, target, symlinks=True)
        subprocess.run(["git", "init", "-q", target], check=True)
    deep = os.path.join(tree, "deep")
    os.makedirs(deep)
    subprocess.run(["git", "init", "-q", deep], check=True)
    generator = random.Random(7)
    patterns = [f"*.x{n}" for n in range(40)] + [f"/out{n}/" for n in range(20)] + [f"tmp{n}" for n in range(20)]
    patterns += ["**/cache/**", "a*b?c", "!keep.x1", "docs/**/*.aux", "[Bb]in/", "*~", "*.py[co]"]
    with open(os.path.join(deep, ".gitignore"), "w") as file:
        file.write("\n".join(patterns) + "\n")
    for top in range(40):
        path = deep
        for level in range(25):
            path = os.path.join(path, f"d{(top * 7 + level) % 50}")
            os.makedirs(path, exist_ok=True)
            for number in range(12):
                ending = generator.choice(["c", "h", "py", "x1", "x30", "o", "md"])
                with open(os.path.join(path, f"file{number}.{ending}"), "w") as file:
                    file.write("x\n")
            if level % 3 == 0:
                with open(os.path.join(path, ".gitignore"), "w") as file:
                    file.write("\n".join(generator.sample(patterns, 10)) + "\n")


def measure(command):
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.make:
        make(*arguments.paths, arguments.copies)
        return
    program, tree = arguments.paths
    commands = {
        "walk": [program, "walk", tree, str(arguments.threads)],
        "rg --files": ["rg", "--files", tree],
        "rg --files -j1": ["rg", "--files", "-j1", tree],
    }
    times = {name: [] for name in commands}
    for run in range(arguments.runs + 1):
        for name, command in commands.items():
            figure = measure(command)
            if run > 0:
                times[name].append(figure)
    for name, figures in times.items():
        walls, cpus = zip(*figures)
        print(
            f"{name:15} wall best {min(walls) * 1e3:6.1f} ms, median {statistics.median(walls) * 1e3:6.1f} ms; "
            f"CPU best {min(cpus) * 1e3:6.1f} ms, median {statistics.median(cpus) * 1e3:6.1f} ms"
        )
    for other in list(commands)[1:]:
        wall, cpu = (
            min(f[i] for f in times["walk"]) / min(f[i] for f in times[other]) for i in (0, 1)
        )
        middle = [
            statistics.median(f[i] for f in times["walk"]) / statistics.median(f[i] for f in times[other])
            for i in (0, 1)
        ]
        print(
            f"walk / {other}: wall {wall:.2f} (median {middle[0]:.2f}), CPU {cpu:.2f} (median {middle[1]:.2f})"
        )


main()
