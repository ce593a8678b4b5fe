import Workspace

/// The text of an open document as UTF-8, with the places where its lines begin.
///
/// A change costs one move of the bytes behind it and one addition per line behind it; lines are found by their index
/// and only the bytes of one line are looked at to find a character.
struct TextDocument: Sendable {
  /// The number that the client gave to this state of the text.
  var version: Int
  /// The text.
  private(set) var bytes: [UInt8]
  /// Offsets of the first byte of each line, from 0; the last line may be empty.
  private(set) var lineStarts: [Int] = [0]

  /// Takes a whole text.
  init(text: String, version: Int) {
    self.version = version
    bytes = Array(text.utf8)
    lineStarts = [0] + Self.lineStarts(in: bytes, from: 1, through: bytes.count)
  }

  /// The text.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Replaces everything.
  mutating func replaceAll(with text: String) {
    self = TextDocument(text: text, version: version)
  }

  /// Replaces a range. Answers false when the range was not one of this text, and the nearest one was replaced.
  mutating func replace(_ range: SourceRange, with text: String, encoding: PositionEncoding) -> Bool {
    let first = offset(of: range.start, encoding: encoding)
    let second = offset(of: range.end, encoding: encoding)
    let start = min(first.offset, second.offset)
    let end = max(first.offset, second.offset)
    let added = text.utf8.count
    bytes.replaceSubrange(start..<end, with: text.utf8)

    // Whether a line begins at an offset is decided by the bytes before and at it. Both are as they were for offsets
    // below `start` and for those above the end of what was replaced.
    let firstStale = max(1, Self.firstIndex(in: lineStarts, notBelow: start))
    let firstMoved = max(firstStale, Self.firstIndex(in: lineStarts, notBelow: end + 1))
    let found = Self.lineStarts(in: bytes, from: max(1, start), through: start + added)
    lineStarts.replaceSubrange(firstStale..<firstMoved, with: found)
    let shift = added - (end - start)
    if shift != 0 {
      for index in (firstStale + found.count)..<lineStarts.count { lineStarts[index] += shift }
    }
    return first.isExact && second.isExact && first.offset <= second.offset
  }

  /// The byte offset of a position. What lies outside the text gives the nearest offset inside and is not exact; a
  /// character past the end of its line means the end of the line, which LSP allows.
  func offset(of position: Position, encoding: PositionEncoding) -> (offset: Int, isExact: Bool) {
    guard position.line >= 0 else { return (0, false) }
    guard position.line < lineStarts.count else {
      // A client that wants "to the end" often names the line behind the last one.
      return (bytes.count, position.line == lineStarts.count && position.character == 0)
    }
    let start = lineStarts[position.line]
    guard position.character > 0 else { return (start, position.character == 0) }
    let end = contentEnd(ofLine: position.line)
    return bytes.withUnsafeBufferPointer { bytes in
      switch encoding {
      case .utf8:
        guard position.character < end - start else { return (end, true) }
        var offset = start + position.character
        let wanted = offset
        while offset > start, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
        return (offset, offset == wanted)
      case .utf16, .utf32:
        return Self.walk(bytes, start..<end, units: position.character, wide: encoding == .utf16)
      }
    }
  }

  /// Finds the scalar that begins `units` code units behind the start of `line`; `wide` counts surrogates.
  private static func walk(
    _ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>, units: Int, wide: Bool
  ) -> (offset: Int, isExact: Bool) {
    var offset = line.lowerBound
    var missing = units
    while missing > 0, offset < line.upperBound {
      let lead = bytes[offset]
      let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      if wide, length == 4 {
        // Between the two surrogates of one scalar: its beginning is the nearest.
        if missing == 1 { return (offset, false) }
        missing -= 1
      }
      missing -= 1
      offset += length
    }
    return (offset, true)
  }

  /// Where a line ends, without its line end.
  private func contentEnd(ofLine line: Int) -> Int {
    guard line + 1 < lineStarts.count else { return bytes.count }
    var end = lineStarts[line + 1] - 1
    let start = lineStarts[line]
    if bytes[end] == UInt8(ascii: "\n"), end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return end
  }

  /// The offsets in `from...through` (`from` ≥ 1) at which a line begins.
  private static func lineStarts(in bytes: [UInt8], from: Int, through: Int) -> [Int] {
    guard from <= through else { return [] }
    return bytes.withUnsafeBufferPointer { bytes in
      var starts: [Int] = []
      for offset in from...through {
        let before = bytes[offset - 1]
        if before == UInt8(ascii: "\n")
          || (before == UInt8(ascii: "\r") && (offset == bytes.count || bytes[offset] != UInt8(ascii: "\n")))
        {
          starts.append(offset)
        }
      }
      return starts
    }
  }

  /// The index of the first element that is not below `value`.
  private static func firstIndex(in sorted: [Int], notBelow value: Int) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
