import Foundation
import SeededInput
import Testing

@testable import Tokenization

/// Ids and counts of the encodings.
struct BytePairEncodingTests {
  private struct Line: Decodable {
    var text: String
    var o200k_base: [Int32]
    var cl100k_base: [Int32]
  }

  private static func lines() throws -> [Line] {
    let url = try #require(Bundle.module.url(forResource: "parity", withExtension: "jsonl", subdirectory: "Fixtures"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  /// Characters in which all that the expressions tell apart meets.
  private static let alphabet: [Character] =
    Array("aAzZbB0 9  '''\n\r\t/.-_!\"stmdSTMDlrveLRVE") + [
      "ſ", "İ", "ı", "ǅ", "ʰ", "ª", "日", "あ", "é", "É", "\u{301}", "\u{903}", "\u{20DD}", "½", "٣", "Ⅷ", "\u{A0}",
      "\u{2003}", "\u{3000}", "\u{2028}", "\u{85}", "\u{B}", "\u{1C}", "\u{200B}", "\u{200D}", "🙂", "€", "\0",
      "\u{FFFD}", "\u{E0100}", "\u{10400}", "\u{10428}", "\r\n",
    ]

  private static func randomText(length: Int, _ generator: inout SeededGenerator) -> String {
    let some = (0..<Int.random(in: 1...12, using: &generator)).compactMap { _ in
      alphabet.randomElement(using: &generator)
    }
    return String((0..<length).compactMap { _ in some.randomElement(using: &generator) })
  }

  @Test func publishedIds() throws {
    let lines = try Self.lines()
    #expect(lines.count == 502)
    for line in lines {
      #expect(BytePairEncoding.o200k.encode(line.text) == line.o200k_base, "\(line.text.prefix(80))")
      #expect(BytePairEncoding.cl100k.encode(line.text) == line.cl100k_base, "\(line.text.prefix(80))")
      #expect(BytePairEncoding.o200k.count(line.text) == line.o200k_base.count)
      #expect(BytePairEncoding.cl100k.count(line.text) == line.cl100k_base.count)
    }
  }

  @Test(arguments: BytePairEncoding.Name.allCases)
  func randomTextsAreEncodedAsDefined(name: BytePairEncoding.Name) {
    var generator = SeededGenerator(seed: 1)
    let encoding = BytePairEncoding.named(name)
    let reference = ReferenceEncoder(name: name)
    for _ in 0..<4_000 {
      let text = Self.randomText(length: Int.random(in: 0...24, using: &generator), &generator)
      let expected = reference.encode(text)
      #expect(encoding.encode(text) == expected, "\(text.debugDescription)")
      #expect(encoding.count(text) == expected.count, "\(text.debugDescription)")
    }
  }

  /// Pieces of all lengths, on both sides of where the way of merging and of remembering changes.
  @Test(arguments: BytePairEncoding.Name.allCases)
  func longPiecesAreMergedAsDefined(name: BytePairEncoding.Name) {
    var generator = SeededGenerator(seed: 2)
    let encoding = BytePairEncoding.named(name)
    let reference = ReferenceEncoder(name: name)
    for unit in ["a", " ", "ab", "日", "日本語", "the", "=", "\n", "aab"] {
      for length in [1, 7, 8, 14, 15, 16, 17, 61, 62, 63, 64, 95, 96, 97, 98, 130, 200] {
        let text = String(String(repeating: unit, count: length).prefix(length))
        #expect(encoding.encode(text) == reference.encode(text), "\(length) of \(unit.debugDescription)")
      }
    }
    for _ in 0..<60 {
      let letters = Array("etaoinshrdlu日本あ")
      let text = String(
        (0..<Int.random(in: 10...300, using: &generator)).compactMap { _ in letters.randomElement(using: &generator) })
      #expect(encoding.encode(text) == reference.encode(text), "\(text)")
      // A second time from memory.
      #expect(encoding.count(text) == encoding.encode(text).count)
    }
  }

  /// Each character after a letter; some of them in more places, as the reference has them, whose classes are Swift's.
  @Test(arguments: BytePairEncoding.Name.allCases)
  func allCharacters(name: BytePairEncoding.Name) {
    let encoding = BytePairEncoding.named(name)
    let vocabulary = PublishedVocabulary.named(name)
    for block in stride(from: UInt32(0), to: 0x110000, by: 0x400) {
      var text = String.UnicodeScalarView()
      for number in block..<block + 0x400 { if let scalar = Unicode.Scalar(number) { text += ["x", scalar] } }
      let string = String(text)
      let ids = encoding.encode(string)
      #expect(encoding.count(string) == ids.count)
      // Tokens never lose a byte.
      #expect(ids.reduce(0) { $0 + vocabulary.tokens[Int($1)].count } == string.utf8.count)
    }
    let reference = ReferenceEncoder(name: name)
    var generator = SeededGenerator(seed: 7)
    let others = (0..<2_000).map { _ in UInt32.random(in: 0x800..<0x20000, using: &generator) }
    for number in Array(0..<0x800) + others {
      guard let scalar = Unicode.Scalar(number), scalar.properties.generalCategory != .unassigned else { continue }
      let text = "x\(scalar) \(scalar)\(scalar)A'\(scalar)"
      #expect(encoding.encode(text) == reference.encode(text), "U+\(String(number, radix: 16))")
    }
  }

  @Test func specialTokensAreText() {
    #expect(BytePairEncoding.o200k.count("<|endoftext|>") > 1)
    #expect(!BytePairEncoding.o200k.encode("<|endoftext|>").contains(199_999))
    #expect(!BytePairEncoding.cl100k.encode("<|endoftext|>").contains(100_257))
  }

  @Test func oneMegabyteOfOneLetterIsOnePiece() {
    // Eight letters make a token, which do not merge any further.
    #expect(BytePairEncoding.o200k.count(String(repeating: "a", count: 1 << 20)) == 1 << 17)
    #expect(BytePairEncoding.cl100k.count(String(repeating: "a", count: 1 << 20)) == 1 << 17)
  }

  @Test func wrongBytesCountAsTheirReplacement() {
    var generator = SeededGenerator(seed: 3)
    let pieces: [[UInt8]] = [
      Array("word ".utf8), Array("é日🙂".utf8), [0x80], [0xC3], [0xE6, 0x97], [0xF0, 0x9F, 0x99], [0xC0, 0xAF],
      [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE0, 0x80, 0x80],
    ]
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...8, using: &generator)).flatMap { _ in
        pieces.randomElement(using: &generator) ?? []
      }
      let expected = BytePairEncoding.o200k.count(String(decoding: bytes, as: UTF8.self))
      #expect(bytes.withUnsafeBufferPointer { BytePairEncoding.o200k.count($0) } == expected, "\(bytes)")
    }
    #expect(BytePairEncoding.o200k.count(UnsafeBufferPointer(start: nil, count: 0)) == 0)
  }

  /// What was counted before changes no count, on any number of threads.
  @Test func countingIsTheSameOnManyThreads() async {
    var generator = SeededGenerator(seed: 4)
    let texts = (0..<200).map { _ in Self.randomText(length: Int.random(in: 0...200, using: &generator), &generator) }
    let expected = texts.map { BytePairEncoding.cl100k.encode($0).count }
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 { group.addTask { texts.map { BytePairEncoding.cl100k.count($0) } == expected } }
      for await isSame in group { #expect(isSame) }
    }
  }

  @Test(arguments: BytePairEncoding.Name.allCases)
  func prefixesFitAndAreAsLongAsCanBe(name: BytePairEncoding.Name) {
    var generator = SeededGenerator(seed: 5)
    let encoding = BytePairEncoding.named(name)
    for _ in 0..<600 {
      let text = Self.randomText(length: Int.random(in: 0...60, using: &generator), &generator)
      let total = encoding.count(text)
      let limit = Int.random(in: -1...total + 2, using: &generator)
      let (prefix, tokens) = encoding.prefix(of: text, maxTokens: limit)
      #expect(text.unicodeScalars.starts(with: prefix.unicodeScalars))
      #expect(tokens == encoding.count(String(prefix)) && tokens <= max(0, limit))
      if limit >= total { #expect(prefix == text) }
    }
    // No piece of these holds more than the next one's beginning, so nothing is given away.
    let words = String(repeating: " the quick brown fox", count: 50)
    for limit in 0...200 { #expect(encoding.prefix(of: words, maxTokens: limit).tokens == limit) }
    let run = String(repeating: "a", count: 4_000)
    #expect(encoding.prefix(of: run, maxTokens: 100).text.utf8.count >= 800)
  }
}
