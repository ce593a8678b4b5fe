internal import Embeddings

/// A query as the embedding model sees it, where each word also counts by how rare it is in the index: a word that
/// stands everywhere in a workspace tells its passages apart as little as a stop word does.
struct QueryEmbedding {
  /// The distinct tokens.
  private(set) var tokens: [UInt32] = []
  /// How much each of them counts when tokens are matched one by one; the sum is 1, or 0 without tokens.
  private(set) var shares: [Float] = []
  /// The quantised embedding.
  private(set) var codes: [Int8]
  /// The factor that turns `codes` into the unit vector; 0 for a query without tokens.
  private(set) var scale: Float

  /// Embeds a query.
  ///
  /// - Parameters:
  ///   - exponent: how much rarity counts in the embedding; 0 is the model's own weight alone.
  ///   - rarity: the inverse document frequency of a term.
  init(
    _ text: String, exponent: Float, embedder: inout StaticEmbedder, matcher: TokenMatcher,
    rarity: (Term) -> Float
  ) {
    var text = text
    var counts: [UInt32: (count: Float, rarity: Float)] = [:]
    for (word, tokens) in text.withUTF8({ embedder.words(of: $0) }) where !tokens.isEmpty {
      let rarity = rarity(TermScanner.term(of: word))
      for token in tokens {
        let before = counts[token] ?? (0, 0)
        counts[token] = (before.count + 1, max(before.rarity, rarity))
      }
    }
    var weighted: [(token: UInt32, weight: Float)] = []
    for token in counts.keys.sorted() {
      guard let entry = counts[token] else { continue }
      let frequency = entry.count.squareRoot()
      tokens.append(token)
      shares.append(frequency * matcher.weight(of: token) * entry.rarity)
      weighted.append(
        (token, frequency * embedder.model.queryWeight(of: token) * Logarithm.power(entry.rarity, exponent)))
    }
    let sum = shares.reduce(0, +)
    if sum > 0 { shares = shares.map { $0 / sum } }
    var codes = [Int8](repeating: 0, count: embedder.model.dimensions)
    scale = codes.withUnsafeMutableBufferPointer { codes in
      codes.baseAddress.map { embedder.embed(weighted, codes: $0) } ?? 0
    }
    self.codes = codes
  }
}
