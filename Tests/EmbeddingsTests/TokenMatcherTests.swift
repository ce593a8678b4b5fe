import SeededInput
import Testing

@testable import Embeddings

struct TokenMatcherTests {
  private let model = StaticEmbeddingModel.embedded

  private func row(_ token: Int) -> [Float] {
    (0..<model.dimensions).map { Float(model.rows.pointer[token * model.dimensions + $0]) }
  }

  private func cosine(_ left: Int, _ right: Int) -> Float {
    let (a, b) = (row(left), row(right))
    func product(_ x: [Float], _ y: [Float]) -> Float { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    let lengths = (product(a, a) * product(b, b)).squareRoot()
    return lengths > 0 ? product(a, b) / lengths : 0
  }

  @Test(arguments: UInt64(1)...5)
  func agreesWithComparingAllPairs(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    func tokens(_ count: Int) -> [Int] {
      (0..<count).map { _ in .random(in: 0..<model.vocabularySize, using: &generator) }
    }
    var matcher = TokenMatcher()
    // Several queries with one matcher: nothing of an earlier one may be left.
    for _ in 0..<3 {
      let query = Array(Set(tokens(7))).sorted()
      matcher.setQuery(query.map(UInt32.init))
      for text in [tokens(20), tokens(1), query, []] {
        let best = text.map(UInt16.init).withUnsafeBufferPointer { matcher.match($0) }
        #expect(best.count == query.count)
        for (token, value) in zip(query, best) {
          let expected = max(0, text.map { cosine(token, $0) }.max() ?? 0)
          #expect(abs(value - expected) < 1e-3)
        }
      }
    }
  }

  @Test func wordsOfOneMeaningMatchBetterThanOthers() throws {
    var embedder = StaticEmbedder()
    func token(_ word: String) throws -> UInt32 {
      try #require(Array(word.utf8).withUnsafeBufferPointer { embedder.tokenize($0) }.first)
    }
    var matcher = TokenMatcher()
    matcher.setQuery([try token("folder")])
    func match(_ word: String) throws -> Float {
      let token = UInt16(try token(word))
      return [token].withUnsafeBufferPointer { matcher.match($0)[0] }
    }
    #expect(abs(try match("folder") - 1) < 1e-3)
    #expect(try match("directory") > match("mutex") + 0.2)
  }

  @Test func withoutAQueryThereIsNothing() {
    var matcher = TokenMatcher()
    matcher.setQuery([])
    #expect([1, 2, 3].withUnsafeBufferPointer { matcher.match($0) }.isEmpty)
  }

  @Test func wordsHaveTheTokensOfTheText() {
    var embedder = StaticEmbedder()
    for text in ["how does readAheadBytes work", "HTTPServer 404 é", "", "x_y__zqxjkv", "A"] {
      let bytes = Array(text.utf8)
      let (words, all) = bytes.withUnsafeBufferPointer { (embedder.words(of: $0), embedder.tokenize($0)) }
      #expect(words.flatMap(\.tokens) == all)
      #expect(words.allSatisfy { $0.word == $0.word.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 } })
    }
  }

  @Test func embeddingOfWeightedTokensIsThatOfTheText() {
    var embedder = StaticEmbedder()
    let bytes = Array("retry the request after a delay".utf8)
    var (left, right) = ([Int8](repeating: 1, count: model.dimensions), [Int8](repeating: 2, count: model.dimensions))
    let tokens = bytes.withUnsafeBufferPointer { Set(embedder.tokenize($0)) }.sorted()
    let first = embedder.embed(tokens.map { ($0, model.queryWeight(of: $0)) }, codes: &left)
    let second = bytes.withUnsafeBufferPointer { embedder.embed($0, as: .query, codes: &right) }
    // The order of the sum may differ, by a unit of the last place at most.
    #expect(abs(first - second) < 1e-4)
    #expect(zip(left, right).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    #expect(embedder.embed([], codes: &left) == 0)
    #expect(left.allSatisfy { $0 == 0 })
  }
}
