#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Finds armoured private keys: `-----BEGIN … PRIVATE KEY…-----` with key material behind it.
enum PrivateKeyBlock {
  private static let opening = Array("-----BEGIN ".utf8)
  private static let closing = Array("-----END ".utf8)
  private static let mark = Array("PRIVATE KEY".utf8)

  /// Whether a private key stands in the text.
  ///
  /// The armour line alone, as in code which looks for keys, is none: base64 must follow on the next line.
  static func isIn(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    next(in: bytes, from: 0) != nil
  }

  /// The first private key at or after `start`: from its opening line through its closing line, or through the end of
  /// the text if it is never closed.
  static func next(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int>? {
    var index = start
    while let begin = ByteSearch.first(opening, in: bytes, from: index) {
      index = begin + opening.count
      var lineEnd = index
      while lineEnd < bytes.count, lineEnd - index < 80, bytes[lineEnd] != 0x0A { lineEnd += 1 }
      guard let found = ByteSearch.first(mark, in: UnsafeBufferPointer(rebasing: bytes[..<lineEnd]), from: index) else {
        continue
      }
      guard hasKeyMaterial(bytes, from: found + mark.count) else { continue }
      guard let end = ByteSearch.first(closing, in: bytes, from: index) else { return begin..<bytes.count }
      var stop = end + closing.count
      // The closing line ends with five dashes; what follows them on the line is not the key's.
      while stop < bytes.count, bytes[stop] != 0x0A, bytes[stop] != 0x2D { stop += 1 }
      while stop < bytes.count, bytes[stop] == 0x2D { stop += 1 }
      return begin..<stop
    }
    return nil
  }

  /// Whether a run of 40 bytes of base64 follows soon: directly, after headers, or in a string literal with `\n`.
  private static func hasKeyMaterial(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
    var run = 0
    var index = start
    let end = min(bytes.count, start + 400)
    while index < end {
      switch bytes[index] {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x3D:
        run += 1
        if run >= 40 { return true }
      default: run = 0
      }
      index += 1
    }
    return false
  }
}

/// Plain searches in bytes.
enum ByteSearch {
  /// Where `byte` first stands at or after `start`.
  @inline(__always)
  static func first(_ byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count,
      let found = memchr(base + start, Int32(byte), bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// Where `needle` first stands at or after `start`.
  static func first(_ needle: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let head = needle.first, bytes.count >= needle.count else { return nil }
    var index = start
    let last = bytes.count - needle.count
    while index <= last {
      guard let found = first(head, in: bytes, from: index), found <= last else { return nil }
      index = found
      if needle.withUnsafeBufferPointer({ matches($0, bytes, index) }) { return index }
      index += 1
    }
    return nil
  }

  @inline(__always)
  private static func matches(
    _ needle: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
  ) -> Bool {
    var index = 0
    while index < needle.count {
      if bytes[start &+ index] != needle[index] { return false }
      index &+= 1
    }
    return true
  }
}
