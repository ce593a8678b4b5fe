import SeededInput
import Testing

@testable import SearchIndex

struct LexicalScanTests {
  /// Passages with terms as frequent as those of texts: the first in nearly every one, the last in few.
  private func segment(_ passages: Int, terms: Int, using generator: inout SeededGenerator) -> Segment {
    let documents = (0..<passages).map { _ in
      (0..<terms).compactMap { term -> (term: Term, impact: UInt16)? in
        guard Int.random(in: 0..<(1 << min(term, 9)), using: &generator) == 0 else { return nil }
        return (Self.hash(term), UInt16.random(in: 1...UInt16(Postings.highestImpact), using: &generator))
      }
    }
    let vectors = [[Float]](repeating: [Float](repeating: 0, count: Synthetic.dimensions), count: passages)
    return Synthetic.segment(sizes: Synthetic.sizes(passages, using: &generator), vectors: vectors, terms: documents)
  }

  private static func hash(_ term: Int) -> Term { UInt64(term + 1) &* 0x9E37_79B9_7F4A_7C15 }

  @Test(arguments: UInt64(1)...12)
  func leavingOutChangesNothing(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let snapshot = IndexSnapshot(
      segments: [300, 1, 0, 2500, 1200, 64].map { segment($0, terms: 12, using: &generator) }
    ) { _, file in seed % 3 == 0 || file % 5 != 1 }
    let parts = snapshot.parts
    let wanted = (0..<14).filter { _ in Bool.random(using: &generator) }
    let lists = wanted.map { term in
      LexicalScan.List(
        weight: Float.random(in: 0.1...1, using: &generator) * Float(1 + term),
        ranges: parts.map { $0.segment.passageTerms.range(of: Self.hash(term)) })
    }
    let runs = parts.map { part in
      IndexSnapshot.Part.runs(of: part.segment.files) { part.live[$0] && (seed % 2 == 0 || $0 % 3 != 0) }
    }
    var exact = [Float](repeating: 0, count: snapshot.capacity)
    for list in lists {
      for (part, range) in zip(parts, list.ranges) {
        for index in range {
          exact[part.base + Int(part.segment.passageTerms.documents[index])] +=
            list.weight * Float(part.segment.passageTerms.impacts[index]) / Postings.impactUnit
        }
      }
    }
    // What rounding the weights costs at most.
    let error = lists.reduce(0) { $0 + $1.weight } / 59_000 * 2.2 * Float(lists.count) + 1e-4
    let allowed = zip(parts, runs).flatMap { part, runs in runs.joined().map { part.base + $0 } }
    let others = Set((0..<50).map { _ in Int.random(in: 0..<snapshot.capacity, using: &generator) }).sorted()
    let scan = LexicalScan(lists)
    var scratch = SearchScratch()
    // All of them, from which nothing can be left out.
    let all = scan.best(snapshot.capacity, of: parts, runs: runs, others: [], scratch: &scratch).best
    #expect(all.map(\.number) == allowed.filter { exact[$0] > 0 })
    for (number, score) in all { #expect(abs(score - exact[number]) <= error) }
    for count in [1, 10, 200] {
      let (best, otherScores) = scan.best(count, of: parts, runs: runs, others: others, scratch: &scratch)
      let expected = all.sorted { ($0.score, $1.number) > ($1.score, $0.number) }.prefix(count)
      #expect(best.map(\.number) == expected.map(\.number).sorted())
      for (number, score) in best { #expect(all.contains { $0.number == number && $0.score == score }) }
      for (number, score) in zip(others, otherScores) {
        #expect(abs(score - exact[number]) <= error)
      }
      #expect(scratch.sums.allSatisfy { $0 == 0 })
    }
    let none = scan.best(0, of: parts, runs: runs, others: others, scratch: &scratch)
    #expect(none.best.isEmpty && none.others.count == others.count)
  }

  @Test func noTermsGiveNothing() {
    var scratch = SearchScratch()
    let snapshot = IndexSnapshot.empty
    let result = LexicalScan([]).best(5, of: snapshot.parts, runs: [], others: [], scratch: &scratch)
    #expect(result.best.isEmpty && result.others.isEmpty)
  }

  /// However many terms there are, no sum overflows.
  @Test func manyTermsDoNotOverflow() {
    let terms = (0..<3000).map { (term: Self.hash($0), impact: UInt16(Postings.highestImpact)) }
    let zero = [Float](repeating: 0, count: Synthetic.dimensions)
    let segment = Synthetic.segment(sizes: [2], vectors: [zero, zero], terms: [terms, Array(terms.prefix(1))])
    let snapshot = IndexSnapshot(segments: [segment])
    let lists = terms.map { term, _ in
      LexicalScan.List(weight: 2, ranges: [segment.passageTerms.range(of: term)])
    }
    var scratch = SearchScratch()
    let best = LexicalScan(lists).best(
      2, of: snapshot.parts, runs: snapshot.parts.map(\.runs), others: [], scratch: &scratch
    ).best
    #expect(best.count == 2)
    #expect(abs(best[0].score / (6000 * 2.2) - 1) < 0.1)
  }
}
