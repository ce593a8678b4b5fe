/// Spells paths as strings so that every path has its own, also one that is not UTF-8.
///
/// A byte that is not part of UTF-8 becomes a private-use scalar of its own (U+10FE00 plus the byte). A name that holds
/// such scalars already has their bytes spelled likewise, so `bytes(string(path)) == path` for all paths.
public enum PathText {
  /// The string of a path's bytes.
  public static func string(_ bytes: [UInt8]) -> String {
    bytes.withUnsafeBufferPointer { string($0) }
  }

  /// The string of a path's bytes.
  static func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0xF4) { return text }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 16)
    var index = 0
    while index < bytes.count {
      let step = UTF8Step.next(bytes, index, bytes.count)
      let group = bytes[index..<index + step.length]
      if step.isWellFormed(lead: bytes[index]), !isMark(group) {
        result.append(contentsOf: group)
      } else {
        for byte in group { result += [0xF4, 0x8F, 0xBA | (byte >> 6 & 1), 0x80 | (byte & 0x3F)] }
      }
      index += step.length
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes that a string of `string(_:)` stands for.
  public static func bytes(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.contains(0xF4) else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if index + 4 <= bytes.count, isMark(bytes[index..<index + 4]) {
        result.append(0x80 | (bytes[index + 2] & 1) << 6 | (bytes[index + 3] & 0x3F))
        index += 4
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  /// The path for the reader's eye: what is not UTF-8 becomes U+FFFD.
  public static func display(_ text: String) -> String {
    text.utf8.contains(0xF4) ? String(decoding: bytes(text), as: UTF8.self) : text
  }

  /// Whether four bytes are a scalar of U+10FE80...U+10FEFF.
  private static func isMark(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    var iterator = bytes.makeIterator()
    guard bytes.count == 4, iterator.next() == 0xF4, iterator.next() == 0x8F, let third = iterator.next() else {
      return false
    }
    return third == 0xBA || third == 0xBB
  }
}
