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
