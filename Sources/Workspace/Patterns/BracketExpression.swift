/// The `[…]` of a pattern, read as git's wildmatch reads it.
struct BracketExpression {
  var set = ByteSet()
  /// Index just past the closing bracket.
  var end = 0

  /// Reads the expression whose `[` stands at `open`; nil if it is never closed or names an unknown class, in which
  /// case the whole pattern matches nothing.
  ///
  /// With `foldsCase` the set is meant for lower-cased text.
  init?(_ pattern: ArraySlice<UInt8>, open: Int, foldsCase: Bool) {
    var index = open + 1
    func byte(_ index: Int) -> UInt8? { index < pattern.endIndex ? pattern[index] : nil }
    guard var current = byte(index) else { return nil }
    let isNegated = current == 0x21 || current == 0x5E
    if isNegated {
      index += 1
      guard let following = byte(index) else { return nil }
      current = following
    }
    var previous: UInt8 = 0
    repeat {
      switch current {
      case 0x5C:
        index += 1
        guard let escaped = byte(index) else { return nil }
        current = escaped
        set.insert(escaped)
      case 0x2D where previous != 0 && byte(index + 1) != nil && byte(index + 1) != 0x5D:
        index += 1
        guard var last = byte(index) else { return nil }
        if last == 0x5C {
          index += 1
          guard let escaped = byte(index) else { return nil }
          last = escaped
        }
        insert(previous, last, foldsCase)
        current = 0
      case 0x5B where byte(index + 1) == 0x3A:
        let name = index + 2
        var close = name
        while let candidate = byte(close), candidate != 0x5D { close += 1 }
        guard byte(close) != nil else { return nil }
        if close - name >= 1, pattern[close - 1] == 0x3A {
          let wanted = String(decoding: pattern[name..<close - 1], as: UTF8.self)
          guard let test = Self.classes[wanted] else { return nil }
          for value in UInt8.min...UInt8.max where test(value) { set.insert(value) }
          if foldsCase, wanted == "upper" { for value in UInt8(0x61)...0x7A { set.insert(value) } }
          index = close
          current = 0
        } else {
          set.insert(0x5B)
        }
      default: set.insert(current)
      }
      previous = current
      index += 1
      guard let following = byte(index) else { return nil }
      current = following
    } while current != 0x5D
    if isNegated { set.invert() }
    end = index + 1
  }

  private mutating func insert(_ first: UInt8, _ last: UInt8, _ foldsCase: Bool) {
    guard first <= last else { return }
    for value in first...last {
      set.insert(value)
      if foldsCase, (0x41...0x5A).contains(value) { set.insert(value | 0x20) }
    }
  }

  private static let classes: [String: @Sendable (UInt8) -> Bool] = [
    "alnum": { isAlpha($0) || isDigit($0) },
    "alpha": isAlpha,
    "blank": { $0 == 0x20 || $0 == 0x09 },
    "cntrl": { $0 < 0x20 || $0 == 0x7F },
    "digit": isDigit,
    "graph": { $0 > 0x20 && $0 < 0x7F },
    "lower": { (0x61...0x7A).contains($0) },
    "print": { $0 >= 0x20 && $0 < 0x7F },
    "punct": { $0 > 0x20 && $0 < 0x7F && !isAlpha($0) && !isDigit($0) },
    "space": { $0 == 0x20 || (0x09...0x0D).contains($0) },
    "upper": { (0x41...0x5A).contains($0) },
    "xdigit": { isDigit($0) || (0x41...0x46).contains($0 & 0xDF) },
  ]

  @Sendable private static func isAlpha(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80 }
  @Sendable private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
