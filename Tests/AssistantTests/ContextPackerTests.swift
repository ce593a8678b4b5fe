import SeededInput
import Testing
import Workspace

@testable import Assistant

struct ContextPackerTests {
  private let source = SourceText(
    (0..<200).map { $0 % 10 == 9 ? "" : "let value\($0) = compute(\($0))" }.joined(separator: "\n"))

  @Test(arguments: UInt64(1)...20)
  func staysWithinItsLimits(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let evidence = (0..<Int.random(in: 0...40, using: &generator)).map { number in
      let start = Int.random(in: 0..<190, using: &generator)
      let end = min(199, start + Int.random(in: 1...25, using: &generator))
      return Evidence.lines(
        start..<end, of: source, path: ["a.swift", "b.swift", "lib/c.swift"].randomElement(using: &generator) ?? "",
        symbol: "Type.f\(number)", score: Float(40 - number))
    }
    let packer = ContextPacker(
      tokenBudget: Int.random(in: 1...2_000, using: &generator), maxPassages: Int.random(in: 1...12, using: &generator))
    let context = packer.pack(evidence)
    #expect(context.tokens <= packer.tokenBudget)
    // Joined passages take no more than their parts did.
    #expect(context.passages.reduce(0) { $0 + ContextPacker.tokens(of: $1) } <= context.tokens)
    #expect(context.passages.count <= packer.maxPassages)
    for (first, second) in zip(context.passages, context.passages.dropFirst()) {
      #expect((first.path, first.lines.lowerBound) < (second.path, second.lines.lowerBound))
    }
    for (index, first) in context.passages.enumerated() {
      for second in context.passages[(index + 1)...] where first.uri == second.uri {
        #expect(!first.lines.overlaps(second.lines))
        #expect(!first.bytes.overlaps(second.bytes))
      }
      #expect(first.source.lines.line(at: first.bytes.lowerBound) == first.lines.lowerBound)
    }
    if let best = evidence.first, ContextPacker.tokens(of: best) <= packer.tokenBudget {
      #expect(context.passages.contains { $0.uri == best.uri && $0.lines.contains(best.lines.lowerBound) })
    }
  }

  @Test func joinsNeighbours() {
    let items = [
      Evidence.lines(10..<19, of: source, symbol: "Store.Cache.get", score: 2),
      Evidence.lines(0..<9, of: source, symbol: "Store.Cache.put", score: 3),
      Evidence.lines(40..<49, of: source, symbol: "Other", score: 1),
    ]
    let context = ContextPacker(tokenBudget: 10_000, maxPassages: 9).pack(items)
    #expect(context.passages.map(\.lines) == [0..<19, 40..<49])
    #expect(context.passages.map(\.symbol) == ["Store.Cache", "Other"])
    #expect(context.passages[0].score == 3)
    #expect(context.passages[0].text.hasSuffix("let value18 = compute(18)"))
  }

  @Test func doesNotJoinAcrossTextOrFiles() {
    let apart = [Evidence.lines(0..<3, of: source), Evidence.lines(4..<6, of: source)]
    #expect(ContextPacker(tokenBudget: 9_999, maxPassages: 9).pack(apart).passages.count == 2)
    let other = SourceText("let other = 1\n")
    let files = [Evidence.lines(0..<1, of: source), Evidence.lines(0..<1, of: other, path: "b.swift")]
    #expect(ContextPacker(tokenBudget: 9_999, maxPassages: 9).pack(files).passages.count == 2)
  }

  @Test func aLongPassageDoesNotEndTheSearch() {
    let items = [Evidence.lines(0..<150, of: source), Evidence.lines(160..<162, of: source)]
    #expect(ContextPacker(tokenBudget: 100, maxPassages: 9).pack(items).passages.map(\.lines) == [160..<162])
    #expect(ContextPacker(tokenBudget: 1, maxPassages: 9).pack(items).passages.isEmpty)
  }
}
