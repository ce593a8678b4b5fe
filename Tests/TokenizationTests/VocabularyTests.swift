import CBytePairs
import CEmbeddedData
import SeededInput
import Testing

@testable import Tokenization

/// What the packed vocabularies hold.
struct VocabularyTests {
  /// The digests are of the published files, so the packed vocabularies hold the same tokens with the same ranks.
  @Test(arguments: [
    (BytePairEncoding.Name.o200k, "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
    (.cl100k, "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
  ])
  func isThePublishedOne(name: BytePairEncoding.Name, digest: String) {
    let vocabulary = PublishedVocabulary.named(name)
    #expect(vocabulary.tokens.count == BytePairEncoding.named(name).tokenCount)
    #expect(vocabulary.pairs.count == vocabulary.tokens.count - 256)
    #expect(SHA256.hex(vocabulary.file) == digest)
  }

  @Test func digestIsTheStandardOne() {
    #expect(SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(SHA256.hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  /// The hash finds each pair that is there, and none that is not.
  @Test(arguments: BytePairEncoding.Name.allCases)
  func everyPairIsFound(name: BytePairEncoding.Name) throws {
    let blob = cicerone_vocabularies()
    let encoding = UnsafeMutablePointer<cbp_encoding>.allocate(capacity: 1)
    defer { encoding.deallocate() }
    try #require(cbp_open(blob.bytes, blob.count, name == .o200k ? 0 : 1, encoding))
    let vocabulary = PublishedVocabulary.named(name)
    let missing = vocabulary.pairs.count { cbp_merged(encoding, $0.left, $0.right) != $0.token }
    #expect(missing == 0)
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<100_000 {
      let left = Int.random(in: 0..<vocabulary.tokens.count, using: &generator)
      let right = Int.random(in: 0..<vocabulary.tokens.count, using: &generator)
      let found = cbp_merged(encoding, UInt32(left), UInt32(right))
      #expect(found == .max || vocabulary.tokens[Int(found)] == vocabulary.tokens[left] + vocabulary.tokens[right])
    }
  }

  /// The classes come from the tables of the expressions' engine; Swift has its own. They may differ where one knows a
  /// later version of Unicode, in which characters come to be; and U+0295 was a lower-case letter before version 17.
  @Test func classesAreThoseOfUnicode() throws {
    let blob = cicerone_vocabularies()
    let opened = UnsafeMutablePointer<cbp_encoding>.allocate(capacity: 1)
    defer { opened.deallocate() }
    try #require(cbp_open(blob.bytes, blob.count, 0, opened))
    var different = 0
    for number in UInt32(0)..<0x110000 {
      guard let scalar = Unicode.Scalar(number) else { continue }
      let category = scalar.properties.generalCategory
      let expected: UInt8 =
        switch category {
        case .uppercaseLetter, .titlecaseLetter: 1
        case .lowercaseLetter: 2
        case .modifierLetter, .otherLetter: 4
        case .nonspacingMark, .spacingMark, .enclosingMark: 8
        case .decimalNumber, .letterNumber, .otherNumber: 16
        default: scalar.properties.isWhitespace ? (number == 10 || number == 13 ? 64 : 32) : 128
        }
      let found = cbp_class(opened, number)
      guard found != expected else { continue }
      different += 1
      #expect(
        category == .unassigned || found == 128 || number == 0x295,
        "U+\(String(number, radix: 16)): \(found), not \(expected)")
    }
    #expect(different < 10_000)
  }

  @Test func damagedFilesAreRefused() throws {
    let blob = cicerone_vocabularies()
    let copy = UnsafeMutableRawPointer.allocate(byteCount: blob.count, alignment: 64)
    defer { copy.deallocate() }
    copy.copyMemory(from: blob.bytes, byteCount: blob.count)
    let bytes = copy.bindMemory(to: UInt8.self, capacity: blob.count)
    let encoding = UnsafeMutablePointer<cbp_encoding>.allocate(capacity: 1)
    defer { encoding.deallocate() }
    #expect(cbp_open(bytes, blob.count, 0, encoding) && cbp_open(bytes, blob.count, 1, encoding))
    #expect(!cbp_open(bytes, blob.count, 2, encoding))
    for size in [0, 8, 255, 256, blob.count / 2, blob.count - 64] { #expect(!cbp_open(bytes, size, 1, encoding)) }
    // Magic, version, offsets and numbers, one after the other.
    for offset in [0, 8, 16, 20, 36, 40, 44, 48, 52] {
      let kept = bytes[offset + 3]
      bytes[offset + 3] ^= 0x40
      #expect(!cbp_open(bytes, blob.count, 0, encoding), "\(offset)")
      bytes[offset + 3] = kept
    }
  }
}
