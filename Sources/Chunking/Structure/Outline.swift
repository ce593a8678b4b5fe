/// What a structural parser found, in bytes. Names and lines are filled in by `DeclarationResolver`.
struct Outline {
  /// In the order of their starts, enclosing ones first.
  var declarations: [FoundDeclaration] = []
  /// Every comment, in order.
  var comments: [Range<Int>] = []
  /// What is imported.
  var imports: [Range<Int>] = []
  /// Whether a comment documents only what stands at its own indentation.
  var docsShareIndentation = false

  /// Deeper declarations are treated as part of the one that encloses them: their paths would grow quadratically.
  static let maxDepth = 48

  /// The distinct imports as text.
  func importNames(in text: UnsafeBufferPointer<UInt8>) -> [String] {
    var seen: Set<String> = []
    var names: [String] = []
    for range in imports.prefix(1_000) {
      let name = String(decoding: text[range.clamped(to: 0..<text.count)].prefix(200), as: UTF8.self)
      if !name.isEmpty, seen.insert(name).inserted { names.append(name) }
    }
    return names
  }
}

/// A declaration in bytes.
struct FoundDeclaration {
  var kind: SymbolKind
  /// Attributes included, doc comment not.
  var start: Int
  /// The first word that is neither.
  var keywordStart: Int
  var name: Range<Int>
  /// The name where it is not simply the text of `name`.
  var spelling: String?
  /// What the name is qualified by although nothing encloses it: a receiver's type.
  var qualifier: Range<Int>?
  var signatureEnd: Int
  /// -1 without a body.
  var bodyStart = -1
  var bodyEnd = -1
  var end: Int
  /// -1 at top level.
  var parent: Int
  var depth: Int
  /// A docstring in the body.
  var docstring: Range<Int>?
}
