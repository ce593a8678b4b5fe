/// A place in a text, as the Language Server Protocol counts it.
public struct Position: Hashable, Sendable, Codable, Comparable {
  /// Zero-based line. Lines end with `\n`, `\r\n` or `\r`.
  public var line: Int
  /// Zero-based offset in the line, in code units of the negotiated `PositionEncoding`.
  public var character: Int

  /// Makes a position; neither number is checked against a text.
  public init(line: Int, character: Int) {
    self.line = line
    self.character = character
  }

  /// Orders positions as they stand in the text.
  public static func < (left: Position, right: Position) -> Bool {
    (left.line, left.character) < (right.line, right.character)
  }
}

/// A half-open stretch of text: `end` is the first position after it (LSP's `Range`).
public struct SourceRange: Hashable, Sendable, Codable {
  /// The first position inside the range.
  public var start: Position
  /// The first position after the range.
  public var end: Position

  /// Makes a range; the order of its ends is not checked.
  public init(start: Position, end: Position) {
    self.start = start
    self.end = end
  }
}

/// The unit in which `Position.character` counts (LSP 3.17 `PositionEncodingKind`).
public enum PositionEncoding: String, Sendable, Codable, CaseIterable {
  /// Bytes of the text in UTF-8.
  case utf8 = "utf-8"
  /// 16-bit code units: the protocol's default.
  case utf16 = "utf-16"
  /// Unicode scalars.
  case utf32 = "utf-32"
}
