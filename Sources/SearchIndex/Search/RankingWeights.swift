/// The constants of the ranking. `Benchmarks/` measures what each is worth.
public struct RankingWeights: Sendable {
  /// Share of the dense score in the fusion, for questions in words.
  public var denseForWords: Float = 0.62
  /// The same for identifiers.
  public var denseForSymbols: Float = 0.35
  /// Candidates taken from each of the two searches.
  public var candidates: Int = 200
  /// How much the rarity of a word counts in the embedding of a query, as an exponent.
  public var rarity: Float = 0.75
  /// Candidates that are looked at closely.
  public var reranked: Int = 50
  /// What each feature of those is worth.
  public var features = FeatureVector.learned
  /// Added for a path that contains all the query's terms.
  public var path: Float = 0.3
  /// Added for a file that the query names by its name or path.
  public var namedFile: Float = 1.5
  /// Added for a declaration whose whole name is an identifier of the query.
  public var definition: Float = 0.3
  /// Added for a file whose other passages match well too.
  public var coherence: Float = 0.9
  /// Factor for each passage of a file after its first.
  public var saturation: Float = 0.97
  /// Factor for each passage of a declaration after its first.
  public var declarationSaturation: Float = 0.8
  /// Factor for tests, where the query does not ask for them.
  public var test: Float = 0.5
  /// Factor for examples and documents, where the query does not ask for them.
  public var example: Float = 0.75
  /// Factor for vendored code.
  public var vendored: Float = 0.5
  /// Factor for generated code.
  public var generated: Float = 0.6

  /// The weights that the program uses.
  public init() {}
}
