import SeededInput
import Testing
import Workspace

/// The line index against a model that decodes every line.
@Suite struct TextTests {
  private static let pieces: [[UInt8]] = [
    [0x61], [0x62, 0x63], [0x0A], [0x0D], [0x0D, 0x0A], Array("é".utf8), Array("漢".utf8), Array("😀".utf8),
    Array("e\u{301}".utf8), Array("\u{2028}".utf8), Array("\u{85}".utf8), [0xFF], [0xC3], [0xE2, 0x82],
    [0xF0, 0x9F, 0x98], [0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF],
    [0xF4, 0x90, 0x80, 0x80], [0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20], [0x00], [0xE0, 0x80],
  ]

  /// Content ranges of the lines, found byte by byte.
  private func modelLines(_ bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      let length = bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A ? 2 : 1
      if bytes[index] == 0x0A || bytes[index] == 0x0D {
        lines.append(start..<index)
        start = index + length
        index = start
      } else {
        index += 1
      }
    }
    return lines + [start..<bytes.count]
  }

  private func units(_ bytes: ArraySlice<UInt8>, _ encoding: PositionEncoding) -> Int {
    let text = String(decoding: bytes, as: UTF8.self)
    switch encoding {
    case .utf8: return text.utf8.count
    case .utf16: return text.utf16.count
    case .utf32: return text.unicodeScalars.count
    }
  }

  @Test(arguments: 0..<10) func agreesWithModel(_ block: UInt64) {
    for seed in (block * 40)..<(block * 40 + 40) {
      var generator = SeededGenerator(seed: seed)
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        bytes += Self.pieces[Int.random(in: 0..<(seed % 3 == 0 ? 5 : Self.pieces.count), using: &generator)]
      }
      let text = SourceText(bytes: bytes)
      let lines = modelLines(bytes)
      #expect(text.lines.lineCount == lines.count, "seed \(seed)")
      for (number, content) in lines.enumerated() {
        bytes.withUnsafeBufferPointer { #expect(text.lines.contentRange(ofLine: number, in: $0) == content) }
        for encoding in PositionEncoding.allCases {
          let total = units(bytes[content], encoding)
          let past = Position(line: number, character: total + 7)
          #expect(text.offset(of: past, encoding: encoding) == content.upperBound, "seed \(seed)")
          for character in 0...total {
            let offset = text.offset(of: Position(line: number, character: character), encoding: encoding)
            let back = text.position(at: offset, encoding: encoding)
            // Inside a scalar the offset is that of its start, so counting back gives at most the same.
            #expect(back.line == number && back.character <= character, "seed \(seed)")
            #expect(units(bytes[content.lowerBound..<offset], encoding) == back.character, "seed \(seed)")
            #expect(character - back.character < 4)
          }
          #expect(text.position(at: content.upperBound, encoding: encoding).character == total, "seed \(seed)")
        }
      }
    }
  }

  @Test func editsApply() {
    let text = SourceText("let a = 1\r\nlet 😀 = 2\n")
    let range = SourceRange(start: Position(line: 1, character: 4), end: Position(line: 1, character: 6))
    #expect(text.replacing(range, with: "b").string == "let a = 1\r\nlet b = 2\n")
    #expect(text.position(at: 10) == Position(line: 0, character: 9))
    #expect(text.offset(of: Position(line: 9, character: 0)) == text.bytes.count)
    #expect(text.offset(of: Position(line: -1, character: 5)) == 0)
    #expect(text.string(in: 4..<5) == "a")
    #expect(SourceText("").lines.lineCount == 1)
  }

  @Test func hashIsPinned() {
    // These values are stored in indexes: a change of them is a change of the index format.
    #expect(ContentHash("").hex == HashVectors.empty)
    #expect(ContentHash("a").hex == HashVectors.a)
    #expect(ContentHash(Array(0...255)).hex == HashVectors.ramp)
    #expect(ContentHash(hex: HashVectors.ramp) == ContentHash(Array(0...255)))
    #expect(ContentHash(hex: "xyz") == nil)
    #expect(ContentHash(hex: "+" + HashVectors.a.dropFirst()) == nil)
  }

  @Test func hashSpreadsEveryBit() {
    var generator = SeededGenerator(seed: 7)
    for length in [1, 3, 8, 15, 16, 17, 31, 63, 64, 65, 127, 128, 200] {
      var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let before = ContentHash(bytes)
      var total = 0
      for bit in 0..<(length * 8) {
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let after = ContentHash(bytes)
        let high = (before.high ^ after.high).nonzeroBitCount
        let low = (before.low ^ after.low).nonzeroBitCount
        #expect(high > 8 && low > 8, "length \(length), bit \(bit)")
        total += high + low
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      }
      let mean = Double(total) / Double(length * 8)
      #expect(mean > 56 && mean < 72, "length \(length): \(mean)")
    }
  }

  @Test func hashTellsLengthsApart() {
    var seen: Set<ContentHash> = []
    for length in 0..<300 { seen.insert(ContentHash([UInt8](repeating: 0, count: length))) }
    #expect(seen.count == 300)
  }
}
