// Written by Benchmarks/retrieval/learn.py: see docs/benchmarks.md. Learn anew instead of editing.

extension FeatureVector {
  /// What each feature is worth beside the score of the fusion, which is 1 for the best candidate.
  public static let learned: FeatureVector = {
    var weights = FeatureVector()
    weights[.fileMatch] = 0.1
    weights[.function] = 0.15
    weights[.match] = 0.26
    weights[.nameMeaning] = 0.11
    weights[.pathMeaning] = 0.08
    return weights
  }()
}
