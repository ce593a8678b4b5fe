import CVectorKernels
import SeededInput
import Testing

@testable import SearchIndex

struct VectorScanTests {
  /// Segments of odd sizes, an empty one among them, with vectors in clusters or anywhere.
  private func segments(_ sizes: [Int], clusters: Int, using generator: inout SeededGenerator) -> [Segment] {
    let centers = (0..<clusters).map { _ in Synthetic.vector(using: &generator) }
    return sizes.enumerated().map { number, size in
      let vectors = (0..<size).map { _ in
        Synthetic.vector(near: centers.randomElement(using: &generator), spread: 0.8, using: &generator)
      }
      return Synthetic.segment(
        sizes: Synthetic.sizes(size, using: &generator), vectors: vectors, name: "part\(number)")
    }
  }

  private func scan(_ query: [Float]) -> VectorScan {
    var codes = [Int8](repeating: 0, count: query.count)
    let scale = cvk_quantise(query, query.count, &codes)
    return VectorScan(codes: codes, scale: scale)
  }

  private func search(
    _ scan: VectorScan, _ count: Int, in snapshot: IndexSnapshot, runs: [[Range<Int>]]? = nil, exhaustive: Int
  ) -> [VectorScan.Scored] {
    var scratch = SearchScratch()
    return scan.best(
      count, of: snapshot.parts, runs: runs ?? snapshot.parts.map(\.runs), exhaustive: exhaustive, scratch: &scratch)
  }

  /// The cosines of all passages in runs.
  private func naive(_ scan: VectorScan, _ snapshot: IndexSnapshot, _ runs: [[Range<Int>]]) -> [VectorScan.Scored] {
    var scored: [VectorScan.Scored] = []
    for (part, runs) in zip(snapshot.parts, runs) {
      let rows = Array(part.segment.codes)
      let scales = Array(part.segment.scales)
      var scores = [Float](repeating: 0, count: scales.count)
      cvk_scan_i8_variant(
        CVK_PORTABLE, scan.codes, scan.scale, rows, scales, nil, scales.count, scan.codes.count, &scores)
      for passage in runs.joined() { scored.append((part.base + passage, scores[passage])) }
    }
    return scored
  }

  @Test(arguments: [20, 300, 5000])
  func firstPassFindsNearlyAllOfTheNearest(clusters: Int) {
    var generator = SeededGenerator(seed: UInt64(clusters))
    let segments = segments([1, 63, 64, 0, 65, 500, 4097, 700], clusters: clusters, using: &generator)
    let snapshot = IndexSnapshot(segments: segments)
    let runs = snapshot.parts.map(\.runs)
    var found = 0
    for _ in 0..<8 {
      let part = snapshot.parts[Int.random(in: 4...7, using: &generator)]
      let near = Int.random(in: 0..<part.segment.passages.count, using: &generator)
      let center = part.segment.codes[near * 256..<(near + 1) * 256].map { Float($0) * part.segment.scales[near] }
      let scan = scan(Synthetic.vector(near: center, spread: 0.5, using: &generator))
      let all = naive(scan, snapshot, runs).sorted { $0.score > $1.score }
      let best = search(scan, 10, in: snapshot, exhaustive: 0)
      #expect(best.count == 10)
      let scores = Dictionary(uniqueKeysWithValues: all.map { ($0.number, $0.score) })
      #expect(best.allSatisfy { scores[$0.number] == $0.score })
      found += best.count { $0.score >= all[9].score }
    }
    #expect(found >= 76)
  }

  @Test func comparingAllIsExact() {
    var generator = SeededGenerator(seed: 12)
    let snapshot = IndexSnapshot(segments: segments([5, 0, 4100, 64], clusters: 4, using: &generator))
    for count in [1, 200, 10_000] {
      let scan = scan(Synthetic.vector(using: &generator))
      let all = naive(scan, snapshot, snapshot.parts.map(\.runs)).filter { $0.score > 0 }
      let best = search(scan, count, in: snapshot, exhaustive: 100_000)
      let expected = all.sorted { ($0.score, $1.number) > ($1.score, $0.number) }.prefix(count)
      #expect(best.map(\.number) == expected.map(\.number).sorted())
    }
  }

  @Test(arguments: UInt64(1)...4)
  func bothPassesRespectWhatIsDeadOrOutOfScope(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let segments = segments([70, 1, 700, 4200], clusters: 500, using: &generator)
    // One live file in ten, in two, or nearly all.
    let share = [10, 2, 2, 50][Int(seed) - 1]
    let snapshot = IndexSnapshot(segments: segments) { _, file in (file % share != 0) == (share != 10) }
    let runs = snapshot.parts.map { part in
      IndexSnapshot.Part.runs(of: part.segment.files) { part.live[$0] && $0 % 7 != 3 }
    }
    let scan = scan(Synthetic.vector(using: &generator))
    let all = naive(scan, snapshot, runs)
    let allowed = Set(all.map(\.number))
    for exhaustive in [0, 100_000] {
      let best = search(scan, 60, in: snapshot, runs: runs, exhaustive: exhaustive)
      #expect(best.count == min(60, all.count { $0.score > 0 }))
      #expect(best.allSatisfy { allowed.contains($0.number) })
      #expect(best.map(\.number) == best.map(\.number).sorted())
      let lowest = all.map(\.score).sorted(by: >)[min(59, all.count - 1)]
      #expect(best.count { $0.score >= lowest } >= 48)
    }
  }

  @Test func anEmptyIndexHasNothing() {
    var generator = SeededGenerator(seed: 1)
    let empty = IndexSnapshot(segments: segments([0, 0], clusters: 1, using: &generator))
    #expect(search(scan(Synthetic.vector(using: &generator)), 10, in: empty, exhaustive: 0).isEmpty)
    #expect(search(scan(Synthetic.vector(using: &generator)), 10, in: .empty, exhaustive: 0).isEmpty)
  }

  @Test func firstPassGivesTheSearchTheSameHits() {
    var generator = SeededGenerator(seed: 5)
    let files = (0..<300).map { ("a/file\($0).swift", Source.text(functions: 1 + $0 % 5, using: &generator)) }
    let snapshot = IndexSnapshot(segments: [Segment.of(Array(files[..<20])), Segment.of(Array(files[20...]))])
    var all = Searcher()
    var some = Searcher()
    some.exhaustive = 0
    for query in ["read the index ahead", "queue limit", "parse HTTP token"] {
      let left = all.search(query, in: snapshot, limit: 5) { !$0.path.contains("1") }
      let right = some.search(query, in: snapshot, limit: 5) { !$0.path.contains("1") }
      #expect(left.map(\.passage.file.path) == right.map(\.passage.file.path))
      #expect(right.allSatisfy { !$0.passage.file.path.contains("1") })
    }
  }
}
