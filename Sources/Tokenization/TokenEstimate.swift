/// A fast upper estimate of how many tokens a text has for the byte-pair encodings in use.
///
/// It follows their pre-tokenisation: a piece of letters costs a token for each five bytes begun, digits one for three,
/// a run of white space one, other characters one for each two begun. The constants make it an upper estimate on
/// prose and code (the tests hold it against the published encodings); it is not a bound on adversarial text, for which
/// every byte may be a token.
public enum TokenEstimate {
  /// The estimate for a text; 0 for an empty one.
  public static func tokens(in text: String) -> Int {
    var text = text
    return text.withUTF8 { tokens(in: $0) }
  }

  /// The estimate for UTF-8 bytes.
  public static func tokens(in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var tokens = 0
    var index = 0
    while index < bytes.count {
      let kind = kind(bytes[index])
      var end = index + 1
      while end < bytes.count, self.kind(bytes[end]) == kind { end += 1 }
      let length = end - index
      switch kind {
      case .letters: tokens += wordTokens(bytes, index, end)
      case .digits: tokens += (length + 2) / 3
      // One blank belongs to the word after it; a run is one token, or two with a line end in it.
      case .blank: tokens += length == 1 ? 0 : 1
      case .lineEnd: tokens += 1
      case .symbols: tokens += (length + 1) / 2
      // Two to four bytes a character: most scripts take a token for each character or two.
      case .other: tokens += (length + 1) / 2
      }
      index = end
    }
    return tokens
  }

  private enum Kind {
    case letters
    case digits
    case blank
    case lineEnd
    case symbols
    case other
  }

  /// Tokens of a run of letters: its parts by case (`fooBar`), each by its length.
  private static func wordTokens(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var tokens = 0
    var partStart = start
    for index in start + 1...end {
      let isBorder = index == end || (isUpper(bytes[index]) && !isUpper(bytes[index - 1]))
      if isBorder {
        let length = index - partStart
        // Words up to seven letters are mostly one token; capitals are split sooner.
        let unit = isUpper(bytes[partStart]) && length > 1 && isUpper(bytes[partStart + 1]) ? 2 : 6
        tokens += (length + unit - 1) / unit
        partStart = index
      }
    }
    return tokens
  }

  private static func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }

  private static func kind(_ byte: UInt8) -> Kind {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A: .letters
    case 0x30...0x39: .digits
    case 0x20, 0x09: .blank
    case 0x0A, 0x0D: .lineEnd
    case 0x80...0xFF: .other
    default: .symbols
    }
  }
}
