"""What the retrieval scripts share: where things are, running the Swift programs, and scoring by the benchmark's rules."""
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def add_locations(parser):
    parser.add_argument("cache", type=Path, help="the folder that the benchmark's materialise.py filled")
    parser.add_argument("--bench", type=Path, default=os.environ.get("CICERONE_BENCH"),
                        help="the benchmark's folder, with evaluate.py and queries.jsonl (or set CICERONE_BENCH)")
    parser.add_argument("--work", type=Path, default=REPOSITORY / "Benchmarks/.build/retrieval",
                        help="for indexes and runs; indexes are reused")
    parser.add_argument("--no-build", action="store_true", help="use the programs as they were built last")


class Bench:
    """The benchmark and our programs."""

    def __init__(self, options):
        if not options.bench:
            sys.exit("give the benchmark's folder with --bench or in CICERONE_BENCH")
        self.cache, self.folder, self.work = options.cache.resolve(), Path(options.bench).resolve(), options.work.resolve()
        self.queries_file = self.folder / "queries.jsonl"
        self.queries = read_lines(self.queries_file)
        self.work.mkdir(parents=True, exist_ok=True)
        specification = importlib.util.spec_from_file_location("evaluate", self.folder / "evaluate.py")
        self.rules = importlib.util.module_from_spec(specification)
        sys.dont_write_bytecode = True
        specification.loader.exec_module(self.rules)
        if not options.no_build:
            build(REPOSITORY / "Benchmarks", "--product", "retrieval-run")
        self.program = REPOSITORY / "Benchmarks/.build/release/retrieval-run"

    def run(self, name, *arguments, queries=None):
        """Runs all queries; the path of the results."""
        out = self.work / f"{name}.jsonl"
        command = [self.program, self.cache, queries or self.queries_file, out, "--indexes", self.work / "indexes",
                   *arguments]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return out, done.stderr.strip()

    def scores(self, path):
        """File and passage NDCG@10 of each query, in the order of the queries."""
        found = {row["id"]: row["results"] for row in read_lines(path)}
        return [self.rules.score_query(query, found.get(query["id"], []), 10, "exp") for query in self.queries]

    def evaluate(self, *arguments):
        subprocess.run([sys.executable, "-B", str(self.folder / "evaluate.py"), *map(str, arguments)], check=True)

    def baseline(self):
        """The results of BM25 over windows of 40 lines, made anew."""
        out = self.work / "bm25.jsonl"
        subprocess.run(
            [sys.executable, "-B", str(self.folder / "bm25_baseline.py"), str(self.cache), str(out)], check=True,
            stderr=subprocess.DEVNULL)
        return out


def build(package, *arguments):
    # Another command where builds take turns on a machine.
    swift = os.environ.get("CICERONE_SWIFT", "swift").split()
    done = subprocess.run([*swift, "build", "-c", "release", *arguments], cwd=package, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout[-4000:] + done.stderr)


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def mean(values):
    values = list(values)
    return sum(values) / len(values)
