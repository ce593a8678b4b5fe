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
    let length = text.count
    let estimate = length / 32 + 2
    starts.reserveCapacity(estimate)
    contentStarts.reserveCapacity(estimate)
    contentEnds.reserveCapacity(estimate)
    charactersBefore.reserveCapacity(estimate)
    var position = 0
    var characters = 0
    while position < length {
      starts.append(position)
      charactersBefore.append(characters)
      var first = -1
      var last = position
      var index = position
      while index < length {
        let byte = base[index]
        if byte > 0x20 {
          if first < 0 { first = index }
          last = index + 1
          if byte & 0xC0 != 0x80 { characters += 1 }
        } else if byte == 0x0A || byte == 0x0D {
          break
        } else {
          // NUL and other controls are not blank: a line of them is still a line of the file.
          if byte != 0x20, byte != 0x09, byte != 0x0C, byte != 0x0B {
            if first < 0 { first = index }
            last = index + 1
          }
          characters += 1
        }
        index += 1
      }
      contentStarts.append(first < 0 ? index : first)
      contentEnds.append(first < 0 ? index : last)
      if index < length {
        characters += 1
        index += base[index] == 0x0D && index + 1 < length && base[index + 1] == 0x0A ? 2 : 1
      }
      position = index
    }
    starts.append(length)
    charactersBefore.append(characters)
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
