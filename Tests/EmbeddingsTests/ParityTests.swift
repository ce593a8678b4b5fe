import Embeddings
import Foundation
import Testing

/// The vectors of the reference implementation, as published with the model.
struct ParityTests {
  struct Vector: Decodable {
    var text_b64: String
    var query: Bool
    var ids: [UInt32]
    var e8: [Float]
    var norm: Double
    var bin: String
  }

  static func vectors() throws -> [Vector] {
    let url = try #require(
      Bundle.module.url(forResource: "parity_vectors", withExtension: "jsonl", subdirectory: "Fixtures"))
    let decoder = JSONDecoder()
    return try Data(contentsOf: url).split(separator: UInt8(ascii: "\n")).map {
      try decoder.decode(Vector.self, from: Data($0))
    }
  }

  @Test func agreesWithTheReferenceOnEveryVector() throws {
    let vectors = try Self.vectors()
    #expect(vectors.count == 2300)
    var embedder = StaticEmbedder()
    for (number, vector) in vectors.enumerated() {
      let text = [UInt8](try #require(Data(base64Encoded: vector.text_b64)))
      let (ids, unit, norm) = text.withUnsafeBufferPointer { text in
        let (unit, norm) = embedder.embedding(of: text, as: vector.query ? .query : .document)
        return (embedder.tokenize(text), unit, norm)
      }
      #expect(ids == vector.ids, "ids of vector \(number)")
      for (ours, theirs) in zip(unit, vector.e8) {
        #expect(abs(ours - theirs) < 1e-4, "embedding of vector \(number)")
      }
      #expect(abs(norm - vector.norm) < 1e-4 * max(1, vector.norm), "norm of vector \(number)")
      let code = embedder.binaryCode(of: unit).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      if code != vector.bin {
        // Bits may differ only where a value is all but equal to its threshold.
        let differing = zip(code, vector.bin).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
        #expect(differing <= 2, "binary code of vector \(number)")
      }
    }
  }

  @Test func quantisedEmbeddingsKeepTheirDirection() throws {
    var embedder = StaticEmbedder()
    let text = Array("func recover(from journal: Journal) throws -> Index".utf8)
    text.withUnsafeBufferPointer { text in
      let (unit, _) = embedder.embedding(of: text, as: .document)
      var codes = [Int8](repeating: 0, count: embedder.model.dimensions)
      let scale = codes.withUnsafeMutableBufferPointer { codes in
        embedder.embed(text, as: .document, codes: codes.baseAddress!)
      }
      let cosine = zip(unit, codes).reduce(Float(0)) { $0 + $1.0 * Float($1.1) * scale }
      #expect(cosine > 0.999 && cosine < 1.001)
      #expect(codes.allSatisfy { $0 > -128 })
    }
  }

  @Test func aTextWithoutTokensIsZero() {
    var embedder = StaticEmbedder()
    var codes = [Int8](repeating: 7, count: embedder.model.dimensions)
    let scale = Array("--- ... !!!".utf8).withUnsafeBufferPointer { text in
      codes.withUnsafeMutableBufferPointer { embedder.embed(text, as: .query, codes: $0.baseAddress!) }
    }
    #expect(scale == 0)
    #expect(codes.allSatisfy { $0 == 0 })
  }
}
