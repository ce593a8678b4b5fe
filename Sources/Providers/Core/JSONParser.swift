/// A recursive descent over bytes, at most 64 levels deep.
///
/// It runs for every piece of every answer, so it looks at each byte once and makes nothing but the tree: strings
/// without escapes are decoded where they stand, numbers of ordinary length are computed in passing.
struct JSONParser {
  /// Valid while the parser runs: `JSONTree.init(parsing:)` lends it for that time.
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0

  private static let maxDepth = 64
  /// Members that an object has room for at first: most objects of answers have no more, and none grows twice.
  private static let usualMembers = 6

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private var malformed: JSONTree.Malformed { JSONTree.Malformed(offset: index) }

  mutating func document() throws(JSONTree.Malformed) -> JSONTree {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { index = 3 }
    let value = try self.value(depth: 0)
    skipBlanks()
    guard index == bytes.count else { throw malformed }
    return value
  }

  @inline(__always)
  private mutating func skipBlanks() {
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      index += 1
    }
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONTree.Malformed) -> JSONTree {
    guard depth < JSONParser.maxDepth else { throw malformed }
    skipBlanks()
    guard index < bytes.count else { throw malformed }
    switch bytes[index] {
    case 0x7B: return try object(depth: depth)
    case 0x5B: return try array(depth: depth)
    case 0x22: return .string(try string())
    case 0x74: return try word("true", .bool(true))
    case 0x66: return try word("false", .bool(false))
    case 0x6E: return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONTree) throws(JSONTree.Malformed) -> JSONTree {
    let length = text.utf8CodeUnitCount
    guard bytes.count - index >= length else { throw malformed }
    for offset in 0..<length where bytes[index + offset] != text.utf8Start[offset] { throw malformed }
    index += length
    return value
  }

  private mutating func object(depth: Int) throws(JSONTree.Malformed) -> JSONTree {
    index += 1
    skipBlanks()
    if take(0x7D) { return .object([:]) }
    var members = [String: JSONTree](minimumCapacity: JSONParser.usualMembers)
    while true {
      skipBlanks()
      guard index < bytes.count, bytes[index] == 0x22 else { throw malformed }
      let key = try string()
      skipBlanks()
      guard take(0x3A) else { throw malformed }
      members[key] = try value(depth: depth + 1)
      skipBlanks()
      if take(0x7D) { return .object(members) }
      guard take(0x2C) else { throw malformed }
    }
  }

  private mutating func array(depth: Int) throws(JSONTree.Malformed) -> JSONTree {
    index += 1
    var elements: [JSONTree] = []
    skipBlanks()
    if take(0x5D) { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      if take(0x5D) { return .array(elements) }
      guard take(0x2C) else { throw malformed }
    }
  }

  private mutating func number() throws(JSONTree.Malformed) -> JSONTree {
    let start = index
    var digits = 0
    var isPlain = true
    scan: while index < bytes.count {
      switch bytes[index] {
      case 0x30...0x39: digits = digits &* 10 &+ Int(bytes[index] & 15)
      case 0x2D where index == start: break
      case 0x2B, 0x2D, 0x2E, 0x45, 0x65: isPlain = false
      default: break scan
      }
      index += 1
    }
    let isNegative = bytes[start] == 0x2D
    let length = index - start - (isNegative ? 1 : 0)
    // Eighteen digits cannot overflow.
    if isPlain, (1...18).contains(length) { return .integer(isNegative ? -digits : digits) }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self)
    if let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw malformed }
    return .number(number)
  }

  private mutating func string() throws(JSONTree.Malformed) -> String {
    index += 1
    let start = index
    skipPlain()
    guard index < bytes.count else { throw malformed }
    if bytes[index] == 0x22 {
      defer { index += 1 }
      return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self)
    }
    var text = Array(bytes[start..<index])
    while index < bytes.count {
      if bytes[index] == 0x22 {
        index += 1
        return String(decoding: text, as: UTF8.self)
      }
      index += 1
      try escape(&text)
      let run = index
      skipPlain()
      text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<index]))
    }
    throw malformed
  }

  /// Goes to the next quotation mark or backslash, or to the end.
  @inline(__always)
  private mutating func skipPlain() {
    while index < bytes.count, bytes[index] != 0x22, bytes[index] != 0x5C { index += 1 }
  }

  private mutating func escape(_ text: inout [UInt8]) throws(JSONTree.Malformed) {
    guard index < bytes.count else { throw malformed }
    let byte = bytes[index]
    index += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: text.append(byte)
    case 0x62: text.append(0x08)
    case 0x66: text.append(0x0C)
    case 0x6E: text.append(0x0A)
    case 0x72: text.append(0x0D)
    case 0x74: text.append(0x09)
    case 0x75:
      var scalar = UInt32(try unit())
      if (0xD800..<0xDC00).contains(scalar), index + 1 < bytes.count, bytes[index] == 0x5C, bytes[index + 1] == 0x75 {
        let mark = index
        index += 2
        let low = UInt32(try unit())
        if (0xDC00..<0xE000).contains(low) {
          scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00)
        } else {
          index = mark
        }
      }
      // Half of a pair stands for nothing: show that something was there.
      text.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
    default: throw malformed
    }
  }

  private mutating func unit() throws(JSONTree.Malformed) -> UInt16 {
    guard index + 4 <= bytes.count else { throw malformed }
    var unit: UInt16 = 0
    for offset in 0..<4 {
      let byte = bytes[index + offset]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: throw malformed
      }
      unit = unit << 4 | UInt16(digit)
    }
    index += 4
    return unit
  }
}
