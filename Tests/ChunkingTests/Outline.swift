import Chunking
import Testing

/// The declarations of a text as lines `indentation kind name @line`: what fixtures are compared with.
func outline(_ text: String, _ id: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
  let language = try #require(Language(id: id), sourceLocation: sourceLocation)
  let result = Chunker().chunk(Array(text.utf8), language: language)
  return result.declarations.map {
    String(repeating: "  ", count: $0.depth) + "\($0.kind) \($0.name) @\($0.startLine + 1)"
  }.joined(separator: "\n")
}

/// A generator whose sequence is the same in every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
