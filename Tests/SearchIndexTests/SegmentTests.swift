import SeededInput
import Testing
import Workspace

@testable import SearchIndex

struct SegmentTests {
  private func sample(seed: UInt64, files: Int) -> [(path: String, text: String)] {
    var generator = SeededGenerator(seed: seed)
    return (0..<files).map { number in
      ("Sources/part\(number)/readAhead\(number).swift", Source.text(functions: 1 + number % 4, using: &generator))
    }
  }

  private func decode(_ bytes: [UInt8]) throws -> Segment {
    try Segment(stored: SegmentBytes(count: bytes.count) { $0.copyBytes(from: bytes) })
  }

  private func expectEqual(_ left: Segment, _ right: Segment) {
    #expect(left.files == right.files)
    #expect(Array(left.passages) == Array(right.passages))
    #expect(Array(left.codes) == Array(right.codes))
    #expect(Array(left.scales) == Array(right.scales))
    #expect(Array(left.passageTokens.offsets) == Array(right.passageTokens.offsets))
    #expect(Array(left.passageTokens.tokens) == Array(right.passageTokens.tokens))
    #expect(Array(left.strings) == Array(right.strings))
    #expect(left.signs.codes == right.signs.codes)
    #expect(left.signs.factors == right.signs.factors)
    for (a, b) in [(left.passageTerms, right.passageTerms), (left.pathTerms, right.pathTerms)] {
      #expect(Array(a.terms) == Array(b.terms))
      #expect(Array(a.offsets) == Array(b.offsets))
      #expect(Array(a.documents) == Array(b.documents))
      #expect(Array(a.impacts) == Array(b.impacts))
    }
  }

  @Test(arguments: [0, 1, 9])
  func roundTrip(files: Int) throws {
    let segment = Segment.of(sample(seed: 3, files: files))
    let encoded = segment.encoded
    expectEqual(try decode(encoded), segment)
    let isSame = try decode(encoded).encoded == encoded
    #expect(isSame)
  }

  @Test func roundTripOfAFileWithoutPassages() throws {
    let segment = Segment.of([("blank.txt", "\n\n"), ("a/größe 日本.py", "x = 1\n")])
    expectEqual(try decode(segment.encoded), segment)
    #expect(try decode(segment.encoded).files.map(\.path) == ["blank.txt", "a/größe 日本.py"])
  }

  @Test func everyFlippedByteIsDetected() {
    let encoded = Segment.of(sample(seed: 4, files: 3)).encoded
    var generator = SeededGenerator(seed: 5)
    var positions = Array(0..<64) + Array(encoded.count - 32..<encoded.count)
    positions += (0..<1500).map { _ in Int.random(in: 0..<encoded.count, using: &generator) }
    for position in positions {
      var damaged = encoded
      damaged[position] ^= UInt8.random(in: 1...255, using: &generator)
      #expect(throws: Segment.Damaged.self) { try decode(damaged) }
    }
  }

  @Test func truncatedAndForeignBytesAreDetected() {
    let encoded = Segment.of(sample(seed: 6, files: 2)).encoded
    for count in [0, 1, 8, 15, 16, 17, 24, encoded.count / 2, encoded.count - 16, encoded.count - 1] {
      #expect(throws: Segment.Damaged.self) { try decode(Array(encoded[..<count])) }
    }
    #expect(throws: Segment.Damaged.self) { try decode(encoded + [0]) }
    // A right checksum over another version, and over nothing.
    var other = [UInt8](repeating: 0, count: 16 + SectionWriter.checksumSize)
    other.withUnsafeMutableBytes { memory in
      var writer = SectionWriter(memory)
      withUnsafeBytes(of: Segment.formatVersion + 1) { writer.append($0) }
      _ = writer.finish()
    }
    #expect(throws: Segment.Damaged.self) { try decode(other) }
    var nothing = [UInt8](repeating: 0, count: SectionWriter.checksumSize)
    nothing.withUnsafeMutableBytes { _ = SectionWriter($0).finish() }
    #expect(throws: Segment.Damaged.self) { try decode(nothing) }
  }

  @Test func recordsPointAtTheText() {
    let files = sample(seed: 7, files: 5)
    let segment = Segment.of(files)
    for (number, file) in segment.files.enumerated() {
      let text = Array(files[number].text.utf8)
      for passage in file.passages {
        let record = segment.passages[passage]
        let bytes = text[Int(record.startByte)..<Int(record.endByte)]
        #expect(record.contentHash == ContentHash(Array(bytes)).low)
        #expect(Int(record.file) == number)
        let before = text[..<Int(record.startByte)].count { $0 == 0x0A }
        #expect(Int(record.startLine) == before)
        for name in segment.names(of: passage) { #expect(files[number].text.contains(name)) }
      }
    }
  }

  @Test(arguments: UInt64(1)...8)
  func mergeEqualsBuildingOfTheSameFiles(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let files = sample(seed: seed &+ 100, files: 24)
    var sources: [(segment: Segment, files: [Int])] = []
    var kept: [(path: String, text: String)] = []
    var rest = files[...]
    while !rest.isEmpty {
      let part = Array(rest.prefix(Int.random(in: 1...7, using: &generator)))
      rest = rest.dropFirst(part.count)
      let live = part.indices.filter { _ in seed == 1 || Int.random(in: 0...2, using: &generator) > 0 }
      sources.append((Segment.of(part), live))
      kept += live.map { part[$0] }
    }
    let merged = SegmentMerger.merge(sources)
    let built = Segment.of(kept)
    expectEqual(merged, built)
    let isSame = merged.encoded == built.encoded
    #expect(isSame)
    var searcher = Searcher()
    for query in ["readAheadBytes", "parse the HTTP token", "queue limit"] {
      let first = searcher.search(query, in: IndexSnapshot(segments: [merged]), limit: 20)
      let second = searcher.search(query, in: IndexSnapshot(segments: [built]), limit: 20)
      #expect(first.map(\.score) == second.map(\.score))
      #expect(
        first.map { [$0.passage.file.path, "\($0.passage.bytes)", $0.passage.symbol] }
          == second.map { [$0.passage.file.path, "\($0.passage.bytes)", $0.passage.symbol] })
    }
  }

  @Test func mergeOfNothingAliveIsEmpty() {
    let merged = SegmentMerger.merge([(Segment.of(sample(seed: 8, files: 3)), [])])
    #expect(merged.files.isEmpty && merged.passages.isEmpty && merged.strings.isEmpty && merged.codes.isEmpty)
    #expect(merged.passageTerms.terms.isEmpty && Array(merged.passageTerms.offsets) == [0])
  }

  /// What is dead leaves with its strings, however often a segment is merged.
  @Test func repeatedMergesDoNotGrow() {
    var segment = Segment.of(sample(seed: 9, files: 2))
    let size = segment.encoded.count
    for round in 0..<5 {
      let next = Segment.of(sample(seed: UInt64(20 + round), files: 6))
      segment = SegmentMerger.merge([(segment, [0, 1]), (next, [])])
    }
    #expect(segment.encoded.count == size)
  }
}

struct MergePlanTests {
  private struct Model {
    var candidates: [MergePlan.Candidate] = []
    var nextID: Int64 = 1

    mutating func add(files: Int, passages: Int) {
      candidates.append(.init(id: nextID, files: files, live: files, passages: passages))
      nextID += 1
    }

    /// Merges as the index does, and returns whether there was something to do.
    mutating func step() -> Bool {
      let chosen = MergePlan.choose(candidates)
      if chosen.isEmpty { return false }
      let sources = candidates.filter { chosen.contains($0.id) }
      candidates.removeAll { chosen.contains($0.id) }
      let live = sources.reduce(0) { $0 + $1.live }
      let passages = sources.reduce(0) { $0 + $1.passages * $1.live / max(1, $1.files) }
      if live > 0 { add(files: live, passages: passages) }
      return true
    }
  }

  @Test(arguments: UInt64(1)...10)
  func convergesAndStaysBounded(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var model = Model()
    var rewritten = 0
    var added = 0
    for _ in 0..<400 {
      let files = Int.random(in: 1...(seed % 2 == 0 ? 3 : 60), using: &generator)
      model.add(files: files, passages: files * Int.random(in: 0...40, using: &generator))
      added += files
      // Some die.
      for index in model.candidates.indices where Int.random(in: 0...3, using: &generator) == 0 {
        model.candidates[index].live = Int.random(in: 0...model.candidates[index].live, using: &generator)
      }
      let live = model.candidates.reduce(0) { $0 + $1.live }
      var steps = 0
      while true {
        let before = model.candidates
        guard model.step() else { break }
        let after = Set(model.candidates.map(\.id))
        rewritten += before.filter { !after.contains($0.id) }.reduce(0) { $0 + $1.live }
        steps += 1
        #expect(steps < 50, "no end")
        if steps >= 50 { return }
      }
      #expect(model.candidates.reduce(0) { $0 + $1.live } == live)
      #expect(model.candidates.allSatisfy { $0.live * 2 >= $0.files && $0.live > 0 })
      #expect(model.candidates.count < 60)
    }
    #expect(rewritten < added * 20)
  }

  @Test func leavesWhatIsWellAlone() {
    #expect(MergePlan.choose([]).isEmpty)
    #expect(MergePlan.choose([.init(id: 1, files: 10, live: 10, passages: 100)]).isEmpty)
    #expect(MergePlan.choose([.init(id: 1, files: 10, live: 5, passages: 100)]).isEmpty)
    #expect(MergePlan.choose([.init(id: 1, files: 10, live: 4, passages: 100)]) == [1])
    let eight = (1...8).map { MergePlan.Candidate(id: Int64($0), files: 1, live: 1, passages: 10) }
    #expect(MergePlan.choose(eight).count == 8)
    #expect(MergePlan.choose(Array(eight.dropLast())).isEmpty)
    // Large ones are left alone, and a merge never exceeds the limit.
    let large = (1...20).map { MergePlan.Candidate(id: Int64($0), files: 9, live: 9, passages: 30_000) }
    #expect(MergePlan.choose(large).isEmpty)
    let middle = (1...20).map { MergePlan.Candidate(id: Int64($0), files: 9, live: 9, passages: 20_000) }
    #expect(MergePlan.choose(middle).count == 2)
  }
}

extension Segment {
  /// What is stored.
  var encoded: [UInt8] { Array(stored.bytes) }
}
