#!/usr/bin/env python3
"""How well "the workspace does not say" can be told from what a search finds.

abstention.py CACHE --bench BENCH [--foreign 15] [--seed 7]

Each corpus is asked its own questions, which it can answer, and as many of other corpora, which it cannot. Refusing is
the positive class: precision is the share of refusals that were right, recall the share of unanswerable questions that
were refused. Thresholds and weights that are tested on a corpus were fitted on the other corpora only.

Not every foreign question is unanswerable in truth (two HTTP servers both have timeouts), so the precision that can be
reached is a little below 1; and questions of another project are easier to tell than questions about something that
the project could have but has not.
"""
import argparse
import json
import math
import random

from common import Bench, add_locations, mean, read_lines

TOP = 5
FEATURES = {
    "coverage": lambda row: max((hit["coverage"] for hit in row["results"][:TOP]), default=0.0),
    "similarity": lambda row: max((hit["similarity"] for hit in row["results"][:TOP]), default=0.0),
    "mean coverage": lambda row: mean([hit["coverage"] for hit in row["results"][:TOP]] or [0.0]),
    "mean similarity": lambda row: mean([hit["similarity"] for hit in row["results"][:TOP]] or [0.0]),
    "similarity above the 50th": lambda row: (
        max(h["similarity"] for h in row["results"][:TOP]) - min(h["similarity"] for h in row["results"])
        if row["results"] else 0.0),
    "unknown": lambda row: row["unknown"],
}
PRECISIONS = (0.95, 0.92, 0.9, 0.85)
MODELS = [
    ["coverage"], ["similarity"], ["mean coverage"], ["mean similarity"], ["similarity above the 50th"], ["unknown"],
    ["coverage", "similarity"],
    ["coverage", "similarity", "unknown"],
    ["mean coverage", "mean similarity"],
    ["mean similarity", "unknown"],
    ["coverage", "mean similarity", "unknown"],
    ["coverage", "similarity", "mean coverage", "mean similarity", "unknown"],
    list(FEATURES),
]

# Of those, the ones that a person can keep in mind.
RULES = [["coverage", "similarity"], ["mean coverage", "mean similarity"], ["mean similarity", "unknown"],
         ["coverage", "mean similarity", "unknown"]]


# The rule in use (Sources/Assistant/Answers/EvidenceJudge.swift): what the mean of the best passages must reach, or one
# of them alone; coverage counts a quarter of similarity, and words that nothing in the workspace has count against it.
COVERAGE_WEIGHT, UNKNOWN_WEIGHT, MEAN_THRESHOLD, LONE_THRESHOLD = 0.25, 0.2, 0.355, 0.48


def refuses(row):
    """Whether the rule in use refuses to answer. (It also answers whoever names an identifier that is declared, which
    the runs do not show.)"""
    values = [COVERAGE_WEIGHT * hit["coverage"] + hit["similarity"] - UNKNOWN_WEIGHT * row["unknown"] for hit in row["results"][:TOP]]
    return not values or (mean(values) < MEAN_THRESHOLD and max(values) < LONE_THRESHOLD)


class Sample:
    def __init__(self, corpus, category, foreign, row):
        self.refused = refuses(row)
        self.corpus, self.category, self.foreign = corpus, category, foreign
        self.values = {name: feature(row) for name, feature in FEATURES.items()}


def ask(bench, foreign, seed):
    """Every question with what its features are in the corpus that it was asked of."""
    generator = random.Random(seed)
    asked = []
    for corpus in sorted({query["corpus"] for query in bench.queries}):
        others = [query for query in bench.queries if query["corpus"] != corpus]
        own = [query for query in bench.queries if query["corpus"] == corpus]
        for query in own + generator.sample(others, foreign):
            asked.append({"id": f"{corpus} {query['id']}", "corpus": corpus, "query": query["query"],
                          "category": query["category"], "foreign": query["corpus"] != corpus})
    path = bench.work / "abstention-queries.jsonl"
    path.write_text("".join(json.dumps(query) + "\n" for query in asked), encoding="utf-8")
    found = {row["id"]: row for row in read_lines(bench.run("abstention", queries=path)[0])}
    return [Sample(q["corpus"], q["category"], q["foreign"], found[q["id"]]) for q in asked]


def solve(matrix, right):
    """Gaussian elimination with pivoting."""
    size = len(right)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda index: abs(rows[index][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for index in range(column + 1, size):
            factor = rows[index][column] / rows[column][column]
            for other in range(column, size + 1):
                rows[index][other] -= factor * rows[column][other]
    result = [0.0] * size
    for index in reversed(range(size)):
        known = sum(rows[index][other] * result[other] for other in range(index + 1, size))
        result[index] = (rows[index][size] - known) / rows[index][index]
    return result


def logistic(samples, names, ridge=1e-3):
    """Weights (the last is the constant) by Newton's method; the score is high where a question should be refused."""
    inputs = [[sample.values[name] for name in names] + [1.0] for sample in samples]
    weights = [0.0] * (len(names) + 1)
    for _ in range(25):
        gradient = [-ridge * weight for weight in weights]
        hessian = [[ridge if i == j else 0.0 for j in range(len(weights))] for i in range(len(weights))]
        for values, sample in zip(inputs, samples):
            score = sum(weight * value for weight, value in zip(weights, values))
            probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            for i, value in enumerate(values):
                gradient[i] += value * (sample.foreign - probability)
                for j, other in enumerate(values):
                    hessian[i][j] += value * other * probability * (1 - probability)
        step = solve(hessian, gradient)
        weights = [weight + change for weight, change in zip(weights, step)]
        if max(map(abs, step)) < 1e-8:
            break
    return weights


def score(sample, names, weights):
    return sum(weight * sample.values[name] for weight, name in zip(weights, names)) + weights[-1]


def rates(pairs, threshold):
    """Precision, recall and the share of answerable questions refused, for (score, foreign) pairs."""
    refused = [foreign for value, foreign in pairs if value >= threshold]
    right, foreign = sum(refused), sum(f for _, f in pairs)
    return (right / len(refused) if refused else 1.0, right / foreign, (len(refused) - right) / (len(pairs) - foreign))


def area(pairs):
    """The area below the ROC curve: how often a foreign question scores above an own one."""
    own = [value for value, foreign in pairs if not foreign]
    wins = sum((value > other) + 0.5 * (value == other) for value, foreign in pairs if foreign for other in own)
    return wins / (len(own) * (len(pairs) - len(own)))


def threshold_for(pairs, precision):
    """The lowest threshold whose refusals are right often enough; the highest score where none is."""
    best = max(value for value, _ in pairs)
    right = refused = 0
    ordered = sorted(pairs, reverse=True)
    for index, (value, foreign) in enumerate(ordered):
        refused += 1
        right += foreign
        # Equal scores are refused together.
        if index + 1 < len(ordered) and ordered[index + 1][0] == value:
            continue
        if right / refused >= precision:
            best = value
    return best


def cross_validated(samples, names, precision):
    """Each corpus by weights and a threshold that the others gave: (score above the threshold, foreign) pairs."""
    decisions = []
    for corpus in sorted({sample.corpus for sample in samples}):
        others = [sample for sample in samples if sample.corpus != corpus]
        weights = logistic(others, names)
        threshold = threshold_for([(score(s, names, weights), s.foreign) for s in others], precision)
        decisions += [(sample, score(sample, names, weights) - threshold) for sample in samples if sample.corpus == corpus]
    return decisions


def judge(name, decisions):
    """A rule's line of the table, from (sample, refused) pairs."""
    refused = [sample for sample, value in decisions if value]
    right, foreign = sum(s.foreign for s in refused), sum(s.foreign for s, _ in decisions)
    own = len(decisions) - foreign
    return (f"{name:66s} {right / len(refused) if refused else 1:9.3f} {right / foreign:7.3f} "
            f"{(len(refused) - right) / own:13.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_locations(parser)
    parser.add_argument("--foreign", type=int, default=15, help="foreign questions a corpus")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    samples = ask(Bench(options), options.foreign, options.seed)
    foreign = sum(sample.foreign for sample in samples)
    print(f"{len(samples) - foreign} answerable and {foreign} foreign questions, seed {options.seed}\n")

    print("Quartiles (answerable | foreign):")
    for name in FEATURES:
        def quartiles(kind):
            values = sorted(s.values[name] for s in samples if s.foreign == kind)
            return " ".join(f"{values[int(len(values) * share)]:.3f}" for share in (0.05, 0.25, 0.5, 0.75, 0.95))
        print(f"  {name:26s} {quartiles(False)} | {quartiles(True)}")

    print("\nFeatures and linear scores; thresholds for four precisions, cross-validated by corpus:")
    print(f"{'':92s} {'ROC area':>9s}" + "".join(f"{f'prec/recall for {p}':>22s}" for p in PRECISIONS))
    for names in MODELS:
        weights = logistic(samples, names)
        pairs = [(score(sample, names, weights), sample.foreign) for sample in samples]
        cells = []
        for precision in PRECISIONS:
            held = [(value, sample.foreign) for sample, value in cross_validated(samples, names, precision)]
            reached, recall, _ = rates(held, 0)
            cells.append(f"{f'{reached:.3f} / {recall:.3f}':>22s}")
        print(f"{', '.join(names):92s} {area(pairs):9.3f}" + "".join(cells))

    print("\nRules, on all questions:")
    print(f"{'':66s} {'precision':>9s} {'recall':>7s} {'own refused':>13s}")
    print(judge("in use", [(sample, sample.refused) for sample in samples]))
    for names in RULES:
        weights = logistic(samples, names)
        pairs = [(score(sample, names, weights), sample.foreign) for sample in samples]
        for precision in (0.95, 0.92):
            threshold = threshold_for(pairs, precision)
            # Scaled so that the similarity counts once: a form that a person can read.
            unit = -weights[next(i for i, name in enumerate(names) if name.endswith("similarity"))]
            terms = " ".join(f"{-weight / unit:+.2f}·{name}" for name, weight in zip(names, weights))
            limit = (weights[-1] - threshold) / unit
            print(judge(f"{terms} < {-0.0 + limit:.3f}",
                        [(s, score(s, names, weights) >= threshold) for s in samples]))
            for category in sorted({sample.category for sample in samples}):
                part = [(s, score(s, names, weights) >= threshold) for s in samples if s.category == category]
                print(judge(f"    {category}", part))


if __name__ == "__main__":
    main()
