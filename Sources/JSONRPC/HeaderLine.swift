/// One line of a frame's header, without its line end.
enum HeaderLine: Equatable {
  /// `Content-Length`; `glued` when other bytes stood before it on the line.
  case length(Int, glued: Bool)
  /// `Content-Length` with a value that is no number.
  case badLength
  /// `Content-Type`, with the charset in lower case where one is given.
  case type(charset: String?)
  /// Any other well-formed header.
  case other
  /// Not a header.
  case malformed

  private static let lengthName = Array("content-length".utf8)
  private static let typeName = Array("content-type".utf8)

  /// Reads a line.
  ///
  /// After a broken frame the next header may follow bytes of the broken one on the same line, so the *last*
  /// `Content-Length: digits` that ends a line counts, wherever it begins. No text inside a JSON body can be mistaken
  /// for it: a string cannot hold a bare line end, so its closing quote stands between the digits and the end.
  init(_ line: some RandomAccessCollection<UInt8>) {
    let line = Array(line)
    if let start = Self.lastLengthHeader(line) {
      let value = Self.trimmed(line[line.index(after: start.colon)...])
      if let number = Self.number(value) {
        self = .length(number, glued: start.name > 0)
        return
      }
      if start.name == 0 {
        self = .badLength
        return
      }
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
      self = .malformed
      return
    }
    var name = line[..<colon]
    while let last = name.last, last == 0x20 || last == 0x09 { name.removeLast() }
    guard !name.isEmpty, name.allSatisfy(Self.isToken) else {
      self = .malformed
      return
    }
    if name.map(Self.lowered) == Self.typeName {
      self = .type(charset: Self.charset(line[line.index(after: colon)...]))
    } else {
      self = .other
    }
  }

  /// Finds the last `Content-Length` (any case, blanks before the colon allowed).
  private static func lastLengthHeader(_ line: [UInt8]) -> (name: Int, colon: Int)? {
    guard let colon = line.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    var end = colon
    while end > 0, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
    let start = end - lengthName.count
    guard start >= 0, line[start..<end].map(lowered) == lengthName else { return nil }
    // `X-Content-Length` is a header of its own.
    if start > 1, line[start - 1] == UInt8(ascii: "-"), line[..<start].allSatisfy(isToken) { return nil }
    return (start, colon)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty else { return nil }
    var value = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      // A number beyond 64 bits is still a number: the largest stands for it, and no limit admits that.
      if tooLarge || carry { return Int.max }
      value = sum
    }
    return value
  }

  private static func charset(_ value: ArraySlice<UInt8>) -> String? {
    for parameter in value.split(separator: UInt8(ascii: ";")).dropFirst() {
      let pair = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, trimmed(pair[0]).map(lowered) == Array("charset".utf8) else { continue }
      let quotes = UInt8(ascii: "\"")
      let name = trimmed(pair[1]).map(lowered).filter { $0 != quotes }
      return String(decoding: name, as: UTF8.self)
    }
    return nil
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
    return bytes
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  /// Whether RFC 7230 allows the byte in a header's name.
  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default:
      "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
