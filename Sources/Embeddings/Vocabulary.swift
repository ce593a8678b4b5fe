/// Finds the token of a lower-case string: an open-addressing hash table over the model's strings.
struct Vocabulary: Sendable {
  private let offsets: Constant<UInt32>
  private let strings: Constant<UInt8>
  /// Eight bits of the hash over token + 1, or 0 for an empty slot. Four slots a token keep probes short, and most strings
  /// that are no token are told by the slot alone.
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
      let hash = Vocabulary.hash(strings.pointer + start, length)
      var slot = Int(truncatingIfNeeded: Vocabulary.mix(hash)) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = Vocabulary.tag(Vocabulary.mix(hash)) | UInt32(token + 1)
    }
    self.slots = slots
    self.mask = mask
  }

  /// The token whose text is these bytes.
  @inline(__always)
  func token(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32? {
    token(bytes, count, hash: Vocabulary.hash(bytes, count))
  }

  /// The same for bytes whose hash, by `start` and `step`, is known.
  @inline(__always)
  func token(_ bytes: UnsafePointer<UInt8>, _ count: Int, hash: UInt64) -> UInt32? {
    slots.withUnsafeBufferPointer { slots in
      let mixed = Vocabulary.mix(hash)
      let tag = Vocabulary.tag(mixed)
      var slot = Int(truncatingIfNeeded: mixed) & mask
      while true {
        let entry = slots[slot]
        if entry == 0 { return nil }
        if entry & 0xFF00_0000 == tag {
          let token = (entry & 0x00FF_FFFF) &- 1
          let start = Int(offsets.pointer[Int(token)])
          let length = Int(offsets.pointer[Int(token) &+ 1]) &- start
          if length == count {
            let candidate = strings.pointer + start
            var index = 0
            while index < count, candidate[index] == bytes[index] { index &+= 1 }
            if index == count { return token }
          }
        }
        slot = (slot &+ 1) & mask
      }
    }
  }

  /// The hash of no bytes. FNV-1a: strings here are a few bytes long.
  static let start: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The hash of a string that goes on with `byte`.
  @inline(__always)
  static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

  @inline(__always)
  private static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    var hash = start
    var index = 0
    while index < count {
      hash = step(hash, bytes[index])
      index &+= 1
    }
    return hash
  }

  @inline(__always)
  private static func mix(_ hash: UInt64) -> UInt64 { hash ^ (hash &>> 29) }

  @inline(__always)
  private static func tag(_ mixed: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: mixed &>> 32) & 0xFF00_0000 }
}
