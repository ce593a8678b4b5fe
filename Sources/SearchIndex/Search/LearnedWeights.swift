// Written by Benchmarks/retrieval/learn.py: see docs/benchmarks.md. Learn anew instead of editing.

extension FeatureVector {
  /// What each feature is worth beside the score of the fusion, which is 1 for the best candidate.
  public static let learned: FeatureVector = {
    var weights = FeatureVector()
    weights[.fileMatch] = 0.14
    weights[.function] = 0.15
    weights[.match] = 0.22
    weights[.nameMeaning] = 0.1
    weights[.pathMeaning] = 0.09
    return weights
  }()
}
