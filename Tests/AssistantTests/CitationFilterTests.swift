import SeededInput
import Testing

@testable import Assistant

struct CitationFilterTests {
  private func run(_ text: String, count: Int) -> (text: String, cited: Set<Int>, invented: Int) {
    var filter = CitationFilter(count: count)
    let output = filter.push(text) + filter.finish()
    return (output, filter.cited, filter.invented)
  }

  private static let cases: [(input: String, output: String, cited: Set<Int>, invented: Int)] = [
    ("It retries [1].", "It retries [1].", [1], 0),
    ("It retries [1, 3] twice.", "It retries [1][3] twice.", [1, 3], 0),
    ("It retries [1][2].", "It retries [1][2].", [1, 2], 0),
    ("It retries [9].", "It retries.", [], 1),
    ("It retries [1, 9].", "It retries [1].", [1], 1),
    ("It retries [1] [9].", "It retries [1].", [1], 1),
    ("[0] zero", " zero", [], 1),
    ("array[3] and f(x)[9] and m[0][9]", "array[3] and f(x)[9] and m[0][9]", [], 0),
    ("[x](url) and [link 3](u) and [ ] and []", "[x](url) and [link 3](u) and [ ] and []", [], 0),
    ("`a[9] [9]` then [2]", "`a[9] [9]` then [2]", [2], 0),
    ("``a ` [9]`` then [9]", "``a ` [9]`` then", [], 1),
    ("see `x`[2]", "see `x`[2]", [2], 0),
    ("```swift\nlet a = [9]\n```\nText [9].", "```swift\nlet a = [9]\n```\nText.", [], 1),
    ("````\n```\n[9]\n````\n[9]", "````\n```\n[9]\n````\n", [], 1),
    ("- ```\n  [9]\n  ```\n[1]", "- ```\n  [9]\n  ```\n[1]", [1], 0),
    ("a lone ` tick [2]\nnext [9]", "a lone ` tick [2]\nnext", [], 1),
    ("unclosed [1", "unclosed [1", [], 0),
    ("unclosed [", "unclosed [", [], 0),
    ("[[2]]", "[[2]]", [2], 0),
    ("big [99999999999999999999999].", "big.", [], 1),
    ("many [1, 2, 3, 1, 2, 3, 1, 2, 3, 9]", "many [1][2][3][1][2][3][1][2][3]", [1, 2, 3], 1),
    ("启动时重试[1]。还有[9]。", "启动时重试[1]。还有。", [1], 1),
    ("escaped \\[9\\] stays", "escaped \\[9\\] stays", [], 0),
    ("ends with blanks [9]  ", "ends with blanks  ", [], 1),
    ("two  blanks  [9]", "two  blanks ", [], 1),
    ("cafe\u{301}[3] 🙂[2]", "cafe\u{301}[3] 🙂[2]", [2], 0),
    ("", "", [], 0),
  ]

  @Test(arguments: cases.indices)
  func takesOutWhatDoesNotExist(number: Int) {
    let (input, output, cited, invented) = Self.cases[number]
    let result = run(input, count: 3)
    #expect(result.text == output)
    #expect(result.cited == cited)
    #expect(result.invented == invented)
  }

  @Test(arguments: cases.indices)
  func doesNotDependOnWhereTheStreamIsCut(number: Int) {
    let scalars = Array(Self.cases[number].input.unicodeScalars)
    let whole = run(Self.cases[number].input, count: 3)
    func expectSame(_ pieces: [ArraySlice<Unicode.Scalar>]) {
      var filter = CitationFilter(count: 3)
      var output = ""
      for piece in pieces { output += filter.push(String(String.UnicodeScalarView(piece))) }
      output += filter.finish()
      #expect(Array(output.unicodeScalars) == Array(whole.text.unicodeScalars), "\(pieces.map(\.count))")
      #expect(filter.cited == whole.cited)
      #expect(filter.invented == whole.invented)
    }
    expectSame(scalars.indices.map { scalars[$0...$0] })
    for first in 0...scalars.count {
      for second in first...scalars.count {
        expectSame([scalars[..<first], scalars[first..<second], scalars[second...]])
      }
    }
  }

  /// Of any text, what comes out cites nothing that does not exist, and passes a second time as it is.
  @Test func randomTexts() {
    var generator = SeededGenerator(seed: 1)
    let parts = ["[1]", "[9]", "[2, 9]", "[", "]", "a", " ", "\n", "`", "```", "x[", "3", "()", "日", "\\", ". "]
    for _ in 0..<3_000 {
      let text = (0..<Int.random(in: 0...14, using: &generator)).map { _ in parts.randomElement(using: &generator) ?? ""
      }
      .joined()
      let first = run(text, count: 3)
      var pieces = CitationFilter(count: 3)
      var output = ""
      for scalar in text.unicodeScalars { output += pieces.push(String(scalar)) }
      #expect(output + pieces.finish() == first.text, "\(text.debugDescription)")
      #expect(first.cited.isSubset(of: [1, 2, 3]))
      if first.invented == 0 { #expect(run(first.text, count: 3).invented == 0, "\(text.debugDescription)") }
    }
  }

  @Test func noIdsExist() {
    let result = run("A [1] and [2].", count: 0)
    #expect(result.text == "A and.")
    #expect(result.invented == 2)
  }

  @Test func escapedTextCitesNothing() {
    for text in ["See [7] and [1, 2].", "a[3] `[4]` [x]", "[1][2]", "plain"] {
      let escaped = CitationFilter.escaped(text)
      #expect(run(escaped, count: 9).cited.isEmpty)
      #expect(run(escaped, count: 0).text == escaped)
      #expect(escaped.filter { $0 != "\\" } == text)
    }
  }
}
