/// A 128-bit hash of a content, to tell whether a text is the one that was read before.
///
/// The function is our own, of the multiply-and-fold family: not cryptographic (an adversary can construct collisions,
/// so it must never decide about trust), but with good avalanche, fast, and the same on every platform and in every
/// version: values are stored in the index. Changing it means changing the index format.
public struct ContentHash: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The upper 64 bits.
  public let high: UInt64
  /// The lower 64 bits.
  public let low: UInt64

  /// Wraps a hash that was stored.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Hashes `bytes`.
  public init(_ bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { ContentHash($0) }
  }

  /// Hashes the UTF-8 of `string`.
  public init(_ string: String) {
    var string = string
    self = string.withUTF8 { ContentHash(UnsafeRawBufferPointer($0)) }
  }

  /// Hashes `bytes`.
  public init(_ bytes: UnsafeRawBufferPointer) {
    var state = State()
    let tail = state.consumeBlocks(bytes)
    self = state.finish(bytes, from: tail)
  }

  /// Reads 32 hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    let digits = Array(hex.utf8)
    guard digits.count == 32, digits.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
      let high = UInt64(String(decoding: digits[..<16], as: UTF8.self), radix: 16),
      let low = UInt64(String(decoding: digits[16...], as: UTF8.self), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// The hash as 32 lower-case hexadecimal digits.
  public var hex: String { Self.hex(high) + Self.hex(low) }

  /// The upper half as 16 lower-case hexadecimal digits: enough to name a passage to a client.
  public var shortHex: String { Self.hex(high) }

  /// The same as `hex`.
  public var description: String { hex }

  /// Orders hashes as 128-bit numbers.
  public static func < (left: ContentHash, right: ContentHash) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension ContentHash {
  /// Four independent lanes of 64 bits, each of which eats 16 bytes of every 64-byte block.
  private struct State {
    // Odd constants with about as many ones as zeros: the fractional parts of the square roots of 2, 3, 5, 7, 11,
    // 13, 17 and 19, made odd.
    static let k0: UInt64 = 0x6A09_E667_F3BC_C909
    static let k1: UInt64 = 0xBB67_AE85_84CA_A73B
    static let k2: UInt64 = 0x3C6E_F372_FE94_F82B
    static let k3: UInt64 = 0xA54F_F53A_5F1D_36F1
    static let k4: UInt64 = 0x510E_527F_ADE6_82D1
    static let k5: UInt64 = 0x9B05_688C_2B3E_6C1F
    static let k6: UInt64 = 0x1F83_D9AB_FB41_BD6B
    static let k7: UInt64 = 0x5BE0_CD19_137E_2179

    var lane0 = Self.k0
    var lane1 = Self.k1
    var lane2 = Self.k2
    var lane3 = Self.k3

    /// Folds the 128-bit product of both words.
    @inline(__always)
    static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
      let product = left.multipliedFullWidth(by: right)
      return product.high ^ product.low
    }

    /// The rotated lane is added back so that a factor of zero cannot wipe out what came before.
    @inline(__always)
    static func mix(_ lane: UInt64, _ first: UInt64, _ second: UInt64, _ key: UInt64) -> UInt64 {
      (lane &<< 23 | lane &>> 41) &+ fold(first ^ key, second ^ lane)
    }

    @inline(__always)
    static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Eats all whole blocks and returns where the tail starts.
    mutating func consumeBlocks(_ bytes: UnsafeRawBufferPointer) -> Int {
      var offset = 0
      let end = bytes.count & ~63
      var (a, b, c, d) = (lane0, lane1, lane2, lane3)
      while offset < end {
        a = Self.mix(a, Self.word(bytes, offset), Self.word(bytes, offset &+ 8), Self.k4)
        b = Self.mix(b, Self.word(bytes, offset &+ 16), Self.word(bytes, offset &+ 24), Self.k5)
        c = Self.mix(c, Self.word(bytes, offset &+ 32), Self.word(bytes, offset &+ 40), Self.k6)
        d = Self.mix(d, Self.word(bytes, offset &+ 48), Self.word(bytes, offset &+ 56), Self.k7)
        offset &+= 64
      }
      (lane0, lane1, lane2, lane3) = (a, b, c, d)
      return end
    }

    /// Eats the last 0...63 bytes, padded with zeros, and folds the lanes; the length keeps paddings apart.
    func finish(_ bytes: UnsafeRawBufferPointer, from tail: Int) -> ContentHash {
      var padded: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
      withUnsafeMutableBytes(of: &padded) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[tail...])) }
      let a = Self.mix(lane0, UInt64(littleEndian: padded.0), UInt64(littleEndian: padded.1), Self.k4)
      let b = Self.mix(lane1, UInt64(littleEndian: padded.2), UInt64(littleEndian: padded.3), Self.k5)
      let c = Self.mix(lane2, UInt64(littleEndian: padded.4), UInt64(littleEndian: padded.5), Self.k6)
      let d = Self.mix(lane3, UInt64(littleEndian: padded.6), UInt64(littleEndian: padded.7), Self.k7)
      let length = UInt64(bytes.count) &* Self.k1
      let first = Self.fold(a ^ Self.k0, b ^ length) &+ Self.fold(c ^ Self.k2, d ^ Self.k3)
      let second = Self.fold(a ^ Self.k5, d ^ length) &+ Self.fold(b ^ Self.k6, c ^ Self.k4)
      return ContentHash(high: Self.scramble(first ^ second &>> 29), low: Self.scramble(second &+ first &* Self.k3))
    }

    /// Spreads every input bit over the word.
    @inline(__always)
    static func scramble(_ value: UInt64) -> UInt64 {
      let once = (value ^ value &>> 32) &* 0xD6E8_FEB8_6659_FD93
      let twice = (once ^ once &>> 29) &* 0xBF58_476D_1CE4_E5B9
      return twice ^ twice &>> 32
    }
  }
}
