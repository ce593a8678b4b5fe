/// Makes UTF-8 of a file's bytes, so that everything else knows one encoding.
///
/// Positions in the result are those that an editor shows: a byte order mark is no part of the text.
public enum TextDecoder {
  /// How a file's text is encoded.
  public enum Encoding: String, Sendable, CaseIterable {
    /// UTF-8, perhaps with some ill-formed bytes, which count as U+FFFD.
    case utf8
    /// UTF-8 behind a byte order mark.
    case utf8WithMark
    /// UTF-16, little-endian; with a byte order mark or recognised by its zeros.
    case utf16LittleEndian
    /// UTF-16, big-endian.
    case utf16BigEndian
    /// Anything else that extends ASCII, read as Windows-1252, in which every byte is a character; what is
    /// well-formed UTF-8 in it stays that.
    case windows1252
  }

  /// How many bytes are looked at for the zeros of UTF-16.
  private static let probe = 4096

  /// How the bytes are encoded, as far as they tell.
  public static func encoding(of bytes: UnsafeBufferPointer<UInt8>) -> Encoding {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { return .utf8WithMark }
    if bytes.count >= 2 {
      if bytes[0] == 0xFF, bytes[1] == 0xFE { return .utf16LittleEndian }
      if bytes[0] == 0xFE, bytes[1] == 0xFF { return .utf16BigEndian }
    }
    guard let first = firstOutsideASCII(bytes, from: 0) else { return unmarked16(bytes) ?? .utf8 }
    if let encoding = unmarked16(bytes) { return encoding }
    var (wellFormed, illFormed) = (0, 0)
    var index = first
    while index < bytes.count {
      let step = UTF8Step.next(bytes, index, bytes.count)
      if step.isWellFormed(lead: bytes[index]) { wellFormed += 1 } else { illFormed += 1 }
      index += step.length
      index = firstOutsideASCII(bytes, from: index) ?? bytes.count
    }
    // Text in another encoding seldom looks like UTF-8 by accident; damaged UTF-8 still does for the most part.
    return illFormed > wellFormed ? .windows1252 : .utf8
  }

  /// The text as UTF-8, ill-formed parts of which stay as they are in `bytes`; `bytes` itself where nothing changes.
  public static func decode(_ bytes: [UInt8]) -> [UInt8] {
    let encoding = bytes.withUnsafeBufferPointer(encoding(of:))
    switch encoding {
    case .utf8: return bytes
    case .utf8WithMark: return Array(bytes.dropFirst(3))
    case .utf16LittleEndian, .utf16BigEndian:
      return bytes.withUnsafeBufferPointer { decode16($0, isBigEndian: encoding == .utf16BigEndian) }
    case .windows1252:
      return bytes.withUnsafeBufferPointer(decode1252)
    }
  }

  /// Where the first byte of 0x80 or more stands.
  private static func firstOutsideASCII(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    let raw = UnsafeRawBufferPointer(bytes)
    var index = start
    while index &+ 8 <= raw.count {
      let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080
      if word != 0 { return index &+ UInt64(littleEndian: word).trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    while index < raw.count {
      if raw[index] >= 0x80 { return index }
      index &+= 1
    }
    return nil
  }

  /// UTF-16 without a mark: of the characters at the beginning many are Latin, so that every other byte is zero, and
  /// always the same one.
  private static func unmarked16(_ bytes: UnsafeBufferPointer<UInt8>) -> Encoding? {
    guard bytes.count >= 8, bytes.count % 2 == 0, bytes[0] == 0 || bytes[1] == 0 else { return nil }
    var (even, odd, pairs) = (0, 0, 0)
    var index = 0
    while index + 1 < min(bytes.count, probe) {
      if bytes[index] == 0 { even += 1 }
      if bytes[index + 1] == 0 { odd += 1 }
      pairs += 1
      index += 2
    }
    let isLittleEndian = even == 0
    guard even == 0 || odd == 0, max(even, odd) * 2 >= pairs else { return nil }
    // A table of small numbers has such zeros too, but not such characters.
    index = 0
    var controls = 0
    while index + 1 < min(bytes.count, probe) {
      let (high, low) = isLittleEndian ? (bytes[index + 1], bytes[index]) : (bytes[index], bytes[index + 1])
      if high == 0, low < 0x20, low != 0x09, low != 0x0A, low != 0x0D { controls += 1 }
      index += 2
    }
    guard controls == 0 else { return nil }
    return isLittleEndian ? .utf16LittleEndian : .utf16BigEndian
  }

  /// Surrogates that have no partner become U+FFFD, which is one unit in UTF-16 too.
  private static func decode16(_ bytes: UnsafeBufferPointer<UInt8>, isBigEndian: Bool) -> [UInt8] {
    func unit(_ index: Int) -> UInt32 {
      isBigEndian
        ? UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1]) : UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index])
    }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    if bytes.count >= 2, unit(0) == 0xFEFF { index = 2 }
    while index + 1 < bytes.count {
      var scalar = unit(index)
      index += 2
      if scalar & 0xFC00 == 0xD800, index + 1 < bytes.count, unit(index) & 0xFC00 == 0xDC00 {
        scalar = 0x10000 + (scalar & 0x3FF) << 10 + (unit(index) & 0x3FF)
        index += 2
      } else if scalar & 0xF800 == 0xD800 {
        scalar = 0xFFFD
      }
      append(scalar, to: &result)
    }
    // Half a unit at the end.
    if index < bytes.count { append(0xFFFD, to: &result) }
    return result
  }

  private static func decode1252(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 8)
    var index = 0
    while index < bytes.count {
      let step = UTF8Step.next(bytes, index, bytes.count)
      let group = bytes[index..<index + step.length]
      // Files that were pasted together hold both; what is well-formed UTF-8 is hardly ever meant as anything else.
      if step.isWellFormed(lead: bytes[index]) {
        result.append(contentsOf: group)
      } else {
        for byte in group { append(byte < 0xA0 ? windows1252[Int(byte) - 0x80] : UInt32(byte), to: &result) }
      }
      index += step.length
    }
    return result
  }

  @inline(__always)
  private static func append(_ scalar: UInt32, to result: inout [UInt8]) {
    func byte(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 0x3F) }
    switch scalar {
    case 0..<0x80: result.append(UInt8(truncatingIfNeeded: scalar))
    case 0x80..<0x800: result += [UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6), byte(0)]
    case 0x800..<0x10000: result += [UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12), byte(6), byte(0)]
    default: result += [UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18), byte(12), byte(6), byte(0)]
    }
  }

  /// What 0x80...0x9F stand for; the five that stand for nothing are themselves, as in browsers.
  private static let windows1252: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
    0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
    0x017E, 0x0178,
  ]
}
