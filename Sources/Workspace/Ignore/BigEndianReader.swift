/// Reads the big-endian numbers of git's files, checking bounds.
struct BigEndianReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// The next byte to read.
  private(set) var index: Int
  private let end: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0, to end: Int? = nil) {
    self.bytes = bytes
    index = start
    self.end = min(end ?? bytes.count, bytes.count)
  }

  /// Bytes left.
  var left: Int { end - index }

  /// Passes over `count` bytes; false if there are fewer.
  @inline(__always)
  mutating func skip(_ count: Int) -> Bool {
    guard count >= 0, left >= count else { return false }
    index &+= count
    return true
  }

  /// Passes over `count` bytes and returns where they stand.
  mutating func take(_ count: Int) -> UnsafeBufferPointer<UInt8>? {
    let start = index
    guard skip(count) else { return nil }
    return UnsafeBufferPointer(rebasing: bytes[start..<index])
  }

  /// A number of `size` bytes, at most eight.
  @inline(__always)
  mutating func number(_ size: Int) -> UInt64? {
    let start = index
    guard skip(size) else { return nil }
    var value: UInt64 = 0
    for offset in start..<index { value = value &<< 8 | UInt64(bytes[offset]) }
    return value
  }

  /// git's offset encoding: seven bits a byte, each continuation adding one.
  mutating func variableNumber() -> Int? {
    guard var byte = number(1) else { return nil }
    var value = byte & 127
    while byte & 128 != 0 {
      guard value < 1 << 48, let next = number(1) else { return nil }
      byte = next
      value = (value + 1) << 7 | byte & 127
    }
    return Int(value)
  }

  /// The bytes up to the next NUL, which is passed over too.
  mutating func untilZero() -> UnsafeBufferPointer<UInt8>? {
    var stop = index
    while stop < end, bytes[stop] != 0 { stop &+= 1 }
    guard stop < end else { return nil }
    defer { index = stop + 1 }
    return UnsafeBufferPointer(rebasing: bytes[index..<stop])
  }
}
