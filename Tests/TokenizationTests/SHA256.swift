/// The digest that published files are known by (FIPS 180-4).
enum SHA256 {
  static func hex(_ message: [UInt8]) -> String {
    // The fractional parts of the square and cube roots of the first primes.
    let primes = (2...311).filter { number in !(2..<number).contains { number % $0 == 0 } }
    var state = primes.prefix(8).map { fraction(of: root($0, 2)) }
    let constants = primes.map { fraction(of: root($0, 3)) }
    var padded = message + [0x80]
    padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
    withUnsafeBytes(of: UInt64(message.count * 8).bigEndian) { padded += $0 }
    var words = [UInt32](repeating: 0, count: 64)
    padded.withUnsafeBytes { padded in
      for block in stride(from: 0, to: padded.count, by: 64) {
        for i in 0..<16 { words[i] = padded.loadUnaligned(fromByteOffset: block + 4 * i, as: UInt32.self).byteSwapped }
        for i in 16..<64 {
          let a = words[i - 15]
          let b = words[i - 2]
          let low = turned(a, 7) ^ turned(a, 18) ^ a >> 3
          let high = turned(b, 17) ^ turned(b, 19) ^ b >> 10
          words[i] = words[i - 16] &+ low &+ words[i - 7] &+ high
        }
        var v = state
        for i in 0..<64 {
          let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
          let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
          let first =
            v[7] &+ (turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)) &+ choice &+ constants[i] &+ words[i]
          let second = (turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) &+ majority
          v = [first &+ second, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        for i in 0..<8 { state[i] = state[i] &+ v[i] }
      }
    }
    return state.map { word in (0..<8).map { String(word >> (28 - 4 * $0) & 15, radix: 16) }.joined() }.joined()
  }

  private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }

  /// The root of a number times 2^32, rounded down. A prime times 2^96 fits into 128 bits.
  private static func root(_ number: Int, _ degree: Int) -> UInt64 {
    let limit = UInt128(number) << UInt128(32 * degree)
    var root: UInt128 = 0
    for bit in (0..<38).reversed() {
      let candidate = root | 1 << UInt128(bit)
      if (1..<degree).reduce(candidate, { product, _ in product * candidate }) <= limit { root = candidate }
    }
    return UInt64(root)
  }

  private static func fraction(of root: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: root) }
}
