import SeededInput
import Testing
import Workspace

/// Files in other encodings than UTF-8.
@Suite struct TextDecoderTests {
  private static let sample = "let café = \"😀\"\r\n\tname\u{2028}漢字 = 1\n"

  private func utf16(_ text: String, isBigEndian: Bool, mark: Bool) -> [UInt8] {
    (mark ? [0xFEFF] + Array(text.utf16) : Array(text.utf16)).flatMap { unit -> [UInt8] in
      isBigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
    }
  }

  private func decoded(_ bytes: [UInt8]) -> String { String(decoding: TextDecoder.decode(bytes), as: UTF8.self) }

  @Test func marksSayWhatFollows() {
    let text = Self.sample
    #expect(decoded([0xEF, 0xBB, 0xBF] + Array(text.utf8)) == text)
    #expect(decoded(utf16(text, isBigEndian: false, mark: true)) == text)
    #expect(decoded(utf16(text, isBigEndian: true, mark: true)) == text)
    #expect(TextDecoder.decode(Array(text.utf8)) == Array(text.utf8))
    #expect(TextDecoder.decode([]) == [])
    #expect(TextDecoder.decode([0xFF, 0xFE]) == [])
  }

  @Test func zerosGiveUnmarkedTextAway() {
    let text = "int main(void) { return 0; } // é\n"
    #expect(decoded(utf16(text, isBigEndian: false, mark: false)) == text)
    #expect(decoded(utf16(text, isBigEndian: true, mark: false)) == text)
    // Numbers of two bytes are no text.
    let numbers = (0..<200).flatMap { (number: Int) -> [UInt8] in [UInt8(number % 7), 0] }
    #expect(TextDecoder.decode(numbers) == numbers)
    #expect(TextDecoder.decode([0x61, 0x62, 0, 0x63]) == [0x61, 0x62, 0, 0x63])
  }

  @Test func loneSurrogatesAreOneUnit() {
    let bytes: [UInt8] = [0xFF, 0xFE, 0x61, 0, 0x00, 0xD8, 0x62, 0, 0x00, 0xDC, 0x63]
    #expect(decoded(bytes) == "a\u{FFFD}b\u{FFFD}\u{FFFD}")
  }

  @Test func whatIsMostlyNotUTF8IsLatin() {
    #expect(decoded(Array("na".utf8) + [0xEF] + Array("ve caf".utf8) + [0xE9, 0x80]) == "naïve café€")
    #expect(decoded([0x81, 0x93, 0x41, 0x94]) == "\u{81}“A”")
    #expect(decoded(Array("M\u{fc}nchen ".utf8) + [0xFC, 0xDF, 0x20, 0xE9]) == "München üß é")
    // One bad byte in text that is UTF-8 otherwise is damage.
    let damaged = Array("é ü ö ".utf8) + [0xFF] + Array(" ä".utf8)
    #expect(TextDecoder.decode(damaged) == damaged)
  }

  @Test func positionsAreThoseOfTheTextShown() {
    let text = SourceText(decoding: utf16("é😀x\ny", isBigEndian: false, mark: true))
    let x = text.bytes.count - 3
    #expect(text.position(at: x, encoding: .utf16) == Position(line: 0, character: 3))
    #expect(text.position(at: x, encoding: .utf32) == Position(line: 0, character: 2))
    #expect(text.position(at: x, encoding: .utf8) == Position(line: 0, character: 6))
    #expect(text.lines.lineCount == 2)
    #expect(SourceText(decoding: Array("a\u{2028}b\u{85}c\rd".utf8)).lines.lineCount == 2)
  }

  @Test(arguments: 0..<200) func anythingIsSurvived(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let starts: [[UInt8]] = [
      [], [0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF], [0x61, 0, 0x62, 0], [0, 0x61, 0, 0x62],
    ]
    let bytes =
      starts[Int(seed) % starts.count]
      + (0..<Int.random(in: 0...200, using: &generator)).map { _ in
        seed % 2 == 0
          ? UInt8.random(in: 0...255, using: &generator)
          : [0x61, 0, 0xD8, 0xDC, 0xE9, 0x0A].randomElement(using: &generator) ?? 0
      }
    let text = SourceText(decoding: bytes)
    // Decoding is decided once: what comes out is taken for UTF-8.
    for line in 0..<text.lines.lineCount {
      let start = text.lines.start(ofLine: line)
      #expect(text.position(at: start).line == line)
    }
  }

  @Test func hugeLinesAreNoTrouble() {
    var bytes = [UInt8](repeating: 0x61, count: 100 << 20)
    bytes[50 << 20] = 0xE9
    let text = SourceText(decoding: bytes)
    #expect(text.lines.lineCount == 1)
    #expect(text.position(at: text.bytes.count).character == 100 << 20)
  }
}
