internal import CTextKernels

/// Where the lines of a text are, and what is cheap to know about each.
///
/// A line ends at `\n`, `\r\n` or `\r`. A text that ends with a line ending has no empty line after it.
struct LineTable {
  /// The offset of each line's first byte, and one more entry: the length of the text.
  private(set) var starts: [Int] = []
  /// The offset of each line's first byte that is not a space or tab; the line's end if it is blank.
  private(set) var contentStarts: [Int] = []
  /// The offset after each line's last byte that is neither white space nor line ending.
  private(set) var contentEnds: [Int] = []
  /// How many characters stand before each line, and one more entry for the whole text.
  private(set) var charactersBefore: [Int] = []

  var count: Int { contentStarts.count }

  init(_ text: UnsafeBufferPointer<UInt8>) {
    guard let base = text.baseAddress, !text.isEmpty else {
      starts = [0]
      charactersBefore = [0]
      return
    }
    let blocks = (text.count + 63) / 64
    withUnsafeTemporaryAllocation(of: ctk_lines.self, capacity: blocks) { masks in
      guard let masks = masks.baseAddress else { return }
      ctk_line_masks(base, text.count, masks)
      // No line without an ending but the last: that bounds their number.
      var bound = 1
      for block in 0..<blocks { bound += masks[block].endings.nonzeroBitCount }
      read(base, text.count, masks, blocks, bound)
    }
  }

  /// Fills the table from what each byte is; there are at most `bound` lines.
  private mutating func read(
    _ base: UnsafePointer<UInt8>, _ length: Int, _ masks: UnsafePointer<ctk_lines>, _ blocks: Int, _ bound: Int
  ) {
    var newStarts = [Int](repeating: 0, count: bound + 1)
    var newContentStarts = [Int](repeating: 0, count: bound)
    var newContentEnds = [Int](repeating: 0, count: bound)
    var newCharactersBefore = [Int](repeating: 0, count: bound + 1)
    let count = newStarts.withUnsafeMutableBufferPointer { starts in
      newContentStarts.withUnsafeMutableBufferPointer { contentStarts in
        newContentEnds.withUnsafeMutableBufferPointer { contentEnds in
          newCharactersBefore.withUnsafeMutableBufferPointer { charactersBefore in
            LineTable.fill(
              base, length, masks, blocks, starts: starts, contentStarts: contentStarts, contentEnds: contentEnds,
              charactersBefore: charactersBefore)
          }
        }
      }
    }
    newStarts.removeLast(bound - count)
    newContentStarts.removeLast(bound - count)
    newContentEnds.removeLast(bound - count)
    newCharactersBefore.removeLast(bound - count)
    starts = newStarts
    contentStarts = newContentStarts
    contentEnds = newContentEnds
    charactersBefore = newCharactersBefore
  }

  /// Writes the lines and returns how many there are.
  private static func fill(
    _ base: UnsafePointer<UInt8>, _ length: Int, _ masks: UnsafePointer<ctk_lines>, _ blocks: Int,
    starts: UnsafeMutableBufferPointer<Int>, contentStarts: UnsafeMutableBufferPointer<Int>,
    contentEnds: UnsafeMutableBufferPointer<Int>, charactersBefore: UnsafeMutableBufferPointer<Int>
  ) -> Int {
    var count = 0
    var lineStart = 0
    var characters = 0
    var lineCharacters = 0
    var first = -1
    var last = 0

    @inline(__always)
    func endLine(_ end: Int, next: Int, ending: Int) {
      starts[count] = lineStart
      charactersBefore[count] = characters
      contentStarts[count] = first < 0 ? end : first
      contentEnds[count] = first < 0 ? end : last
      characters &+= lineCharacters &+ ending
      count &+= 1
      lineStart = next
      lineCharacters = 0
      first = -1
    }

    for block in 0..<blocks {
      let offset = block &* 64
      let mask = masks[block]
      let valid =
        offset &+ 64 <= length ? UInt64.max : UInt64.max &>> UInt64(truncatingIfNeeded: offset &+ 64 &- length)
      // NUL and other controls are not blank: a line of them is still a line of the file.
      let content = ~(mask.endings | mask.blanks) & valid
      let characterStarts = ~mask.continuations & valid
      var endings = mask.endings
      var from: UInt64 = 0
      while true {
        let to: UInt64 = endings == 0 ? 64 : UInt64(truncatingIfNeeded: endings.trailingZeroBitCount)
        // The bits from `from` up to `to`.
        let span = (to == 64 ? UInt64.max : (1 &<< to) &- 1) & (from == 64 ? 0 : UInt64.max &<< from)
        let here = content & span
        if here != 0 {
          if first < 0 { first = offset &+ here.trailingZeroBitCount }
          last = offset &+ 64 &- here.leadingZeroBitCount
        }
        let inLine = characterStarts & span
        lineCharacters &+= mask.continuations == 0 && to < 64 ? Int(to &- from) : inLine.nonzeroBitCount
        if endings == 0 { break }
        endings &= endings &- 1
        let position = offset &+ Int(to)
        from = to &+ 1
        if base[position] == 0x0A, position > 0, base[position &- 1] == 0x0D {
          // The second half of a line ending; the first one has ended the line.
          lineStart = position &+ 1
        } else {
          endLine(position, next: position &+ 1, ending: 1)
        }
      }
    }
    if lineStart < length { endLine(length, next: length, ending: 0) }
    starts[count] = length
    charactersBefore[count] = characters
    return count
  }

  @inline(__always)
  func isBlank(_ line: Int) -> Bool {
    contentStarts[line] >= contentEnds[line]
  }

  /// The indentation of a line in bytes.
  @inline(__always)
  func indentation(_ line: Int) -> Int {
    contentStarts[line] - starts[line]
  }

  /// The number of characters in a run of lines, line endings counted as one each.
  @inline(__always)
  func characters(_ lines: Range<Int>) -> Int {
    charactersBefore[lines.upperBound] - charactersBefore[lines.lowerBound]
  }

  /// The line that holds a byte offset; the last line for offsets at or past the end.
  func line(at offset: Int) -> Int {
    var low = 0
    var high = count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// `lines` without the blank lines at either end; empty if all are blank.
  func trimmed(_ lines: Range<Int>) -> Range<Int> {
    var low = lines.lowerBound
    var high = lines.upperBound
    while low < high, isBlank(low) { low += 1 }
    while low < high, isBlank(high - 1) { high -= 1 }
    return low..<high
  }
}
