internal import Chunking
internal import SearchIndex
internal import Workspace

/// What of a passage is worth showing for a question: the declaration, what its comment says, and the decisive lines.
struct Excerpt: Sendable {
  /// The symbol path, or empty.
  var symbol: String
  /// The documentation's first paragraph, or empty.
  var summary: String
  /// The later paragraph of the documentation that speaks of the question more than the first does, or empty.
  var detail: String
  /// The signature on one line, or empty.
  var signature: String
  /// The lines to quote, zero-based.
  var lines: Range<Int>
  /// The quoted text.
  var code: String

  /// Lines to quote at most.
  static let longest = 14

  /// Reads a passage with the structure of its file.
  init(_ evidence: Evidence, terms: QueryTerms, chunker: Chunker) {
    let source = evidence.source
    let language = Language(id: evidence.language) ?? .plaintext
    let weights = Excerpt.weights(of: evidence, terms: terms)
    let chunked = chunker.chunk(source.bytes, language: language)
    let bestLine = evidence.lines.lowerBound + (weights.indices.max { weights[$0] < weights[$1] } ?? 0)
    // The innermost declaration that holds the decisive line; else the first that begins in the passage.
    let covering = chunked.declarations.filter { $0.lines.contains(bestLine) && $0.lines.overlaps(evidence.lines) }
    let declaration =
      covering.filter { !$0.kind.isMember }.max {
        ($0.depth, $0.byteRange.lowerBound) < ($1.depth, $1.byteRange.lowerBound)
      }
      ?? covering.last ?? chunked.declarations.first { evidence.lines.contains($0.startLine) }
    symbol = declaration?.symbolPath ?? evidence.symbol
    let paragraphs = declaration?.docRange.map { DocComment.paragraphs(of: source.string(in: $0)) } ?? []
    summary = paragraphs.first.map { DocComment.shortened($0, limit: 400) } ?? ""
    detail = Excerpt.detail(paragraphs, terms: terms)
    signature = declaration.map { Excerpt.oneLine(source.string(in: $0.signatureRange)) } ?? ""
    let docLines = declaration?.docRange.map {
      source.lines.line(at: $0.lowerBound)..<source.lines.line(at: max($0.lowerBound, $0.upperBound - 1)) + 1
    }
    lines = Excerpt.decisiveLines(
      evidence.lines, weights: weights, skipping: summary.isEmpty ? nil : docLines, in: source)
    code = Excerpt.text(of: lines, in: source)
  }

  /// The paragraph after the first with the most of the question in it, if it has more than the first.
  private static func detail(_ paragraphs: [String], terms: QueryTerms) -> String {
    let weights = paragraphs.map { text -> Float in
      var text = text
      return text.withUTF8 { terms.weight(of: $0) }
    }
    guard let best = weights.indices.max(by: { weights[$0] < weights[$1] }), best > 0, weights[best] > weights[0] else {
      return ""
    }
    return DocComment.shortened(paragraphs[best], limit: 700)
  }

  /// How much of the question stands in each line.
  private static func weights(of evidence: Evidence, terms: QueryTerms) -> [Float] {
    evidence.source.bytes.withUnsafeBufferPointer { bytes in
      evidence.lines.map { line in
        let range = evidence.source.lines.contentRange(ofLine: line, in: bytes)
        return terms.weight(of: UnsafeBufferPointer(rebasing: bytes[range]))
      }
    }
  }

  /// The window with the most of the question in it; a short passage as a whole. Comment lines that the summary says
  /// already are not said again.
  private static func decisiveLines(
    _ passage: Range<Int>, weights: [Float], skipping: Range<Int>?, in source: SourceText
  ) -> Range<Int> {
    var passage = passage
    var weights = weights[...]
    if let skipping, skipping.lowerBound <= passage.lowerBound, skipping.upperBound < passage.upperBound,
      skipping.upperBound > passage.lowerBound
    {
      weights = weights.dropFirst(skipping.upperBound - passage.lowerBound)
      passage = skipping.upperBound..<passage.upperBound
    }
    if passage.count <= longest { return passage }
    let values = Array(weights)
    var sum = values.prefix(longest).reduce(0, +)
    var best = (sum: sum, start: 0)
    for start in 1...(values.count - longest) {
      sum += values[start + longest - 1] - values[start - 1]
      if sum > best.sum + 1e-4 { best = (sum, start) }
    }
    return passage.lowerBound + best.start..<passage.lowerBound + best.start + longest
  }

  /// The text of some lines with their common indentation taken off.
  private static func text(of lines: Range<Int>, in source: SourceText) -> String {
    let texts = source.bytes.withUnsafeBufferPointer { bytes in
      lines.map { line -> String in
        let range = source.lines.contentRange(ofLine: line, in: bytes)
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        // Minified or generated lines would fill the screen.
        return text.count > 240 ? text.prefix(240) + " …" : text
      }
    }
    let indentation =
      texts.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " || $0 == "\t" }.count }
      .min() ?? 0
    return texts.map { String($0.dropFirst(min(indentation, $0.count))) }.joined(separator: "\n")
  }

  private static func oneLine(_ text: String) -> String {
    let joined = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return joined.count > 160 ? joined.prefix(160) + " …" : joined
  }
}

extension SymbolKind {
  /// Small things inside a declaration, which are not what a passage is about when they are not alone.
  fileprivate var isMember: Bool {
    switch self {
    case .property, .variable, .constant: true
    default: false
    }
  }
}
