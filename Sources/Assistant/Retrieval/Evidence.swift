internal import SearchIndex
internal import Workspace

/// A passage that was found and read: its text is what stands there now.
struct Evidence: Sendable {
  /// The workspace folder.
  var root: FileURI
  /// The file.
  var uri: String
  /// The path relative to the workspace folder.
  var path: String
  /// The whole text of the file or open buffer, shared between its passages.
  var source: SourceText
  /// The passage's bytes in `source`; whole lines without the last one's ending.
  var bytes: Range<Int>
  /// The passage's lines, zero-based.
  var lines: Range<Int>
  var symbol: String
  /// The language identifier as LSP spells it.
  var language: String
  var score: Float
  /// How much of the query's weight of words the passage contains, 0...1.
  var coverage: Float
  /// The cosine between the embeddings of the query and the passage.
  var similarity: Float
  var why: [String: Double]

  /// The text; ill-formed bytes are repaired.
  var text: String { source.string(in: bytes) }

  /// The hash of the text as citations carry it: 16 hexadecimal digits.
  var contentHash: String { Evidence.hash(of: source, bytes: bytes) }

  static func hash(of source: SourceText, bytes: Range<Int>) -> String {
    source.bytes.withUnsafeBytes { all in
      let range = bytes.clamped(to: 0..<all.count)
      return ContentHash(UnsafeRawBufferPointer(rebasing: all[range])).shortHex
    }
  }

  /// The lines as `path:first-last`, counted from 1 as people do.
  var location: String {
    let first = lines.lowerBound + 1
    let last = max(first, lines.upperBound)
    return first == last ? "\(path):\(first)" : "\(path):\(first)-\(last)"
  }

  func citation(id: Int, encoding: PositionEncoding, verified: Bool, bestScore: Float) -> Citation {
    Citation(
      id: id, uri: uri, path: path, range: source.sourceRange(of: bytes, encoding: encoding),
      symbol: symbol.isEmpty ? nil : symbol, contentHash: contentHash, verified: verified,
      score: Double(bestScore > 0 ? min(1, score / bestScore) : 0))
  }
}
