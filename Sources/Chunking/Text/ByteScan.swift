#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Searches for single bytes at the speed of the system's library.
enum ByteScan {
  /// The offset of the first `byte` in `start..<end`, or `end`.
  @inline(__always)
  static func first(_ byte: UInt8, in base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    guard start < end, let found = memchr(base + start, Int32(byte), end &- start) else { return end }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// The offset of the first line feed or carriage return in `start..<end`, or `end`.
  static func lineEnding(in base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var from = start
    while from < end {
      // A window at a time: a text that has but one of both must not be searched to its end for the other.
      let to = min(end, from &+ 256)
      let feed = first(0x0A, in: base, from: from, to: to)
      let ending = first(0x0D, in: base, from: from, to: feed)
      if ending < to { return ending }
      from = to
    }
    return end
  }
}
