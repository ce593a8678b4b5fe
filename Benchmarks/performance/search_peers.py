#!/usr/bin/env python3
"""The two parts of a search, each alone, beside programs that do nothing else, in one run on the same data.

search_peers.py CACHE --bench BENCH --work WORK --venv VENV [--passages 100000] [--find-links FOLDER]

WORK takes copies of the corpora with their index and what it was made of (about 0.4 GB at 100,000 passages, 4 GB at a
million). VENV is made unless it exists, and faiss-cpu and tantivy are installed into it from the package index, or from
the wheels in FOLDER.

- vectors: the same passages' vectors and the same questions' in faiss' IndexScalarQuantizer(QT_8bit, inner product), one
  thread, one query a call; recall is against the exact products of the vectors before they were made bytes.
- words: the same passages in tantivy, each the terms that are indexed for it, as words, in one segment; the same
  questions as OR of their terms, built beforehand, hits not counted, so that it may leave out what cannot be among the
  best. What a call from Python costs, measured with a term that does not occur, is taken off its times, not off ours.

Each time is the best of five for a query; the two programs take turns. Medians and means are over queries.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROUNDS = 5


def prepare(options):
    """Builds the programs, the index, and the environment; starts this script again inside that."""
    swift = os.environ.get("CICERONE_SWIFT", "swift").split()
    if not options.no_build:
        subprocess.run([*swift, "build", "-c", "release", "--product", "performance"], cwd=REPOSITORY / "Benchmarks",
                       check=True, stdout=sys.stderr)
    program = REPOSITORY / "Benchmarks/.build/release/performance"
    queries = options.bench / "queries.jsonl"
    options.work.mkdir(parents=True, exist_ok=True)
    if not (options.work / "index").exists():
        subprocess.run([program, "grow", options.cache, str(options.passages), options.work], check=True)
    if not (options.work / "export/questions.txt").exists():
        subprocess.run([program, "export", queries, options.work, options.work / "export"], check=True)
    python = options.venv / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", options.venv], check=True)
        links = ["--no-index", "--find-links", options.find_links] if options.find_links else []
        subprocess.run([python, "-m", "pip", "install", "-q", *links, "numpy", "faiss-cpu", "tantivy"], check=True)
    arguments = [python, __file__, *sys.argv[1:], "--inside", program]
    os.environ["OMP_NUM_THREADS"] = "1"
    os.execv(python, [str(part) for part in arguments])


def milliseconds(seconds):
    return (f"median {1000 * statistics.median(seconds):.3f} ms, mean {1000 * statistics.mean(seconds):.3f} ms, "
            f"p99 {1000 * sorted(seconds)[len(seconds) * 99 // 100]:.3f} ms")


def ratios(ours, theirs):
    return (f"{statistics.median(theirs) / statistics.median(ours):.1f} times as fast by the median, "
            f"{statistics.mean(theirs) / statistics.mean(ours):.1f} by the mean")


def timed(items, body, best, results=None):
    """One round over all queries, the best time of each kept."""
    for number, item in enumerate(items):
        start = time.perf_counter()
        found = body(item)
        best[number] = min(best[number], time.perf_counter() - start)
        if results is not None:
            results[number] = found


class Ours:
    def __init__(self, program, options):
        self.command = [program, "parts", options.bench / "queries.jsonl", options.work, options.work / "parts.json"]
        self.best = None

    def round(self):
        """Five rounds of ours; of all such the best times count."""
        subprocess.run([str(part) for part in self.command], check=True)
        report = json.loads(Path(self.command[-1]).read_text())
        if self.best is None:
            self.best = report
        for part in ("vectors", "words"):
            for count, measured in self.best[part].items():
                measured["seconds"] = [min(pair) for pair in zip(measured["seconds"], report[part][count]["seconds"])]


def vectors(ours, export, options):
    import faiss
    import numpy as np
    faiss.omp_set_num_threads(1)
    queries = np.fromfile(export / "queries.f32", dtype=np.float32)
    passages = ours.best["passages"]
    stored = np.fromfile(export / "vectors.f32", dtype=np.float32).reshape(passages, -1)
    dimensions = stored.shape[1]
    queries = queries.reshape(-1, dimensions)
    groups = (export / "groups.txt").read_text().split("\n")
    index = faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    index.train(stored[:: max(1, passages // 100_000)])
    for start in range(0, passages, 50_000):
        index.add(stored[start:start + 50_000])
    rows = [queries[number:number + 1] for number in range(len(queries))]
    exact = [stored @ query for query in queries]
    for count in (10, 200):
        best = [float("inf")] * len(rows)
        found = [None] * len(rows)
        timed(rows, lambda row: index.search(row, count)[1][0], best, found)
        for _ in range(options.rounds):
            ours.round()
            timed(rows, lambda row: index.search(row, count)[1][0], best, found)
        mine = ours.best["vectors"][str(count)]
        print(f"vectors, best {count} of {passages} passages")
        for name, seconds, results in (("cicerone", mine["seconds"], mine["rows"]), ("faiss SQ8", best, found)):
            print(f"  {name:9s} {milliseconds(seconds)}; recall {recall(exact, results, count):.4f}")
        print(f"  {ratios(mine['seconds'], best)}", flush=True)
    # Copies of a passage are told apart by their paths alone, that is by less than a byte can say.
    wide = ours.best["vectors"]["200"]["rows"]
    print(f"  recall@10 of distinct passages, where copies of one count as one: "
          f"{distinct_recall(exact, wide, groups, 10):.4f}", flush=True)


def recall(exact, found, count):
    """The share of the results whose exact product is not below that of the last of the exact results."""
    import numpy as np
    shares = []
    for products, rows in zip(exact, found):
        lowest = np.partition(products, len(products) - count)[len(products) - count] - 1e-6
        shares.append(sum(products[row] >= lowest for row in rows[:count]) / count)
    return statistics.mean(shares)


def distinct_recall(exact, found, groups, count):
    import numpy as np

    def first(rows):
        seen = dict.fromkeys(groups[row] for row in rows)
        return set(list(seen)[:count])

    shares = []
    for products, rows in zip(exact, found):
        top = np.argpartition(-products, min(len(products) - 1, 5000))[:5000]
        wanted = first(top[np.argsort(-products[top])])
        shares.append(len(wanted & first(rows)) / len(wanted))
    return statistics.mean(shares)


def words(ours, export, options):
    import tantivy
    folder = options.work / f"tantivy-{tantivy.__version__ if hasattr(tantivy, '__version__') else 'index'}"
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    if folder.exists():
        index = tantivy.Index.open(str(folder))
    else:
        folder.mkdir(parents=True)
        index = tantivy.Index(schema, path=str(folder))
        writer = index.writer(heap_size=1 << 30, num_threads=1)
        with open(export / "words.txt", encoding="ascii") as lines:
            for line in lines:
                writer.add_document(tantivy.Document(body=line))
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    passages = ours.best["passages"]
    if searcher.num_docs != passages:
        sys.exit(f"tantivy has {searcher.num_docs} documents instead of {passages}")

    def term(word):
        return tantivy.Query.term_query(schema, "body", word, index_option="freq")

    queries = []
    for line in (export / "questions.txt").read_text().splitlines():
        queries.append(tantivy.Query.boolean_query([(tantivy.Occur.Should, term(word)) for word in line.split()]))
    for count in (10, 200):
        nothing = [float("inf")]
        best = [float("inf")] * len(queries)
        for _ in range(options.rounds + 1):
            for _ in range(200):
                timed([term("nowhere")], lambda query: searcher.search(query, limit=count, count=False), nothing)
            for _ in range(ROUNDS):
                timed(queries, lambda query: searcher.search(query, limit=count, count=False), best)
            ours.round()
        net = [max(0.0, seconds - nothing[0]) for seconds in best]
        mine = ours.best["words"][str(count)]["seconds"]
        print(f"words, best {count} of {passages} passages in {searcher.num_segments} segment(s) of tantivy")
        print(f"  cicerone  {milliseconds(mine)}")
        print(f"  tantivy   {milliseconds(net)} (without {1e6 * nothing[0]:.0f} µs a call)")
        print(f"  {ratios(mine, net)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--venv", type=Path, required=True)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2, help="turns of the two programs")
    parser.add_argument("--find-links", help="a folder of wheels instead of the package index")
    parser.add_argument("--no-build", action="store_true", help="use the program as it was built last")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        prepare(options)
    ours = Ours(options.inside, options)
    ours.round()
    words(ours, options.work / "export", options)
    vectors(ours, options.work / "export", options)


main()
