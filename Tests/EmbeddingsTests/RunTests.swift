import Embeddings
import Testing

/// Counting words first and embedding them together gives what embedding the text gives.
struct RunTests {
  @Test func runsOfWordsGiveTheVectorOfTheirText() {
    let words = [
      "readAheadBytes", "the", "HTTPServer", "x", "2024", "größe", "snake_case_name", "qzxv", "the", "_", "URLs",
    ]
    var embedder = StaticEmbedder()
    for length in 0..<words.count {
      // Words again in another order, so that some stand more than once.
      let sequence = (0..<3 * length).map { words[$0 * $0 % max(1, length)] }
      let text = Array(sequence.joined(separator: " ").utf8)
      var expected = [Int8](repeating: 1, count: embedder.model.dimensions)
      let scale = text.withUnsafeBufferPointer { embedder.embed($0, as: .document, codes: &expected) }

      var tokens: [UInt32] = []
      var runs: [StaticEmbedder.Run] = []
      var numbers: [String: Int] = [:]
      var times: [UInt32] = []
      for word in sequence {
        if let number = numbers[word] {
          times[number] += 1
          continue
        }
        numbers[word] = times.count
        times.append(1)
        let first = tokens.count
        Array(word.utf8).withUnsafeBufferPointer { embedder.appendTokens(of: $0, to: &tokens) }
        runs.append(StaticEmbedder.Run(first: UInt32(first), count: UInt32(tokens.count - first), times: 0))
      }
      runs = zip(runs, times).map { StaticEmbedder.Run(first: $0.first, count: $0.count, times: $1) }
      var codes = [Int8](repeating: 2, count: embedder.model.dimensions)
      tokens.append(0)  // An array without elements need not have an address.
      let other = runs.withUnsafeBufferPointer { embedder.embed($0, of: tokens, as: .document, codes: &codes) }
      #expect(codes == expected)
      #expect(other == scale)
    }
  }

  @Test func aTextHasTheTokensOfItsPieces() {
    var embedder = StaticEmbedder()
    let text = "func readAheadBytes(_ count: Int) -> größe\u{2014}HTTPServer2 {\n\tvar URLs = _x__y9 // “naïve”\n}"
    let bytes = Array(text.utf8)
    let whole = bytes.withUnsafeBufferPointer { embedder.tokenize($0) }
    var pieces: [UInt32] = []
    let words = bytes.split { byte in
      byte < 0x80 && byte != UInt8(ascii: "_") && !Character(Unicode.Scalar(byte)).isLetter
        && !Character(Unicode.Scalar(byte)).isNumber
    }
    for word in words { Array(word).withUnsafeBufferPointer { embedder.appendTokens(of: $0, to: &pieces) } }
    #expect(!whole.isEmpty)
    #expect(pieces == whole)
  }
}
