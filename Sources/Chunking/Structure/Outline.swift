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

  /// Puts declarations in the order of their starts, with parents by containment.
  ///
  /// A statement is classified when it ends, and what stood in a brace of its value has been declared by then:
  /// `const map = new class { get() {} }`.
  mutating func sort() {
    let isSorted = zip(declarations, declarations.dropFirst()).allSatisfy { $0.start <= $1.start }
    guard !isSorted else { return }
    // The index last: sorting is not stable, and what was declared first encloses what has the same range.
    let order = declarations.indices.sorted {
      let (left, right) = (declarations[$0], declarations[$1])
      return (left.start, -left.end, $0) < (right.start, -right.end, $1)
    }
    var result: [FoundDeclaration] = []
    result.reserveCapacity(declarations.count)
    var open: [Int] = []
    for index in order {
      var declaration = declarations[index]
      while let last = open.last, result[last].end <= declaration.start { open.removeLast() }
      guard open.count < Outline.maxDepth else { continue }
      declaration.parent = open.last ?? -1
      declaration.depth = open.count
      open.append(result.count)
      result.append(declaration)
    }
    declarations = result
  }

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
  /// Where the signature starts if above that: a template's parameters. -1 if there.
  var signatureStart = -1
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
