/// Why bytes are not JSON.
struct JSONSyntaxError: Error, Equatable {
  /// Where the fault is; the number of bytes when more were expected.
  var offset: Int
}

/// What `JSONScanner` learns of a message without decoding it.
struct JSONOutline {
  /// What the outermost value is.
  enum Root { case object, array, other }

  /// What the outermost value is.
  var root = Root.other
  /// The members of a root object which JSON-RPC knows, in their order; values and keys as they stand in the bytes.
  var members: [(key: Range<Int>, value: Range<Int>)] = []
  /// The elements of a root array, up to `JSONScanner.elementLimit` and one more.
  var elements: [Range<Int>] = []
  /// Offsets of `\uXXXX` escapes that are half of a surrogate pair without the other half.
  var loneSurrogates: [Int] = []
  /// Whether values nest deeper than is allowed: then the message must not be decoded.
  var isTooDeep = false
}

/// Checks that bytes are one JSON value (RFC 8259) in well-formed UTF-8, and finds the members of the envelope.
///
/// One pass, no recursion: hostile nesting cannot reach the stack, neither here nor in a decoder that runs later.
struct JSONScanner {
  /// Elements of a root array that are recorded.
  static let elementLimit = 1_000
  /// Members of a root object that are recorded. Envelopes have at most six.
  static let memberLimit = 64

  private enum Expectation { case value, valueOrEnd, key, keyOrEnd, commaOrEnd, end }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let depthLimit: Int
  private var index = 0
  private var outline = JSONOutline()
  /// The open brackets; true for an object.
  private var open: [Bool] = []
  private var keyRange = 0..<0
  private var valueStart = 0

  private init(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  /// Scans one value, with nothing but blanks around it.
  static func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int
  ) throws(JSONSyntaxError) -> JSONOutline {
    var scanner = JSONScanner(bytes, depthLimit: depthLimit)
    try scanner.run()
    return scanner.outline
  }

  private mutating func run() throws(JSONSyntaxError) {
    var expectation = Expectation.value
    while true {
      skipBlanks()
      guard index < bytes.count else {
        if expectation == .end { return }
        throw fault
      }
      let byte = bytes[index]
      switch expectation {
      case .end:
        throw fault
      case .valueOrEnd where byte == UInt8(ascii: "]"), .keyOrEnd where byte == UInt8(ascii: "}"):
        index += 1
        expectation = close()
      case .value, .valueOrEnd:
        expectation = try value(byte)
      case .key, .keyOrEnd:
        guard byte == UInt8(ascii: "\"") else { throw fault }
        let start = index
        try string()
        if open.count == 1 { keyRange = start..<index }
        skipBlanks()
        try take(UInt8(ascii: ":"))
        expectation = .value
      case .commaOrEnd:
        let inObject = open.last ?? false
        if byte == UInt8(ascii: ",") {
          index += 1
          expectation = inObject ? .key : .value
        } else if byte == UInt8(ascii: inObject ? "}" : "]") {
          index += 1
          expectation = close()
        } else {
          throw fault
        }
      }
    }
  }

  private var fault: JSONSyntaxError { JSONSyntaxError(offset: index) }

  /// Reads a scalar, or opens a container.
  private mutating func value(_ byte: UInt8) throws(JSONSyntaxError) -> Expectation {
    if open.count == 1 { valueStart = index }
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      let isObject = byte == UInt8(ascii: "{")
      if open.isEmpty { outline.root = isObject ? .object : .array }
      if open.count >= depthLimit { outline.isTooDeep = true }
      open.append(isObject)
      index += 1
      return isObject ? .keyOrEnd : .valueOrEnd
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    default: try number()
    }
    return ended()
  }

  private mutating func close() -> Expectation {
    open.removeLast()
    return ended()
  }

  /// A value has ended at `index`.
  private mutating func ended() -> Expectation {
    if open.isEmpty { return .end }
    if open.count == 1 {
      let range = valueStart..<index
      if outline.root == .object {
        if outline.members.count < Self.memberLimit { outline.members.append((keyRange, range)) }
      } else if outline.elements.count <= Self.elementLimit {
        outline.elements.append(range)
      }
    }
    return .commaOrEnd
  }

  private mutating func skipBlanks() {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) throws(JSONSyntaxError) {
    guard index < bytes.count, bytes[index] == byte else { throw fault }
    index += 1
  }

  private mutating func literal(_ text: StaticString) throws(JSONSyntaxError) {
    for offset in 0..<text.utf8CodeUnitCount { try take(text.utf8Start[offset]) }
  }

  private mutating func number() throws(JSONSyntaxError) {
    if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
    if index < bytes.count, bytes[index] == UInt8(ascii: "0") {
      index += 1
    } else {
      try digits()
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
      try digits()
    }
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = index
    while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 { index += 1 }
    if index == start { throw fault }
  }

  private mutating func string() throws(JSONSyntaxError) {
    index += 1
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        index += 1
        return
      } else if byte == UInt8(ascii: "\\") {
        try escape()
      } else if byte < 0x20 {
        throw fault
      } else if byte < 0x80 {
        index += 1
      } else {
        try scalar(byte)
      }
    }
    throw fault
  }

  private mutating func escape() throws(JSONSyntaxError) {
    guard index + 1 < bytes.count else { throw JSONSyntaxError(offset: bytes.count) }
    switch bytes[index + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      index += 2
    case UInt8(ascii: "u"):
      guard let unit = codeUnit(at: index) else { throw fault }
      if (0xD800..<0xDC00).contains(unit), let low = codeUnit(at: index + 6), (0xDC00..<0xE000).contains(low) {
        index += 12
      } else {
        if (0xD800..<0xE000).contains(unit) { outline.loneSurrogates.append(index) }
        index += 6
      }
    default:
      throw fault
    }
  }

  /// The value of `\uXXXX` at `offset`, where there is one.
  private func codeUnit(at offset: Int) -> UInt32? {
    guard offset + 6 <= bytes.count, bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
    else { return nil }
    var value: UInt32 = 0
    for digit in bytes[(offset + 2)..<(offset + 6)] {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(digit - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(digit - UInt8(ascii: "A") + 10)
      default: return nil
      }
    }
    return value
  }

  /// Passes over one scalar beyond ASCII, checked after table 3-7 of the Unicode standard.
  private mutating func scalar(_ lead: UInt8) throws(JSONSyntaxError) {
    let following: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: following = 1
    case 0xE0: (following, second) = (2, 0xA0...0xBF)
    case 0xED: (following, second) = (2, 0x80...0x9F)
    case 0xE1...0xEF: following = 2
    case 0xF0: (following, second) = (3, 0x90...0xBF)
    case 0xF1...0xF3: following = 3
    case 0xF4: (following, second) = (3, 0x80...0x8F)
    default: throw fault
    }
    guard index + following < bytes.count, second.contains(bytes[index + 1]) else { throw fault }
    for offset in 2..<(following + 1) where following > 1 {
      guard bytes[index + offset] & 0xC0 == 0x80 else { throw fault }
    }
    index += following + 1
  }
}
