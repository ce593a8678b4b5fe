#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Tells random values from words and placeholders.
enum Randomness {
  /// Whether a value assigned to a telling name is likely a real secret.
  static func looksRandom(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    guard value.count >= 8, !isPlaceholder(value) else { return false }
    var (letters, capitals, digits, others, wordBreaks) = (0, 0, 0, 0, 0)
    for byte in value {
      switch byte {
      case 0x61...0x7A: letters += 1
      case 0x41...0x5A: capitals += 1
      case 0x30...0x39: digits += 1
      case 0x20, 0x2D, 0x2E, 0x2F, 0x3A, 0x5F: wordBreaks += 1
      case 0x80...: return false
      default: others += 1
      }
    }
    // Words, identifiers and paths are letters with breaks; numbers and versions have no letters.
    if digits == 0 && others == 0 {
      return value.count >= 24 && wordBreaks == 0 && capitals > 2 && letters > 2 && entropy(value) > 4
    }
    if letters + capitals == 0 { return false }
    // A word with a number behind it, `user_name_1`, is an identifier.
    if others == 0, wordBreaks > 0, digits * 5 < value.count { return false }
    return entropy(value) >= (value.count < 16 ? 2.7 : 3.2)
  }

  /// Whether the value stands for one that the reader is to put in.
  static func isPlaceholder(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = value.first, let last = value.last else { return true }
    if first == 0x24 || first == 0x3C || first == 0x7B || first == 0x25 || first == 0x5B || last == 0x3E { return true }
    let text = String(decoding: value.prefix(200).map(asciiLowercased), as: UTF8.self)
    return placeholders.contains { text.contains($0) } || distinct(value) < 3
  }

  private static let placeholders = [
    "example", "changeme", "change_me", "change-me", "your", "xxxx", "placeholder", "dummy", "redacted", "insert",
    "replace", "todo", "****", "....", "<", "${", "{{", "%s", "%(", "#{", "$(", "password", "passwd", "secret",
    "sample",
    "test", "fake", "mock", "abcdef", "123456", "foobar", "lorem", "notreal", "none", "null", "undefined",
    "process.env",
    "os.environ", "getenv",
  ]

  /// The same for the body of a key whose format is known: less can be an accident there.
  static func isKeyPlaceholder(_ body: UnsafeBufferPointer<UInt8>) -> Bool {
    let text = String(decoding: body.prefix(200).map(asciiLowercased), as: UTF8.self)
    return ["example", "xxxxx", "placeholder", "your", "redacted"].contains { text.contains($0) } || distinct(body) < 6
  }

  /// How many different bytes the value has.
  static func distinct(_ value: UnsafeBufferPointer<UInt8>) -> Int {
    var low: UInt64 = 0
    var high: UInt64 = 0
    for byte in value {
      if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
    }
    return low.nonzeroBitCount + high.nonzeroBitCount
  }

  static func digits(_ value: UnsafeBufferPointer<UInt8>) -> Int {
    value.reduce(0) { $0 + (0x30...0x39 ~= $1 ? 1 : 0) }
  }

  /// Bits a byte, by the frequencies of the value's own bytes.
  static func entropy(_ value: UnsafeBufferPointer<UInt8>) -> Double {
    var counts = [Int](repeating: 0, count: 256)
    for byte in value { counts[Int(byte)] += 1 }
    let total = Double(value.count)
    return counts.reduce(0.0) { sum, count in
      guard count > 0 else { return sum }
      let share = Double(count) / total
      return sum - share * log2(share)
    }
  }
}
