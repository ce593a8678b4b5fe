import SeededInput
import Testing

@testable import Chunking

struct LineTableTests {
  /// A line as a plain reading finds it.
  private struct Line: Equatable {
    var start: Int
    var contentStart: Int
    var contentEnd: Int
    var charactersBefore: Int
  }

  private static func lines(_ text: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var start = 0
    var characters = 0
    while start < text.count {
      let end = text[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count
      let isContent: (Int) -> Bool = { ![0x20, 0x09, 0x0B, 0x0C].contains(text[$0]) }
      let first = (start..<end).first(where: isContent)
      let last = (start..<end).last(where: isContent)
      lines.append(
        Line(
          start: start, contentStart: first ?? end, contentEnd: last.map { $0 + 1 } ?? end,
          charactersBefore: characters))
      characters += (start..<end).count { text[$0] & 0xC0 != 0x80 } + (end < text.count ? 1 : 0)
      start = end
      if start < text.count {
        start += text[start] == 0x0D && start + 1 < text.count && text[start + 1] == 0x0A ? 2 : 1
      }
    }
    return lines
  }

  @Test(arguments: UInt64(1)...8)
  func linesAreThoseOfAPlainReading(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let alphabets: [[UInt8]] = [
      Array("ab \t\n".utf8), [0x0D, 0x0A], Array("x\r\n".utf8), Array(0...255), Array("aé日 \r\n".utf8),
      Array("ab        \u{0C}\u{0B}\0\n".utf8), Array("a".utf8),
    ]
    for _ in 0..<300 {
      let alphabet = alphabets.randomElement(using: &generator) ?? []
      let text = (0..<Int.random(in: 0...260, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator) ?? 0
      }
      let table = text.withUnsafeBufferPointer { LineTable($0) }
      let expected = Self.lines(text)
      let found = (0..<table.count).map {
        Line(
          start: table.starts[$0], contentStart: table.contentStarts[$0], contentEnd: table.contentEnds[$0],
          charactersBefore: table.charactersBefore[$0])
      }
      #expect(found == expected, "\(text)")
      #expect(table.starts.count == expected.count + 1 && table.starts.last == text.count)
      #expect(table.charactersBefore.count == expected.count + 1)
    }
  }

  @Test(arguments: UInt64(1)...4)
  func lineEndingsAreFoundBeyondTheWindow(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      var text = [UInt8](repeating: 0x61, count: Int.random(in: 1...900, using: &generator))
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        text[Int.random(in: 0..<text.count, using: &generator)] = Bool.random(using: &generator) ? 0x0A : 0x0D
      }
      let start = Int.random(in: 0...text.count, using: &generator)
      let expected = text[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count
      text.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        #expect(ByteScan.lineEnding(in: base, from: start, to: text.count) == expected)
      }
    }
  }
}
