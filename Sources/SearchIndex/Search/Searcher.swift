public import Embeddings
internal import Workspace

/// Which kinds of evidence a search uses.
public enum SearchEvidence: Sendable {
  /// Words and meaning.
  case hybrid
  /// Meaning alone.
  case dense
  /// Words alone.
  case lexical
  /// Names of declarations.
  case symbol
}

/// A passage that a search found.
public struct SearchHit: Sendable {
  /// The passage.
  public var passage: PassageReference
  /// Higher is better; comparable within one search.
  public var score: Float
  /// How much of the query's weight of words the passage contains, 0...1.
  public var coverage: Float
  /// The cosine between the query's and the passage's embeddings; 0 where the search asked for words alone.
  public var similarity: Float
  /// The parts of `score`.
  public var why: [String: Double]
}

/// Searches snapshots. It keeps no state between searches except scratch memory: give each thread its own.
public struct Searcher {
  private var embedder: StaticEmbedder
  /// The constants of the ranking.
  public var weights: RankingWeights
  /// Passages up to which every vector is compared; beyond, a first pass over their sign codes decides which are.
  public var exhaustive = 50_000
  var scratch = SearchScratch()
  private var matcher: TokenMatcher

  /// Makes a searcher.
  public init(model: StaticEmbeddingModel = .embedded, weights: RankingWeights = RankingWeights()) {
    embedder = StaticEmbedder(model: model)
    matcher = TokenMatcher(model: model)
    self.weights = weights
  }

  /// The best passages for a query, best first.
  ///
  /// - Parameters:
  ///   - limit: passages at most.
  ///   - vector: the query as the embedder sees it whose vectors serve the snapshot; without it, or with one of another
  ///     space, the embedded model decides what is near.
  ///   - accepts: whether a file may be in the result; asked once a file.
  public mutating func search(
    _ text: String, in snapshot: IndexSnapshot, limit: Int, evidence: SearchEvidence = .hybrid,
    vector: QueryVector? = nil, accepts: ((IndexedFile) -> Bool)? = nil
  ) -> [SearchHit] {
    guard limit > 0, snapshot.passageCount > 0 else { return [] }
    let limit = min(limit, snapshot.passageCount)
    let ranker = rank(text, in: snapshot, limit: limit, evidence: evidence, vector: vector, accepts: accepts)
    var hits = ranker.hits(limit: limit)
    if ranker.evaluation.embedding != nil {
      // With the model's own weights of the query's words, so that a value means the same in every workspace.
      let plain = QueryEmbedding(
        ranker.evaluation.query.text, exponent: 0, embedder: &embedder, matcher: matcher, rarity: { _ in 1 })
      for index in hits.indices {
        let (segment, passage) = (hits[index].passage.segment, hits[index].passage.passage)
        hits[index].similarity = segment.cosine(of: passage, with: plain.codes, scale: plain.scale)
      }
    }
    return hits
  }

  /// Ranks the candidates of a query.
  mutating func rank(
    _ text: String, in snapshot: IndexSnapshot, limit: Int, evidence: SearchEvidence, vector: QueryVector? = nil,
    accepts: ((IndexedFile) -> Bool)?
  ) -> Ranker {
    let query = SearchQuery(text)
    var evaluation = QueryEvaluation(snapshot: snapshot, query: query)
    evaluation.scoreTerms()
    evaluation.scorePaths()
    if evidence == .hybrid || evidence == .dense {
      let embedding = QueryEmbedding(
        query.text, exponent: weights.rarity, embedder: &embedder, matcher: matcher,
        rarity: { snapshot.inverseDocumentFrequency(of: $0) })
      evaluation.setEmbedding(embedding)
    }
    let runs =
      accepts.map { accepts in
        snapshot.parts.map { part in
          IndexSnapshot.Part.runs(of: part.segment.files) { part.live[$0] && accepts(part.segment.files[$0]) }
        }
      } ?? snapshot.parts.map(\.runs)
    if let vector, evaluation.embedding != nil, let served = snapshot.served, served.space == vector.space,
      served.dimensions == vector.dimensions
    {
      evaluation.setVector(vector, in: served, runs: runs)
    }
    let named = NamedFiles(query, in: snapshot, runs: runs)
    let found = evaluation.candidates(
      count: max(weights.candidates, 4 * limit), evidence: evidence, runs: runs, exhaustive: exhaustive,
      scratch: &scratch)
    let candidates = named.add(to: found, of: snapshot) { evaluation.nearness(part: $0, passage: $1) }
    var ranker = Ranker(weights: weights, evaluation: evaluation, evidence: evidence, named: named)
    ranker.fuse(candidates)
    if evidence == .hybrid, let embedding = evaluation.embedding {
      let describer = PassageDescriber(query: query, embedding: embedding, evaluation: evaluation)
      ranker.rerank { describer.describe($0, matcher: &matcher, embedder: &embedder) }
    }
    return ranker
  }
}
