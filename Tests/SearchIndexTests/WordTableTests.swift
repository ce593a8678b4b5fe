import Chunking
import Embeddings
import SeededInput
import Testing
import Workspace

@testable import SearchIndex

/// Counting by words is counting by terms and tokens.
struct WordTableTests {
  private static func text(_ generator: inout SeededGenerator, words: Int) -> String {
    let pieces = [
      "read", "Ahead", "BYTES", "_", "__", "2", "64", "größe", "é", "“", "x", "URLs", "HTTPServer", "日本語", "s", "S",
      String(repeating: "a1", count: 200), String(repeating: "Zq", count: 40), "identifier", "classes", "\u{E000}",
    ]
    let separators = [" ", "\n", ".", "(", "-", "\t", "=", "/"]
    var text = ""
    for _ in 0..<words {
      for _ in 0..<Int.random(in: 1...4, using: &generator) { text += pieces.randomElement(using: &generator) ?? "" }
      text += separators.randomElement(using: &generator) ?? ""
    }
    return text
  }

  /// What the table says of a text: the weights of its terms, and the number of those that count for its length.
  private struct Counted: Equatable {
    var terms: [Term: Float] = [:]
    var length = 0
    var tokens: [UInt32: Int] = [:]
  }

  @Test(arguments: UInt64(1)...6)
  func countsTermsAndTokensAsTheScannersDo(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var words = WordTable()
    var postings = PostingsBuilder()
    var embedder = StaticEmbedder()
    for round in 0..<30 {
      if round == 20 { words.removeAll() }
      // At the end of its memory, where there is nothing to read beyond.
      let bytes = Array(Self.text(&generator, words: Int.random(in: 0...150, using: &generator)).utf8)
      var expected = Counted()
      bytes.withUnsafeBufferPointer { bytes in
        TermScanner.forEachTerm(in: bytes) { term, isWhole in
          expected.terms[term, default: 0] += 3
          if !isWhole { expected.length += 1 }
        }
        for token in embedder.tokenize(bytes) { expected.tokens[token, default: 0] += 1 }
      }
      words.beginPassage()
      bytes.withUnsafeBufferPointer {
        words.add(
          $0, WordTable.Field(embedded: 1, body: 1, weight: 3), postings: &postings, embedder: &embedder)
      }
      var counted = Counted()
      var known: [UInt32: Term] = [:]
      bytes.withUnsafeBufferPointer { bytes in
        TermScanner.forEachTerm(in: bytes) { term, _ in known[postings.ordinal(of: term)] = term }
      }
      for index in 0..<words.counts.count {
        let entry = words.counts[index]
        let word = words.words[Int(entry.word)]
        counted.length += Int(entry.body * word.parts)
        for term in word.firstTerm..<word.firstTerm + word.termCount {
          counted.terms[known[words.terms[Int(term)]] ?? 0, default: 0] += entry.weight
        }
        for token in word.firstToken..<word.firstToken + word.tokenCount {
          counted.tokens[words.tokens[Int(token)], default: 0] += Int(entry.embedded)
        }
      }
      #expect(counted == expected)
    }
  }

  @Test func aBuilderGivesTheSameForASecondSegment() {
    var generator = SeededGenerator(seed: 9)
    let files = (0..<6).map { (path: "src/File\($0).swift", text: Self.text(&generator, words: 400)) }
    var builder = SegmentBuilder()
    for half in [files[..<3], files[3...]] {
      for file in half { builder.add(file.path, file.text) }
      let segment = builder.finish()
      let fresh = Segment.of(Array(half))
      #expect(segment.encoded == fresh.encoded)
      #expect(segment.passages.count > 3)
    }
  }

  @Test func aTableThatIsFullBeginsAnew() {
    // More words than a table holds, one file after another.
    var builder = SegmentBuilder()
    var texts: [(path: String, text: String)] = []
    for file in 0..<5 {
      texts.append(("\(file).txt", (0..<30_000).map { "word\(file)x\($0)\n" }.joined()))
    }
    texts.append(("0.txt", texts[0].text))
    for file in texts { builder.add(file.path, file.text) }
    let together = builder.finish()
    #expect(together.encoded == texts.reduce(into: [Segment]()) { $0.append(.of([$1])) }.merged().encoded)
  }
}

extension [Segment] {
  fileprivate func merged() -> Segment {
    SegmentMerger.merge(map { ($0, Array<Int>($0.files.indices)) })
  }
}
