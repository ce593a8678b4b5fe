/// A text with its line index and content hash: what an open buffer or a file that was read is.
public struct SourceText: Sendable {
  /// The text's bytes; usually UTF-8, never guaranteed to be.
  public let bytes: [UInt8]
  /// Where its lines begin.
  public let lines: LineIndex
  /// Hash of `bytes`.
  public let hash: ContentHash

  /// Takes over `bytes`.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
    lines = LineIndex(bytes)
    hash = ContentHash(bytes)
  }

  /// Takes over the UTF-8 of `string`.
  public init(_ string: String) {
    self.init(bytes: Array(string.utf8))
  }

  /// Decodes what was read from a file: see `TextDecoder`.
  public init(decoding bytes: [UInt8]) {
    self.init(bytes: TextDecoder.decode(bytes))
  }

  /// The whole text; ill-formed bytes become U+FFFD.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// The text of a byte range, clamped to the text; ill-formed bytes become U+FFFD.
  public func string(in range: Range<Int>) -> String {
    let range = range.clamped(to: 0..<bytes.count)
    return bytes.withUnsafeBufferPointer { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self) }
  }

  /// The position of the byte at `offset`; see `LineIndex.position(at:in:encoding:)`.
  public func position(at offset: Int, encoding: PositionEncoding = .utf16) -> Position {
    bytes.withUnsafeBufferPointer { lines.position(at: offset, in: $0, encoding: encoding) }
  }

  /// The byte offset of `position`; see `LineIndex.offset(of:in:encoding:)`.
  public func offset(of position: Position, encoding: PositionEncoding = .utf16) -> Int {
    bytes.withUnsafeBufferPointer { lines.offset(of: position, in: $0, encoding: encoding) }
  }

  /// The range of positions that `range` covers.
  public func sourceRange(of range: Range<Int>, encoding: PositionEncoding = .utf16) -> SourceRange {
    SourceRange(
      start: position(at: range.lowerBound, encoding: encoding), end: position(at: range.upperBound, encoding: encoding)
    )
  }

  /// The byte range that `range` covers; ends in the wrong order are put right.
  public func byteRange(of range: SourceRange, encoding: PositionEncoding = .utf16) -> Range<Int> {
    let first = offset(of: range.start, encoding: encoding)
    let second = offset(of: range.end, encoding: encoding)
    return min(first, second)..<max(first, second)
  }

  /// The text with `range` replaced by `replacement`: one content change of `textDocument/didChange`.
  public func replacing(
    _ range: SourceRange, with replacement: String, encoding: PositionEncoding = .utf16
  ) -> SourceText {
    var bytes = bytes
    bytes.replaceSubrange(byteRange(of: range, encoding: encoding), with: replacement.utf8)
    return SourceText(bytes: bytes)
  }
}
