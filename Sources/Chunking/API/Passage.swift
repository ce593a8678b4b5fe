/// A run of whole lines that is read, embedded and cited as one.
public struct Passage: Sendable, Hashable {
  /// From the first byte of the first line to the end of the last line, its line ending left out.
  public var byteRange: Range<Int>
  /// The lines, zero-based, half-open. First and last are never blank.
  public var lines: Range<Int>
  /// The path of the innermost declaration that covers the passage, or "".
  public var symbol: String
  /// The names of the declarations that start in this passage, in order.
  public var names: [String]
  /// The kind of the declaration named by `symbol`; `.other` at top level.
  public var kind: SymbolKind
  /// The signatures of the declarations that enclose the passage and start above it, outermost first, a line each.
  /// "" at top level.
  public var header: String

  /// Creates a passage from its parts.
  public init(
    byteRange: Range<Int>, lines: Range<Int>, symbol: String, names: [String], kind: SymbolKind, header: String
  ) {
    self.byteRange = byteRange
    self.lines = lines
    self.symbol = symbol
    self.names = names
    self.kind = kind
    self.header = header
  }
}
