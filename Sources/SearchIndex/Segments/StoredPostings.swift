/// The `Postings` of a segment, where they lie in its bytes.
struct StoredPostings: Sendable {
  /// The terms, ascending.
  let terms: Section<Term>
  /// `offsets[i] ..< offsets[i + 1]` are the postings of `terms[i]`.
  let offsets: Section<UInt32>
  /// Document numbers, ascending for each term.
  let documents: Section<UInt32>
  /// The impact of each posting.
  let impacts: Section<UInt16>

  /// The postings of a term.
  func range(of term: Term) -> Range<Int> {
    guard let index = terms.withUnsafeBufferPointer({ Postings.position(of: term, in: $0) }) else { return 0..<0 }
    let lower = Int(offsets[index])
    let upper = Int(offsets[index + 1])
    return lower <= upper && upper <= documents.count ? lower..<upper : 0..<0
  }
}
