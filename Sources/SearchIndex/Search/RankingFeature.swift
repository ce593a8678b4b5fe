/// What the re-ranking looks at in a candidate. Each lies in 0...1, where 1 is the best of the candidates that are
/// re-ranked.
public enum RankingFeature: Int, CaseIterable, Sendable {
  /// How close the passage's tokens come to each of the query's.
  case match
  /// The same for all candidates of its file together.
  case fileMatch
  /// The cosine between the query and the names of the declarations.
  case nameMeaning
  /// The cosine between the query and the path.
  case pathMeaning
  /// Whether it is a function, unless the query is an identifier: behaviour is looked for in what behaves.
  case function
}

/// A number for each `RankingFeature`.
public struct FeatureVector: Sendable, Equatable {
  private var values = SIMD8<Float>(repeating: 0)

  /// All zero.
  public init() {}

  /// The number of a feature.
  public subscript(_ feature: RankingFeature) -> Float {
    get { values[feature.rawValue] }
    set { values[feature.rawValue] = newValue }
  }

  /// The products of the numbers of each feature.
  static func * (left: FeatureVector, right: FeatureVector) -> FeatureVector {
    var result = FeatureVector()
    result.values = left.values * right.values
    return result
  }
}

/// A candidate that was re-ranked, with what it was judged by: the score is
/// `prior` × (`base` + Σ weight × feature), before it counts what else stands in the list.
public struct RankingExample: Sendable {
  /// The passage.
  public var passage: PassageReference
  /// The score of the fusion, 1 for the best.
  public var base: Float
  /// The factor for its kind of file.
  public var prior: Float
  /// What the re-ranking looked at.
  public var features: FeatureVector
}
