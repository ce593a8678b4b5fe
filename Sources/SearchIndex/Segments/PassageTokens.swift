/// The distinct tokens of passages that are added one after another.
///
/// They are numbers of the embedding model's vocabulary, which has less than 2¹⁶ entries; of a larger one, what lies
/// beyond is not kept.
struct PassageTokens {
  /// `offsets[i] ..< offsets[i + 1]` are the tokens of passage i.
  private(set) var offsets: [UInt32] = [0]
  private(set) var tokens: [UInt16] = []

  /// Adds the tokens of the next passage.
  mutating func append(_ distinct: [UInt32]) {
    for token in distinct where token <= UInt16.max { tokens.append(UInt16(truncatingIfNeeded: token)) }
    offsets.append(UInt32(tokens.count))
  }

  /// Forgets all passages and keeps the memory.
  mutating func removeAll() {
    offsets.removeAll(keepingCapacity: true)
    offsets.append(0)
    tokens.removeAll(keepingCapacity: true)
  }

  /// The same for tokens that were kept already.
  mutating func append(_ distinct: UnsafeBufferPointer<UInt16>) {
    tokens.append(contentsOf: distinct)
    offsets.append(UInt32(tokens.count))
  }
}

/// The `PassageTokens` of a segment, where they lie in its bytes.
struct StoredTokens: Sendable {
  let offsets: Section<UInt32>
  let tokens: Section<UInt16>

  /// Calls `body` with the distinct tokens of a passage.
  func withTokens<Result>(of passage: Int, _ body: (UnsafeBufferPointer<UInt16>) -> Result) -> Result {
    let lower = Int(offsets[passage])
    let upper = Int(offsets[passage + 1])
    return tokens.withUnsafeBufferPointer {
      body(
        lower <= upper && upper <= $0.count
          ? UnsafeBufferPointer(rebasing: $0[lower..<upper]) : .init(start: nil, count: 0))
    }
  }
}
