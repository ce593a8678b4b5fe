import Chunking
import SeededInput
import Testing

/// Invariants that hold for every text in every language.
@Suite struct PropertyTests {
  /// Checks what `Chunker` promises of any result.
  private func check(_ bytes: [UInt8], _ result: ChunkedFile, _ note: String) {
    let lines = split(bytes)
    var covered = [Int](repeating: 0, count: lines.count)
    var last = 0
    for passage in result.passages {
      #expect(passage.lines.lowerBound >= last && passage.lines.count > 0, "\(note): order")
      guard passage.lines.upperBound <= lines.count else {
        Issue.record("\(note): passage past the end")
        return
      }
      last = passage.lines.upperBound
      for line in passage.lines { covered[line] += 1 }
      #expect(passage.byteRange.lowerBound == lines[passage.lines.lowerBound].lowerBound, "\(note): bytes")
      #expect(passage.byteRange.upperBound <= lines[passage.lines.upperBound - 1].upperBound, "\(note): bytes")
    }
    // Of some documents passages hold what is left to read.
    let text = result.readingText ?? bytes
    #expect(text.count == bytes.count && split(text) == lines, "\(note): lines")
    for (index, line) in lines.enumerated() {
      let blank = text[line].allSatisfy { [0x20, 0x09, 0x0B, 0x0C].contains($0) }
      if blank ? covered[index] > 1 : covered[index] != 1 {
        Issue.record("\(note): line \(index) in \(covered[index])")
      }
    }
    for declaration in result.declarations {
      let whole = declaration.byteRange
      #expect(whole.upperBound <= bytes.count, "\(note): \(declaration.name)")
      #expect(declaration.lines.contains(declaration.startLine), "\(note): \(declaration.name)")
      #expect(declaration.lines.upperBound <= lines.count, "\(note): \(declaration.name)")
      #expect(declaration.signatureRange.upperBound <= bytes.count, "\(note): \(declaration.name)")
      #expect(declaration.nameRange.upperBound <= bytes.count, "\(note): \(declaration.name)")
    }
    let names = result.passages.reduce(0) { $0 + $1.names.count }
    // A heading of nothing but markup stands in no passage.
    #expect(
      result.readingText != nil ? names <= result.declarations.count : names == result.declarations.count,
      "\(note): each declaration is named by one passage")
  }

  /// The lines of a text without their endings.
  private func split(_ bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x0A || bytes[index] == 0x0D {
        lines.append(start..<index)
        if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
        start = index + 1
      }
      index += 1
    }
    if start < bytes.count { lines.append(start..<bytes.count) }
    return lines
  }

  private func run(_ bytes: [UInt8], _ language: Language, _ note: String) {
    let chunker = Chunker(targetCharacters: 120, maxCharacters: 240)
    let result = chunker.chunk(bytes, language: language)
    check(bytes, result, note)
    #expect(chunker.chunk(bytes, language: language) == result, "\(note): the same twice")
  }

  @Test(arguments: Language.all.map(\.id))
  func arbitraryBytes(id: String) throws {
    let language = try #require(Language(id: id))
    for seed in 0..<40 {
      var generator = SeededGenerator(seed: UInt64(seed + 1))
      let length = Int.random(in: 0...600, using: &generator)
      run((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }, language, "\(id) bytes \(seed)")
    }
  }

  @Test(arguments: Language.all.map(\.id))
  func arbitraryTokens(id: String) throws {
    let language = try #require(Language(id: id))
    let pieces = [
      "{", "}", "(", ")", "[", "]", "\"", "'", "`", "/", "//", "/*", "*/", "#", "<<EOF", "EOF", "\n", "\r\n", "\r",
      "  ",
      "class ", "func ", "def ", "fn ", "end", "do", "=", "=>", "->", ":", ";", ",", "name", "@", "$", "${", "\\",
      "if ",
      "function ", "let ", "type ", "<", ">", "impl ", "%w(", "~s(", "R\"(", "r#\"", "\u{0}", "é", "\"\"\"", "--[[",
      "{-",
      "interface ", "namespace ", "struct ", "module ", "# ", "===\n", "begin", "case ", "?", "!", "-", "|", "where",
      "*",
    ]
    for seed in 0..<60 {
      var generator = SeededGenerator(seed: UInt64(seed + 100))
      let count = Int.random(in: 0...160, using: &generator)
      let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      run(Array(text.utf8), language, "\(id) tokens \(seed)")
    }
  }

  @Test(arguments: Fixture.all.map(\.id))
  func truncations(id: String) throws {
    let language = try #require(Language(id: id))
    for fixture in Fixture.all where fixture.id == id {
      let bytes = Array(fixture.text.utf8)
      var generator = SeededGenerator(seed: 7)
      for _ in 0..<25 {
        let start = Int.random(in: 0...bytes.count / 3, using: &generator)
        let end = Int.random(in: start...bytes.count, using: &generator)
        run(Array(bytes[start..<end]), language, "\(id) \(start)..<\(end)")
      }
    }
  }

  @Test(arguments: Fixture.all.map(\.id))
  func lineEndingsMakeNoDifference(id: String) throws {
    for fixture in Fixture.all where fixture.id == id {
      let expected = try outline(fixture.text, id)
      #expect(try outline(fixture.text.replacing("\n", with: "\r\n"), id) == expected)
    }
  }
}
