import SeededInput
import TestEmbedder
import Testing

@testable import SearchIndex

@Suite struct SpaceScanTests {
  /// Segments of random sources, and vectors for all passages but some.
  private func world(
    _ count: Int, dimensions: Int = 96, without: (Int) -> Bool
  ) -> (snapshot: IndexSnapshot, embedder: FakeEmbedder) {
    var generator = SeededGenerator(seed: 5)
    let segments = (0..<3).map { part in
      Segment.of((0..<count).map { ("src/\(part)-\($0).swift", Source.text(functions: 3, using: &generator)) })
    }
    let embedder = FakeEmbedder(dimensions: dimensions)
    let vectors = SpaceVectors(space: "fake")
    var scratch: [UInt8] = []
    var number = 0
    for segment in segments {
      for passage in segment.passages.indices {
        defer { number += 1 }
        let text = "\(segment.symbol(of: passage)) \(segment.names(of: passage))"
        if without(number) { continue }
        guard let vector = QuantisedVector(embedder.vector(of: text)) else { continue }
        vectors.add([(PassageKey(of: passage, in: segment, scratch: &scratch), vector)])
      }
    }
    let snapshot = IndexSnapshot(segments: segments) { part, file in part != 1 || file % 3 != 0 }
    return (vectors.served(snapshot.parts).map { snapshot.serving($0) } ?? snapshot, embedder)
  }

  private func runs(_ snapshot: IndexSnapshot) -> [[Range<Int>]] { snapshot.parts.map(\.runs) }

  @Test(arguments: [64, 96, 100, 1000])
  func itFindsTheNearestOfAll(dimensions: Int) throws {
    let (snapshot, embedder) = world(40, dimensions: dimensions, without: { _ in false })
    let served = try #require(snapshot.served)
    #expect(served.missing.allSatisfy { $0.isEmpty })
    let query = try #require(QueryVector(embedder.vector(of: "readAhead token cache"), space: "fake"))
    var scan = SpaceScan(query, in: served, of: snapshot.parts, runs: runs(snapshot), plain: nil)
    var scratch = SearchScratch()
    let found = scan.best(20, of: snapshot.parts, runs: runs(snapshot), scratch: &scratch)
    var all: [(number: Int, score: Float)] = []
    for (part, runs) in zip(snapshot.parts.indices, runs(snapshot)) {
      for passage in runs.joined() {
        let (codes, scale) = served.slab.row(served.rows[part][passage])
        var sum: Int32 = 0
        for (index, code) in query.codes.enumerated() {
          sum += Int32(code) * Int32(codes.load(fromByteOffset: index, as: Int8.self))
        }
        let score = query.scale * scale * Float(sum)
        #expect(abs(scan.score(part: part, passage: passage, of: snapshot.parts) - score) < 1e-6)
        if score > 0 { all.append((snapshot.parts[part].base + passage, score)) }
      }
    }
    let best = all.sorted { ($1.score, $0.number) < ($0.score, $1.number) }.prefix(20)
    #expect(found.map(\.number) == best.map(\.number).sorted())
  }

  @Test func whatHasNoVectorTakesPartByAnEstimate() throws {
    let (snapshot, embedder) = world(60, without: { $0 % 50 == 7 })
    let served = try #require(snapshot.served)
    #expect(served.missing.contains { !$0.isEmpty })
    let text = "readAhead token cache window"
    let query = try #require(QueryVector(embedder.vector(of: text), space: "fake"))
    var searcher = Searcher()
    // The embedded model's cosines, by the same query, of all passages.
    let ranker = searcher.rank(text, in: snapshot, limit: 10, evidence: .dense, accepts: nil)
    let embedding = try #require(ranker.evaluation.embedding)
    let plain = VectorScan(codes: embedding.codes, scale: embedding.scale)
    var scan = SpaceScan(query, in: served, of: snapshot.parts, runs: runs(snapshot), plain: plain)
    var scratch = SearchScratch()
    let found = scan.best(1_000, of: snapshot.parts, runs: runs(snapshot), scratch: &scratch)
    let missing = zip(snapshot.parts, served.missing).flatMap { part, passages in passages.map { part.base + Int($0) } }
    let live = Set(
      runs(snapshot).enumerated().flatMap { part, runs in
        runs.joined().map { snapshot.parts[part].base + $0 }
      })
    let estimated = found.filter { missing.contains($0.number) }
    let seen = found.filter { !missing.contains($0.number) }
    #expect(!estimated.isEmpty)
    #expect(found.allSatisfy { live.contains($0.number) })
    // No estimate is above what the embedder has seen itself.
    let highest = try #require(seen.map(\.score).max())
    #expect(estimated.allSatisfy { $0.score <= highest })
    // They stand among the others: neither all above nor all below.
    let mean = { (scores: [Float]) in scores.reduce(0, +) / Float(scores.count) }
    let deviation = { (scores: [Float]) in
      (scores.reduce(0) { $0 + ($1 - mean(scores)) * ($1 - mean(scores)) } / Float(scores.count)).squareRoot()
    }
    let all = seen.map(\.score)
    #expect(abs(mean(estimated.map(\.score)) - mean(all)) < 2 * deviation(all))
    // And in the order of the embedded model.
    let cosines = estimated.map { entry in
      let part = snapshot.parts.last { $0.base <= entry.number }
      return part?.segment.cosine(
        of: entry.number - (part?.base ?? 0), with: embedding.codes, scale: embedding.scale) ?? 0
    }
    for (left, right) in zip(zip(cosines, estimated), zip(cosines, estimated).dropFirst()) where left.0 < right.0 {
      #expect(left.1.score <= right.1.score)
    }
  }

  @Test func theEmbeddedModelAloneDecidesWithoutAVector() {
    let (snapshot, _) = world(20, without: { _ in false })
    let plain = IndexSnapshot(segments: snapshot.parts.map(\.segment)) { part, file in part != 1 || file % 3 != 0 }
    var searcher = Searcher()
    for query in ["read ahead", "Server", "src/1-4.swift", "merge the lease of a passage"] {
      let left = searcher.search(query, in: snapshot, limit: 20)
      let right = searcher.search(query, in: plain, limit: 20)
      #expect(left.map(\.score) == right.map(\.score))
      #expect(left.map(\.why) == right.map(\.why))
    }
  }
}
