/// Where the lines of a text begin, and the arithmetic between byte offsets and `Position`s.
///
/// The index holds no text: methods that need it take the same bytes that the index was built from.
/// Lines end with `\n`, `\r\n` or `\r`. Bytes that are not UTF-8 count as U+FFFD, one for each maximal ill-formed
/// group, in every encoding: positions agree with what an editor shows after decoding with replacement.
public struct LineIndex: Sendable, Hashable {
  /// Byte offset of the first byte of each line; the first is always 0.
  private var starts: [UInt32]
  /// Bytes of the text.
  public let byteCount: Int
  /// Whether every byte is below 0x80, in which case all encodings count alike.
  public let isASCII: Bool

  /// Indexes `bytes`; texts of 4 GiB and more are indexed only up to that limit.
  public init(_ bytes: UnsafeBufferPointer<UInt8>) {
    let count = min(bytes.count, Int(UInt32.max))
    var starts: [UInt32] = [0]
    starts.reserveCapacity(count / 32 + 2)
    var bits: UInt64 = 0
    if let base = bytes.baseAddress, count > 0 {
      bits = Self.scan(base, count, into: &starts)
    }
    self.starts = starts
    byteCount = count
    isASCII = bits & 0x8080_8080_8080_8080 == 0
  }

  /// Indexes `bytes`.
  public init(_ bytes: [UInt8]) {
    self = bytes.withUnsafeBufferPointer { LineIndex($0) }
  }

  /// Number of lines: one more than the number of line ends, so at least 1.
  public var lineCount: Int { starts.count }

  /// Byte offset at which `line` starts; lines past the last start at the end of the text.
  public func start(ofLine line: Int) -> Int {
    if line < 0 { return 0 }
    return line < starts.count ? Int(starts[line]) : byteCount
  }

  /// Byte offset just past the line's terminator.
  public func end(ofLine line: Int) -> Int { start(ofLine: line + 1) }

  /// The bytes of `line` without its terminator.
  public func contentRange(ofLine line: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    let start = start(ofLine: line)
    var end = min(end(ofLine: line), bytes.count)
    if end > start, bytes[end - 1] == 0x0A {
      end -= 1
    } else if end > start, bytes[end - 1] == 0x0D {
      return start..<end - 1
    } else {
      return start..<max(start, end)
    }
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return start..<end
  }

  /// The zero-based line that holds the byte at `offset`; offsets outside the text are clamped.
  public func line(at offset: Int) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(starts[middle]) <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The position of the byte at `offset`.
  ///
  /// An offset inside a scalar names that scalar, one inside a line terminator the end of the line; offsets outside
  /// the text are clamped.
  public func position(
    at offset: Int, in bytes: UnsafeBufferPointer<UInt8>, encoding: PositionEncoding = .utf16
  ) -> Position {
    let offset = max(0, min(offset, min(byteCount, bytes.count)))
    let line = line(at: offset)
    let content = contentRange(ofLine: line, in: bytes)
    let target = min(offset, content.upperBound)
    if isASCII { return Position(line: line, character: target - content.lowerBound) }
    var index = content.lowerBound
    var character = 0
    while index < target {
      let step = UTF8Step.next(bytes, index, content.upperBound)
      if index + step.length > target { break }
      index += step.length
      character += step.units(encoding)
    }
    return Position(line: line, character: character)
  }

  /// The byte offset of `position`.
  ///
  /// A character past the end of the line means the end of the line, one inside a scalar the start of that scalar; a
  /// line past the last means the end of the text.
  public func offset(
    of position: Position, in bytes: UnsafeBufferPointer<UInt8>, encoding: PositionEncoding = .utf16
  ) -> Int {
    if position.line < 0 { return 0 }
    if position.line >= starts.count { return min(byteCount, bytes.count) }
    let content = contentRange(ofLine: position.line, in: bytes)
    if position.character <= 0 { return content.lowerBound }
    if isASCII { return content.lowerBound + min(position.character, content.count) }
    var index = content.lowerBound
    var left = position.character
    while index < content.upperBound {
      let step = UTF8Step.next(bytes, index, content.upperBound)
      left -= step.units(encoding)
      if left < 0 { break }
      index += step.length
    }
    return index
  }

  /// Appends the offset after every line end to `starts` and returns the union of all bytes, eight lanes wide.
  private static func scan(_ base: UnsafePointer<UInt8>, _ count: Int, into starts: inout [UInt32]) -> UInt64 {
    let raw = UnsafeRawPointer(base)
    var union: UInt64 = 0
    var index = 0
    while index &+ 8 <= count {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      union |= word
      var hits = zeroBytes(word ^ 0x0A0A_0A0A_0A0A_0A0A) | zeroBytes(word ^ 0x0D0D_0D0D_0D0D_0D0D)
      while hits != 0 {
        let place = index &+ hits.trailingZeroBitCount &>> 3
        hits &= hits &- 1
        // The \r of \r\n ends no line: its \n does.
        if base[place] == 0x0D, place &+ 1 < count, base[place &+ 1] == 0x0A { continue }
        starts.append(UInt32(truncatingIfNeeded: place &+ 1))
      }
      index &+= 8
    }
    while index < count {
      let byte = base[index]
      union |= UInt64(byte)
      if byte == 0x0A || (byte == 0x0D && !(index &+ 1 < count && base[index &+ 1] == 0x0A)) {
        starts.append(UInt32(truncatingIfNeeded: index &+ 1))
      }
      index &+= 1
    }
    return union
  }

  /// 0x80 in exactly those bytes of the result whose byte in `word` is zero.
  @inline(__always)
  private static func zeroBytes(_ word: UInt64) -> UInt64 {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    return ~(((word & low) &+ low) | word | low)
  }
}
