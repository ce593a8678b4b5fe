import Foundation
import Testing

@testable import Tokenization

/// The estimate against the counts of the published encodings.
struct TokenEstimateTests {
  private struct Line: Decodable {
    var text: String
    var o200k_base: [Int]
    var cl100k_base: [Int]

    var tokens: Int { max(o200k_base.count, cl100k_base.count) }

    /// Whether it is prose or code: words, and none of the alphabet of the random texts.
    var isReal: Bool {
      let letters = text.utf8.count { ($0 | 0x20) &- 0x61 < 26 }
      let isRandom = text.contains { "日اé🙂".contains($0) } || text.hasPrefix("aaaa") || text.hasPrefix("abab")
      return !isRandom && letters * 10 >= text.utf8.count * 4
    }
  }

  private static func lines() throws -> [Line] {
    let url = try #require(Bundle.module.url(forResource: "parity", withExtension: "jsonl", subdirectory: "Fixtures"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  @Test func isAnUpperEstimateOfProseAndCode() throws {
    let real = try Self.lines().filter { $0.isReal && $0.tokens >= 50 }
    #expect(real.count >= 30)
    let enough = real.filter { TokenEstimate.tokens(in: $0.text) >= $0.tokens }
    let short = real.filter { TokenEstimate.tokens(in: $0.text) < $0.tokens }
    #expect(
      enough.count * 10 >= real.count * 9,
      "\(short.map { ($0.text.prefix(40), $0.tokens, TokenEstimate.tokens(in: $0.text)) })")
  }

  @Test func totalIsNearTheTrueOne() throws {
    let real = try Self.lines().filter { $0.isReal && $0.tokens >= 50 }
    let estimated = Double(real.reduce(0) { $0 + TokenEstimate.tokens(in: $1.text) })
    for total in [real.reduce(0) { $0 + $1.o200k_base.count }, real.reduce(0) { $0 + $1.cl100k_base.count }] {
      let ratio = estimated / Double(total)
      #expect((0.95...1.5).contains(ratio), "\(ratio)")
    }
  }

  @Test func isZeroOnlyForNothing() {
    #expect(TokenEstimate.tokens(in: "") == 0)
    for text in ["a", "1", "\n", "é", "日本", "{}", "fooBar", "  x"] { #expect(TokenEstimate.tokens(in: text) > 0) }
  }

  /// More text never costs less, up to the border where a word is cut: the packer adds parts up.
  @Test func isAdditiveAtLineEnds() throws {
    for line in try Self.lines() {
      let parts = line.text.split(separator: "\n", omittingEmptySubsequences: false)
      let sum = parts.reduce(0) { $0 + TokenEstimate.tokens(in: String($1)) } + parts.count - 1
      #expect(TokenEstimate.tokens(in: line.text) <= sum)
    }
  }
}
