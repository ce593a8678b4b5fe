import CBytePairs
import CEmbeddedData

@testable import Tokenization

/// A vocabulary as it is published, taken out of the packed one: the bytes of each token.
struct PublishedVocabulary: Sendable {
  static let o200k = PublishedVocabulary(.o200k)
  static let cl100k = PublishedVocabulary(.cl100k)

  static func named(_ name: BytePairEncoding.Name) -> PublishedVocabulary { name == .o200k ? o200k : cl100k }

  /// By rank; empty where the packed file says nothing.
  let tokens: [[UInt8]]
  let ranks: [[UInt8]: Int]
  /// Which two tokens become which.
  let pairs: [(token: UInt32, left: UInt32, right: UInt32)]

  init(_ name: BytePairEncoding.Name) {
    let blob = cicerone_vocabularies()
    let opened = UnsafeMutablePointer<cbp_encoding>.allocate(capacity: 1)
    defer { opened.deallocate() }
    guard cbp_open(blob.bytes, blob.count, name == .o200k ? 0 : 1, opened) else {
      (tokens, ranks, pairs) = ([], [:], [])
      return
    }
    let encoding = opened.pointee
    var pairs: [(token: UInt32, left: UInt32, right: UInt32)] = []
    for slot in UnsafeBufferPointer(start: encoding.slots, count: Int(encoding.slot_count)) where slot != .max {
      pairs.append((UInt32(slot & 0x3FFFF), UInt32(slot >> 36), UInt32(slot >> 18 & 0x3FFFF)))
    }
    // Halves have lower ranks than the whole.
    pairs.sort { $0.token < $1.token }
    var tokens = [[UInt8]](repeating: [], count: Int(encoding.tokens))
    for byte in 0..<256 { tokens[Int(encoding.bytes[byte])] = [UInt8(byte)] }
    for pair in pairs { tokens[Int(pair.token)] = tokens[Int(pair.left)] + tokens[Int(pair.right)] }
    self.pairs = pairs
    self.tokens = tokens
    ranks = Dictionary(zip(tokens, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// The published file: a line for each token.
  var file: [UInt8] {
    var file: [UInt8] = []
    for (rank, token) in tokens.enumerated() { file += Self.base64(token) + Array(" \(rank)\n".utf8) }
    return file
  }

  private static func base64(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      let bits = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
      for place in 0..<4 { result.append(place <= part.count ? digits[bits >> (18 - 6 * place) & 63] : 0x3D) }
    }
    return result
  }
}
