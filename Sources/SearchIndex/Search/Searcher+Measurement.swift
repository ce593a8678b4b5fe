public import Embeddings

/// Parts of a search alone, for what measures them; the product uses none of this.
extension Searcher {
  /// A question that has been taken apart.
  @_spi(Measurement) public struct PreparedQuery {
    let query: SearchQuery
    /// Its distinct terms, as hashes.
    public var terms: [UInt64] { query.terms.map(\.term) }
    /// Its embedding as signed bytes.
    public let codes: [Int8]
    /// The factor that turns `codes` into a unit vector; 0 when the text has no tokens.
    public let scale: Float

    /// Takes a question apart.
    public init(_ text: String, embedder: inout StaticEmbedder) {
      query = SearchQuery(text)
      var codes = [Int8](repeating: 0, count: embedder.model.dimensions)
      var text = text
      scale = text.withUTF8 { text in
        codes.withUnsafeMutableBufferPointer { codes in
          codes.baseAddress.map { embedder.embed(text, as: .query, codes: $0) } ?? 0
        }
      }
      self.codes = codes
    }
  }

  /// The candidates of a query that are looked at closely, with what they are judged by.
  @_spi(Measurement)
  public mutating func examples(for text: String, in snapshot: IndexSnapshot) -> [RankingExample] {
    rank(text, in: snapshot, limit: 50, evidence: .hybrid, accepts: nil).described()
  }

  /// The passages with the nearest vectors: their numbers, ascending, with cosines.
  @_spi(Measurement)
  public mutating func nearest(
    _ query: PreparedQuery, in snapshot: IndexSnapshot, count: Int
  ) -> [(number: Int, score: Float)] {
    guard query.scale > 0 else { return [] }
    return VectorScan(codes: query.codes, scale: query.scale).best(
      count, of: snapshot.parts, runs: snapshot.parts.map(\.runs), exhaustive: exhaustive, scratch: &scratch)
  }

  /// The passages with the highest scores by words: their numbers, ascending, with scores.
  @_spi(Measurement)
  public mutating func matches(
    _ query: PreparedQuery, in snapshot: IndexSnapshot, count: Int
  ) -> [(number: Int, score: Float)] {
    var evaluation = QueryEvaluation(snapshot: snapshot, query: query.query)
    evaluation.scoreTerms()
    return evaluation.matches(count, runs: snapshot.parts.map(\.runs), scratch: &scratch)
  }

  /// The terms that are indexed for some bytes, as hashes, in order.
  @_spi(Measurement) public static func terms(of bytes: UnsafeBufferPointer<UInt8>) -> [UInt64] {
    var terms: [UInt64] = []
    TermScanner.forEachTerm(in: bytes) { term, _ in terms.append(term) }
    return terms
  }
}

extension IndexSnapshot {
  /// The numbers of all live passages, ascending.
  @_spi(Measurement) public var numbers: [Int] {
    parts.flatMap { part in part.runs.flatMap { $0.map { part.base + $0 } } }
  }

  /// The passage of a number, with its vector.
  @_spi(Measurement)
  public func passage(number: Int) -> (passage: PassageReference, codes: [Int8], scale: Float)? {
    guard let part = parts.last(where: { $0.base <= number }), number - part.base < part.segment.passages.count else {
      return nil
    }
    let segment = part.segment
    let dimensions = segment.codes.count / segment.passages.count
    let start = (number - part.base) * dimensions
    return (
      PassageReference(segment: segment, passage: number - part.base), Array(segment.codes[start..<start + dimensions]),
      segment.scales[number - part.base]
    )
  }
}
