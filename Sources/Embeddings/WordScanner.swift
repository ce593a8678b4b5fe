/// Splits bytes into the words of the embedding model: runs of letters or digits, cut where the case changes as in
/// `fooBar` and `HTTPServer`.
enum WordScanner {
  /// What a byte is to the scanner.
  private enum Class {
    static let separator: UInt8 = 0
    static let lower: UInt8 = 1
    static let upper: UInt8 = 2
    static let digit: UInt8 = 3
    /// A letter outside ASCII (by its lead byte).
    static let letter: UInt8 = 4
    /// A continuation byte: a letter after a letter, else a separator.
    static let continuation: UInt8 = 5
  }

  private static let classes: [UInt8] = (0...255).map { (byte: Int) -> UInt8 in
    switch byte {
    case 0x61...0x7A: Class.lower
    case 0x41...0x5A: Class.upper
    case 0x30...0x39: Class.digit
    case 0xC3...0xDF, 0xE0, 0xE1, 0xE3...0xEF: Class.letter
    case 0x80...0xBF: Class.continuation
    default: Class.separator
    }
  }

  /// Calls `body` with the range of each word and whether it is a run of digits.
  @inline(__always)
  static func forEachWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (_ start: Int, _ end: Int, _ isDigits: Bool) -> Void
  ) {
    classes.withUnsafeBufferPointer { classes in
      let count = bytes.count
      var start = -1
      var previous = Class.separator
      var upperRun = 0
      var index = 0
      while index <= count {
        var current = index < count ? classes[Int(bytes[index])] : Class.separator
        if current == Class.continuation {
          current = previous == Class.letter ? Class.letter : Class.separator
        }
        if current == Class.separator {
          if start >= 0 { body(start, index, previous == Class.digit) }
          start = -1
          upperRun = 0
        } else if start < 0 {
          start = index
          upperRun = current == Class.upper ? 1 : 0
        } else if (current == Class.digit) != (previous == Class.digit) {
          body(start, index, previous == Class.digit)
          start = index
          upperRun = current == Class.upper ? 1 : 0
        } else if current == Class.upper {
          if previous != Class.upper {
            body(start, index, false)
            start = index
            upperRun = 1
          } else {
            upperRun &+= 1
          }
        } else if previous == Class.upper {
          if upperRun >= 2 {
            // `HTTPServer` is HTTP, Server; the plural `URLs` stays whole.
            let next = index + 1 < count ? classes[Int(bytes[index + 1])] : Class.separator
            if !(bytes[index] == 0x73 && next != Class.lower && next != Class.letter) {
              body(start, index - 1, false)
              start = index - 1
            }
          }
          upperRun = 0
        }
        previous = current
        index &+= 1
      }
    }
  }
}
