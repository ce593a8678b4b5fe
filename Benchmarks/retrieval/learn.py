#!/usr/bin/env python3
"""Learns what each feature of the re-ranking is worth, and says how well that carries over to other repositories.

learn.py CACHE --bench BENCH [--write]

The objective is the sum of file and passage NDCG@10 over the questions, less a price for each unit of weight, so that a
feature which does not pay gets none. It is climbed coordinate by coordinate, from zero. Cross-validation leaves out one
repository at a time: the weights are learned on 21 and scored on the 22nd. What ships is the mean of those weights, which
depends less on single questions than what is learned on all; `--write` puts it into LearnedWeights.swift.
"""
import argparse
import json
import math
from concurrent.futures import ProcessPoolExecutor

from common import REPOSITORY, Bench, add_locations, mean, read_lines

STEPS = (0.08, 0.04, 0.02)
PRICE = 0.01      # of a unit of weight, in NDCG
LEAST = 0.0002    # gain for which a step is taken
DISCOUNT = [1 / math.log2(rank + 2) for rank in range(10)]
FILE_SATURATION, DECLARATION_SATURATION = 0.97, 0.8   # as in RankingWeights


class Question:
    """One question with its candidates, prepared for scoring many weights."""

    def __init__(self, query, candidates, features):
        self.corpus = query["corpus"]
        self.base = [c["base"] for c in candidates]
        self.prior = [c["prior"] for c in candidates]
        self.features = [[c["features"][name] for name in features] for c in candidates]
        files, declarations = {}, {}
        self.file = [files.setdefault(c["path"], len(files)) for c in candidates]
        self.declaration = [
            declarations.setdefault((c["path"], c["symbol"]), len(declarations)) if c["symbol"] else None
            for c in candidates]
        relevant = query["relevant"]
        grades = {}
        for r in relevant:
            grades[r["path"]] = max(grades.get(r["path"], 0), r["grade"])
        self.file_gain = [2 ** grades.get(c["path"], 0) - 1 for c in candidates]
        self.ranges = [(2 ** r["grade"] - 1, r["start"], r["end"]) for r in relevant]
        self.lines = [(c["start"], c["end"]) for c in candidates]
        self.touched = [
            [j for j, r in enumerate(relevant)
             if r["path"] == c["path"] and c["start"] <= r["end"] and r["start"] <= c["end"]] for c in candidates]
        self.ideal_file = ideal(2 ** g - 1 for g in grades.values())
        self.ideal_passage = ideal(g for g, _, _ in self.ranges)

    def order(self, weights):
        scores = [
            prior * (base + sum(w * f for w, f in zip(weights, features)))
            for base, prior, features in zip(self.base, self.prior, self.features)]
        files, declarations, result = {}, {}, []
        for index in sorted(range(len(scores)), key=lambda i: -scores[i]):
            file, declaration = self.file[index], self.declaration[index]
            factor = FILE_SATURATION ** files.get(file, 0)
            files[file] = files.get(file, 0) + 1
            if declaration is not None:
                factor *= DECLARATION_SATURATION ** declarations.get(declaration, 0)
                declarations[declaration] = declarations.get(declaration, 0) + 1
            result.append((-scores[index] * factor, len(result), index))
        result.sort()
        return [index for _, _, index in result]

    def score(self, weights):
        """File and passage NDCG@10, by the benchmark's rules."""
        order = self.order(weights)
        files = list(dict.fromkeys(self.file[i] for i in order))[:10]
        gain = {self.file[i]: self.file_gain[i] for i in order}
        by_file = sum(gain[f] * d for f, d in zip(files, DISCOUNT)) / self.ideal_file
        credited, by_passage = set(), 0.0
        for index, discount in zip(order, DISCOUNT):
            free = [j for j in self.touched[index] if j not in credited]
            if free:
                start, end = self.lines[index]
                best = max(free, key=lambda j: (
                    self.ranges[j][0], min(end, self.ranges[j][2]) - max(start, self.ranges[j][1])))
                credited.add(best)
                by_passage += self.ranges[best][0] * discount
        return by_file, by_passage / self.ideal_passage


def ideal(gains):
    return sum(g * d for g, d in zip(sorted(gains, reverse=True), DISCOUNT))


def objective(questions, weights):
    return mean(sum(q.score(weights)) for q in questions) - PRICE * sum(map(abs, weights))


def learn(questions, count):
    weights = [0.0] * count
    best = objective(questions, weights)
    for step in STEPS:
        improved = True
        while improved:
            improved = False
            for index in range(count):
                for change in (step, -step):
                    while True:
                        candidate = weights[:]
                        candidate[index] = round(candidate[index] + change, 4)
                        value = objective(questions, candidate)
                        if value <= best + LEAST:
                            break
                        best, weights, improved = value, candidate, True
    return weights


def fold(job):
    held_out, questions, count = job
    weights = learn([q for q in questions if q.corpus != held_out], count)
    return weights, [(q.score(weights), q.score([0.0] * count)) for q in questions if q.corpus == held_out]


def whole(bench, features, weights_of):
    """The benchmark's scores with other weights for each corpus."""
    rows = []
    for corpus, weights in weights_of.items():
        queries = bench.work / "fold-queries.jsonl"
        queries.write_text("".join(json.dumps(q) + "\n" for q in bench.queries if q["corpus"] == corpus), encoding="utf-8")
        settings = [part for name, weight in zip(features, weights) for part in ("--set", f"feature.{name}={weight}")]
        rows += read_lines(bench.run("fold", *settings, queries=queries)[0])
    path = bench.work / "folds.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return bench.scores(path)


def write(features, weights):
    path = REPOSITORY / "Sources/SearchIndex/Search/LearnedWeights.swift"
    lines = [f"    weights[.{name}] = {weight:g}" for name, weight in zip(features, weights) if weight]
    path.write_text(
        "// Written by Benchmarks/retrieval/learn.py: see docs/benchmarks.md. Learn anew instead of editing.\n\n"
        "extension FeatureVector {\n"
        "  /// What each feature is worth beside the score of the fusion, which is 1 for the best candidate.\n"
        "  public static let learned: FeatureVector = {\n    var weights = FeatureVector()\n"
        + "\n".join(lines) + "\n    return weights\n  }()\n}\n", encoding="utf-8")
    print(f"written to {path.relative_to(REPOSITORY)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_locations(parser)
    parser.add_argument("--write", action="store_true", help="put the weights into the product")
    options = parser.parse_args()
    bench = Bench(options)
    out = bench.work / "features.jsonl"
    bench.run("learning", "--features", str(out))
    rows = {row["id"]: row["candidates"] for row in read_lines(out)}
    features = sorted(next(c for c in rows.values() if c)[0]["features"])
    questions = [Question(q, rows[q["id"]], features) for q in bench.queries if rows[q["id"]]]
    corpora = sorted({q.corpus for q in questions})

    with ProcessPoolExecutor() as pool:
        folds = list(pool.map(fold, [(corpus, questions, len(features)) for corpus in corpora]))
    print("weights, each row learned without one repository:\n")
    print(f"{'':20s}" + "".join(f"{name:>13s}" for name in features))
    for corpus, (weights, _) in zip(corpora, folds):
        print(f"{corpus:20s}" + "".join(f"{weight:13.2f}" for weight in weights))
    weights = [round(mean(weights[i] for weights, _ in folds), 2) for i in range(len(features))]
    print(f"{'mean':20s}" + "".join(f"{weight:13.2f}" for weight in weights))

    held_out = [pair for _, pairs in folds for pair in pairs]
    print(f"\n{len(held_out)} questions, only the candidates that are looked at closely:\n")
    print(f"{'':34s} {'file NDCG@10':>14s} {'passage NDCG@10':>16s}")
    zero = [0.0] * len(features)
    for name, scores in (
            ("fusion alone", [before for _, before in held_out]),
            ("learned on the other repositories", [after for after, _ in held_out]),
            ("the mean of the weights, on all", [q.score(weights) for q in questions])):
        print(f"{name:34s} {mean(s[0] for s in scores):14.4f} {mean(s[1] for s in scores):16.4f}")
    for metric, name in enumerate(("file", "passage")):
        low, high = bench.rules.bootstrap([(after[metric] - before[metric], 1) for after, before in held_out], 2000, 7)
        print(f"held out against fusion alone, {name}: "
              f"{mean(a[metric] - b[metric] for a, b in held_out):+.4f} [{low:+.4f}, {high:+.4f}]")
    scores = whole(bench, features, dict(zip(corpora, (weights for weights, _ in folds))))
    print(f"\nwhole lists, each repository ranked with what was learned on the others: file NDCG@10 "
          f"{mean(s['file_ndcg'] for s in scores):.4f}, passage NDCG@10 {mean(s['pass_ndcg'] for s in scores):.4f}")
    if options.write:
        write(features, weights)


if __name__ == "__main__":
    main()
