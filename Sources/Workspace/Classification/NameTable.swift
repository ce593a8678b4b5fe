/// A fixed set of short lower-case names, each with a value, for questions about bytes.
///
/// A dictionary of strings would make a string of every name that is asked for; discovery asks for two a file.
struct NameTable<Value: Sendable>: Sendable {
  /// All names, one after the other.
  private var bytes: [UInt8] = []
  private var entries: [(start: Int, length: Int, value: Value)] = []
  /// Numbers of entries by hash, -1 where there is none; a power of two, at most half full.
  private var slots: [Int32]
  private let mask: Int
  private var longest = 0

  init(_ groups: [(names: [String], value: Value)]) {
    let count = groups.reduce(0) { $0 + $1.names.count }
    var size = 16
    while size < count * 2 { size *= 2 }
    mask = size - 1
    slots = Array(repeating: -1, count: size)
    for group in groups {
      for name in group.names {
        let key = Array(name.utf8)
        var slot = key.withUnsafeBufferPointer(Self.hash) & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(entries.count)
        entries.append((bytes.count, key.count, group.value))
        bytes += key
        longest = max(longest, key.count)
      }
    }
  }

  /// The value of a name; nil if it is none of the set.
  func value(_ name: UnsafeBufferPointer<UInt8>) -> Value? {
    guard name.count <= longest else { return nil }
    var slot = Self.hash(name) & mask
    while slots[slot] >= 0 {
      let entry = entries[Int(slots[slot])]
      if entry.length == name.count, equal(entry.start, name) { return entry.value }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func equal(_ start: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      for index in 0..<name.count where bytes[start &+ index] != name[index] { return false }
      return true
    }
  }

  /// FNV-1a, folded.
  @inline(__always)
  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return Int(truncatingIfNeeded: (hash ^ hash &>> 29) & 0x7FFF_FFFF)
  }
}
