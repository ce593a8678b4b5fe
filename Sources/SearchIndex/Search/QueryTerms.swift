/// The terms of a question with their rarity in an index, to tell which lines of a passage it is about.
public struct QueryTerms: Sendable {
  private let weights: [Term: Float]

  /// Takes a question apart.
  public init(_ question: String, in snapshot: IndexSnapshot) {
    var weights: [Term: Float] = [:]
    for weighted in SearchQuery(question).terms {
      let count = snapshot.parts.reduce(0) { $0 + $1.segment.passageTerms.range(of: weighted.term).count }
      weights[weighted.term] =
        weighted.weight * BM25.inverseDocumentFrequency(count: count, total: snapshot.capacity)
    }
    self.weights = weights
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
