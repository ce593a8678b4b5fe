/// Finds the token of a lower-case string: an open-addressing hash table over the model's strings.
struct Vocabulary: Sendable {
  private let offsets: Constant<UInt32>
  private let strings: Constant<UInt8>
  /// Token + 1, or 0 for an empty slot. Four slots a token keep probes short.
  private let slots: [UInt32]
  private let mask: Int

  init(offsets: Constant<UInt32>, strings: Constant<UInt8>, count: Int) {
    self.offsets = offsets
    self.strings = strings
    var capacity = 1024
    while capacity < 4 * count { capacity *= 2 }
    var slots = [UInt32](repeating: 0, count: capacity)
    let mask = capacity - 1
    for token in 0..<count {
      let start = Int(offsets.pointer[token])
      let length = Int(offsets.pointer[token + 1]) - start
      guard length > 0 else { continue }
      var slot = Vocabulary.hash(strings.pointer + start, length) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(token + 1)
    }
    self.slots = slots
    self.mask = mask
  }

  /// The token whose text is these bytes.
  @inline(__always)
  func token(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32? {
    slots.withUnsafeBufferPointer { slots in
      var slot = Vocabulary.hash(bytes, count) & mask
      while true {
        let entry = slots[slot]
        if entry == 0 { return nil }
        let start = Int(offsets.pointer[Int(entry) - 1])
        let length = Int(offsets.pointer[Int(entry)]) - start
        if length == count {
          let candidate = strings.pointer + start
          var index = 0
          while index < count, candidate[index] == bytes[index] { index &+= 1 }
          if index == count { return entry - 1 }
        }
        slot = (slot &+ 1) & mask
      }
    }
  }

  /// FNV-1a with a final mix: strings here are a few bytes long.
  @inline(__always)
  private static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var index = 0
    while index < count {
      hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
      index &+= 1
    }
    hash ^= hash >> 29
    return Int(truncatingIfNeeded: hash & 0x7fff_ffff_ffff_ffff)
  }
}
