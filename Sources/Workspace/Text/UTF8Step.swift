/// One step through bytes that ought to be UTF-8: a well-formed scalar, or one maximal ill-formed subsequence.
///
/// Ill-formed bytes are grouped as the Unicode standard recommends (and as `String(decoding:as:)` does), so that every
/// count taken here agrees with the text in which each group became one U+FFFD.
struct UTF8Step {
  /// Bytes that the step covers in the source.
  var length: Int
  /// UTF-8 code units of the scalar after repair: differs from `length` for ill-formed groups only.
  var repairedLength: Int
  /// UTF-16 code units of the scalar after repair.
  var utf16Length: Int

  /// Reads the step that starts at `index`; `index < end <= bytes.count`.
  @inline(__always)
  static func next(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ end: Int) -> UTF8Step {
    let lead = bytes[index]
    if lead < 0x80 { return UTF8Step(length: 1, repairedLength: 1, utf16Length: 1) }
    // The admissible second byte depends on the lead: it excludes overlong forms, surrogates and values past U+10FFFF.
    let expected: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch lead {
    case 0xC2...0xDF: expected = 2
    case 0xE0:
      expected = 3
      low = 0xA0
    case 0xED:
      expected = 3
      high = 0x9F
    case 0xE1...0xEF: expected = 3
    case 0xF0:
      expected = 4
      low = 0x90
    case 0xF4:
      expected = 4
      high = 0x8F
    case 0xF1...0xF3: expected = 4
    default: return UTF8Step(length: 1, repairedLength: 3, utf16Length: 1)
    }
    var length = 1
    while length < expected, index + length < end {
      let byte = bytes[index + length]
      guard byte >= low, byte <= high else { break }
      low = 0x80
      high = 0xBF
      length += 1
    }
    if length == expected {
      return UTF8Step(length: length, repairedLength: length, utf16Length: expected == 4 ? 2 : 1)
    }
    return UTF8Step(length: length, repairedLength: 3, utf16Length: 1)
  }

  /// Whether the step, which starts with `lead`, is a scalar.
  @inline(__always)
  func isWellFormed(lead: UInt8) -> Bool {
    length == (lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4)
  }

  /// How many units of `encoding` the step counts for.
  @inline(__always)
  func units(_ encoding: PositionEncoding) -> Int {
    switch encoding {
    case .utf8: repairedLength
    case .utf16: utf16Length
    case .utf32: 1
    }
  }
}
