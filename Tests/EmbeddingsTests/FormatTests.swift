import Embeddings
import Testing

/// Bytes that are not a model are refused, never read past their end.
struct FormatTests {
  @Test func otherBytesAreRefused() {
    let garbage = [UInt8](repeating: 0x41, count: 200)
    _ = garbage.withUnsafeBytes { bytes in
      #expect(throws: StaticEmbeddingModel.FormatError.notAModel) { try StaticEmbeddingModel(constant: bytes) }
    }
  }

  @Test func aTruncatedModelIsRefused() {
    var header = Array("CODEEMB1".utf8)
    for value: UInt32 in [1, 44_000, 256, 0, 64, 6000, 20, 1, 96, 176_096, 352_096, 440_096, 616_112, 900_000, 901_056]
    {
      withUnsafeBytes(of: value.littleEndian) { header.append(contentsOf: $0) }
    }
    header += [UInt8](repeating: 0, count: 4096)
    _ = header.withUnsafeBytes { bytes in
      #expect(throws: StaticEmbeddingModel.FormatError.damaged) { try StaticEmbeddingModel(constant: bytes) }
    }
  }
}
