import SeededInput
import Testing
import Workspace

@testable import LanguageServer

/// The same editing on arrays of scalars, as plainly as it can be written.
private struct NaiveDocument {
  var scalars: [Unicode.Scalar]

  /// The first and the end (without line end) of every line.
  var lines: [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    var index = 0
    while index < scalars.count {
      if scalars[index] == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" {
        lines.append(start..<index)
        index += 2
        start = index
      } else if scalars[index] == "\n" || scalars[index] == "\r" {
        lines.append(start..<index)
        index += 1
        start = index
      } else {
        index += 1
      }
    }
    return lines + [start..<scalars.count]
  }

  func width(_ scalar: Unicode.Scalar, _ encoding: PositionEncoding) -> Int {
    switch encoding {
    case .utf8: String(scalar).utf8.count
    case .utf16: String(scalar).utf16.count
    case .utf32: 1
    }
  }

  func index(_ position: Position, _ encoding: PositionEncoding) -> Int {
    if position.line < 0 { return 0 }
    let lines = lines
    guard position.line < lines.count else { return scalars.count }
    var units = 0
    for index in lines[position.line] {
      let next = units + width(scalars[index], encoding)
      if next > position.character { return index }
      units = next
    }
    return lines[position.line].upperBound
  }

  mutating func replace(_ range: SourceRange, _ text: String, _ encoding: PositionEncoding) {
    let ends = [index(range.start, encoding), index(range.end, encoding)].sorted()
    scalars.replaceSubrange(ends[0]..<ends[1], with: Array(text.unicodeScalars))
  }

  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}

@Suite struct DocumentManagerTests {
  private static let pieces = [
    "a", "bc", "\n", "\r\n", "\r", "é", "😀", "\u{301}", "中", "", "x\ny\r", "\u{2028}", "\n\r",
  ]

  @Test(arguments: PositionEncoding.allCases) func randomEditsAgreeWithTheNaiveModel(encoding: PositionEncoding) {
    var generator = SeededGenerator(seed: 42)
    func text(_ count: Int) -> String {
      (0..<Int.random(in: 0...count, using: &generator))
        .map { _ in Self.pieces.randomElement(using: &generator) ?? "" }.joined()
    }
    for _ in 0..<60 {
      let start = text(30)
      var naive = NaiveDocument(scalars: Array(start.unicodeScalars))
      var document = TextDocument(text: start, version: 0)
      for _ in 0..<40 {
        func position() -> Position {
          Position(
            line: Int.random(in: -1...12, using: &generator), character: Int.random(in: 0...9, using: &generator))
        }
        let range = SourceRange(start: position(), end: position())
        let added = text(5)
        naive.replace(range, added, encoding)
        _ = document.replace(range, with: added, encoding: encoding)
        #expect(Array(document.text.utf8) == Array(naive.text.utf8))
        // The index must be that of a document which is read anew.
        #expect(document.lineStarts == TextDocument(text: document.text, version: 0).lineStarts)
      }
    }
  }

  @Test func charactersPastTheLineEndMeanTheLineEnd() {
    var document = TextDocument(text: "ab\r\ncd", version: 1)
    let range = SourceRange(start: Position(line: 0, character: 99), end: Position(line: 0, character: 99))
    let isExact = document.replace(range, with: "!", encoding: .utf16)
    #expect(isExact)
    #expect(document.text == "ab!\r\ncd")
  }

  @Test func positionsInsideOneScalarMeanItsStart() {
    let document = TextDocument(text: "a😀b", version: 1)
    #expect(document.offset(of: Position(line: 0, character: 2), encoding: .utf16) == (1, false))
    #expect(document.offset(of: Position(line: 0, character: 3), encoding: .utf16) == (5, true))
    #expect(document.offset(of: Position(line: 0, character: 4), encoding: .utf8) == (1, false))
    #expect(document.offset(of: Position(line: 0, character: 2), encoding: .utf32) == (5, true))
  }

  @Test func oddNotificationsAreNoticedAndSurvived() {
    var documents = DocumentManager()
    #expect(documents.change(uri: "u", version: 1, [TextChange(text: "x")], encoding: .utf8) == [.notOpen])
    #expect(documents.close(uri: "u") == [.notOpen])
    #expect(documents.open(uri: "u", version: 5, text: "a\nb") == [])
    #expect(documents.open(uri: "u", version: 5, text: "a\nb") == [.alreadyOpen])
    let outside = SourceRange(start: Position(line: 7, character: 3), end: Position(line: 9, character: 0))
    let change = TextChange(range: outside, text: "!")
    #expect(documents.change(uri: "u", version: 6, [change], encoding: .utf8) == [.rangeOutside])
    #expect(documents["u"]?.text == "a\nb!")
    #expect(documents.change(uri: "u", version: 6, [], encoding: .utf8) == [.versionNotRising])
    let huge = SourceRange(
      start: Position(line: .max, character: .max), end: Position(line: .min, character: .min))
    #expect(
      documents.change(uri: "u", version: 7, [TextChange(range: huge, text: "z")], encoding: .utf16) == [.rangeOutside])
    #expect(documents["u"]?.text == "z")
  }

  @Test func changesOfOneNotificationBuildOnEachOther() {
    var documents = DocumentManager()
    _ = documents.open(uri: "u", version: 1, text: "one")
    func change(_ from: Int, _ to: Int, _ text: String) -> TextChange {
      TextChange(
        range: SourceRange(start: Position(line: 0, character: from), end: Position(line: 0, character: to)), text: text
      )
    }
    let changes = [change(3, 3, " two"), TextChange(text: "[]"), change(1, 1, "x"), change(2, 2, "y")]
    #expect(documents.change(uri: "u", version: 2, changes, encoding: .utf16) == [])
    #expect(documents["u"]?.text == "[xy]")
    #expect(documents["u"]?.version == 2)
  }
}
