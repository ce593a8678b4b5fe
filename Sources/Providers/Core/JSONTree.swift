/// JSON of unknown shape: what servers that are merely compatible send.
///
/// Hand-written because the lenient reader asks "is it a string, a list or null?" at every turn, which costs a thrown
/// error a question with `Codable`; and because depth must be bounded for bytes that come from anywhere.
public enum JSONTree: Sendable, Hashable {
  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A number without a fraction.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// Text.
  case string(String)
  /// A list.
  case array([JSONTree])
  /// Members by name; of equal names the last.
  case object([String: JSONTree])

  /// What is wrong with the text.
  struct Malformed: Error, Equatable {
    /// Where, in bytes.
    let offset: Int
  }

  /// Parses the whole of `bytes`.
  init(parsing bytes: [UInt8]) throws(Malformed) {
    var parser = JSONParser(bytes)
    self = try parser.document()
  }

  /// A member of an object.
  subscript(key: String) -> JSONTree? {
    guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
    return value
  }

  /// An element of an array.
  subscript(index: Int) -> JSONTree? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// An integer, also when written as `5.0` or `"5"`.
  var int: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value.rounded())
    case .string(let text): Int(text)
    default: nil
    }
  }

  /// A string, or a number in decimal: codes come as either.
  var code: String? {
    switch self {
    case .string(let text): text
    case .integer(let value): String(value)
    default: nil
    }
  }

  var array: [JSONTree]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The text of a content field: a string, or the `text` of each part of a list.
  var contentText: String? {
    switch self {
    case .string(let text): text
    case .array(let parts):
      parts.compactMap { part in
        part.string
          ?? (part["type"]?.string.map { $0 == "text" || $0 == "output_text" } ?? true
            ? part["text"]?.string : nil)
      }.joined()
    default: nil
    }
  }
}

/// A recursive descent over bytes, at most 64 levels deep.
private struct JSONParser {
  private let bytes: [UInt8]
  private var index = 0
  private static let maxDepth = 64

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var malformed: JSONTree.Malformed { JSONTree.Malformed(offset: index) }

  mutating func document() throws(JSONTree.Malformed) -> JSONTree {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    let value = try self.value(depth: 0)
    skipBlanks()
    guard index == bytes.count else { throw malformed }
    return value
  }

  private mutating func skipBlanks() {
    while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
  }

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
    let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[index...].starts(with: expected) else { throw malformed }
    index += expected.count
    return value
  }

  private mutating func object(depth: Int) throws(JSONTree.Malformed) -> JSONTree {
    index += 1
    var members: [String: JSONTree] = [:]
    skipBlanks()
    if take(0x7D) { return .object(members) }
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
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) || "+-.eE".utf8.contains(bytes[index]) {
      index += 1
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw malformed }
    return .number(number)
  }

  private mutating func string() throws(JSONTree.Malformed) -> String {
    index += 1
    var start = index
    var text: [UInt8] = []
    while index < bytes.count {
      switch bytes[index] {
      case 0x22:
        text.append(contentsOf: bytes[start..<index])
        index += 1
        return String(decoding: text, as: UTF8.self)
      case 0x5C:
        text.append(contentsOf: bytes[start..<index])
        index += 1
        try escape(&text)
        start = index
      default: index += 1
      }
    }
    throw malformed
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
      text.append(contentsOf: String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8)
    default: throw malformed
    }
  }

  private mutating func unit() throws(JSONTree.Malformed) -> UInt16 {
    guard index + 4 <= bytes.count,
      bytes[index..<index + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
    else { throw malformed }
    index += 4
    return unit
  }
}
