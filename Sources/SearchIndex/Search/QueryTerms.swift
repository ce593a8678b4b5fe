/// The terms of a question with their rarity in an index, to tell which lines of a passage it is about.
public struct QueryTerms: Sendable {
  private let weights: [Term: Float]
  /// How much of the question's weight of words stands nowhere in the index, 0...1: words that the whole workspace does
  /// not know. 0 for a question without words.
  public let unknownShare: Float

  /// Takes a question apart.
  public init(_ question: String, in snapshot: IndexSnapshot) {
    var weights: [Term: Float] = [:]
    var total: Float = 0
    var unknown: Float = 0
    for weighted in SearchQuery(question).terms {
      let count = snapshot.documentFrequency(snapshot.parts.map { $0.segment.passageTerms.range(of: weighted.term) })
      let weight = weighted.weight * BM25.inverseDocumentFrequency(count: count, total: snapshot.passageCount)
      weights[weighted.term] = weight
      total += weight
      if count == 0 { unknown += weight }
    }
    self.weights = weights
    unknownShare = total > 0 ? unknown / total : 0
  }

  /// The weight of the question's distinct terms that stand in some bytes; 0 where none does.
  public func weight(of bytes: UnsafeBufferPointer<UInt8>) -> Float {
    var found: Set<Term> = []
    TermScanner.forEachTerm(in: bytes) { term, _ in
      if weights[term] != nil { found.insert(term) }
    }
    return found.reduce(0) { $0 + (weights[$1] ?? 0) }
  }
}
