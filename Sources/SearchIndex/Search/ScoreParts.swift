/// What a score is made of.
struct ScoreParts {
  /// The names of the parts, as `SearchHit.why` has them.
  enum Name: Int, CaseIterable {
    // The features, in the order of `RankingFeature`.
    case match, fileMatch, nameMeaning, pathMeaning, function
    /// The two scores that are fused.
    case lexical, dense
    /// The declaration of what the query names.
    case definition
    /// Words of the path.
    case path
    /// The query names the file.
    case namedFile
    /// The file's other passages.
    case file
    /// In the place of the features, for candidates that were not looked at.
    case rest
  }

  private var values = SIMD16<Float>(repeating: 0)

  init() {}

  /// The parts that are features, each times its weight.
  init(_ features: FeatureVector) {
    for feature in RankingFeature.allCases { values[feature.rawValue] = features[feature] }
  }

  /// One part.
  subscript(_ name: Name) -> Float {
    get { values[name.rawValue] }
    set { values[name.rawValue] = newValue }
  }

  /// All of them together.
  var sum: Float { values.sum() }

  mutating func add(_ other: ScoreParts) { values += other.values }
  mutating func scale(by factor: Float) { values *= factor }

  /// The parts by their names: the two kinds of evidence always, others where they count.
  var named: [String: Double] {
    var named: [String: Double] = [:]
    for (name, spelling) in Self.names where self[name] != 0 || name == .lexical || name == .dense {
      named[spelling] = Double(self[name])
    }
    return named
  }

  /// Spelt once: it takes long.
  private static let names = Name.allCases.map { ($0, "\($0)") }
}
