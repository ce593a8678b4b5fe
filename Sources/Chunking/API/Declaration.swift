/// Something a file gives a name to, and where it stands.
///
/// Byte ranges are offsets in the text as it was given; line numbers are zero-based.
public struct Declaration: Sendable, Hashable {
  /// The name, as written: `recover`, `init`, `==`.
  public var name: String
  /// The names of the enclosing declarations and this one, joined by dots: `Index.recover`.
  public var symbolPath: String
  /// What is declared.
  public var kind: SymbolKind
  /// How many declarations enclose this one.
  public var depth: Int
  /// All of it: doc comment, attributes or decorators, signature, body.
  public var byteRange: Range<Int>
  /// The name alone. Empty, at the declaration's first word, when the name is not written in one piece.
  public var nameRange: Range<Int>
  /// From the declaration's first word (modifiers included, attributes not) up to its body.
  public var signatureRange: Range<Int>
  /// The body with its delimiters, if it has one.
  public var bodyRange: Range<Int>?
  /// The comment (or docstring) that documents it, if there is one.
  public var docRange: Range<Int>?
  /// The lines that `byteRange` touches, half-open.
  public var lines: Range<Int>
  /// The line of the declaration itself: below its doc comment and its attributes.
  public var startLine: Int

  /// The declaration in a text whose lines are moved to the right by `shifts`.
  func moved(by shifts: [Int], from plain: LineTable, to lines: LineTable) -> Declaration {
    guard !shifts.isEmpty else { return self }
    func moved(_ offset: Int) -> Int {
      let line = plain.line(at: offset)
      return min(offset + shifts[line], max(lines.starts[line], lines.contentEnds[line]))
    }
    func moved(_ range: Range<Int>) -> Range<Int> {
      let start = moved(range.lowerBound)
      return start..<max(start, moved(range.upperBound))
    }
    var result = self
    result.byteRange = moved(byteRange)
    result.nameRange = moved(nameRange)
    result.signatureRange = moved(signatureRange)
    result.bodyRange = bodyRange.map(moved)
    result.docRange = docRange.map(moved)
    return result
  }

  /// Creates a declaration from its parts.
  public init(
    name: String, symbolPath: String, kind: SymbolKind, depth: Int, byteRange: Range<Int>, nameRange: Range<Int>,
    signatureRange: Range<Int>, bodyRange: Range<Int>?, docRange: Range<Int>?, lines: Range<Int>, startLine: Int
  ) {
    self.name = name
    self.symbolPath = symbolPath
    self.kind = kind
    self.depth = depth
    self.byteRange = byteRange
    self.nameRange = nameRange
    self.signatureRange = signatureRange
    self.bodyRange = bodyRange
    self.docRange = docRange
    self.lines = lines
    self.startLine = startLine
  }
}
