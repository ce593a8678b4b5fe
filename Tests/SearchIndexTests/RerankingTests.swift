import SeededInput
import Testing

@testable @_spi(Measurement) import SearchIndex

struct RerankingTests {
  private func function(_ name: String, _ lines: [String]) -> String {
    "func \(name)() {\n" + lines.map { "  \($0)\n" }.joined() + "}\n\n"
  }

  @Test(arguments: UInt64(1)...4)
  func featuresAreInTheirRangesAndMakeTheScore(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let files = (0..<30).map { ("src/part\($0).swift", Source.text(functions: 6, using: &generator)) }
    let snapshot = IndexSnapshot(segments: [Segment.of(Array(files[..<15])), Segment.of(Array(files[15...]))])
    var searcher = Searcher()
    for query in ["how are bytes read ahead", "cache window limit", "mergeQueue", "vector"] {
      let examples = searcher.examples(for: query, in: snapshot)
      #expect(!examples.isEmpty && examples.count <= searcher.weights.reranked)
      #expect(abs((examples.map(\.base).max() ?? 0) - 1) < 1e-3)
      for example in examples {
        for feature in RankingFeature.allCases { #expect((0...1.0001).contains(example.features[feature])) }
        #expect((0...1).contains(example.prior))
      }
      // The list is in the order of these scores, but for what saturation moves down.
      let hits = searcher.search(query, in: snapshot, limit: 10)
      let best = try #require(hits.first)
      let scores = examples.map { example in
        example.prior
          * RankingFeature.allCases.reduce(example.base) { $0 + searcher.weights.features[$1] * example.features[$1] }
      }
      #expect(abs((scores.max() ?? 0) - best.score) < 1e-3)
    }
  }

  /// A long function is cut into several passages; the first place is one, and the rest stand behind others.
  @Test func furtherPassagesOfOneDeclarationStandBack() throws {
    let long = function("sendRequest", (0..<120).map { "retry(request, delay: \($0))" })
    let snapshot = IndexSnapshot(segments: [
      Segment.of([
        ("a.swift", long), ("b.swift", function("other", ["retry(request, delay: 1)"])),
        ("c.swift", function("third", ["retry(request, delay: 2)"])),
      ])
    ])
    var searcher = Searcher()
    func places() -> [Int] {
      let hits = searcher.search("delay the retry of a request", in: snapshot, limit: 20)
      return hits.indices.filter { hits[$0].passage.file.path == "a.swift" }
    }
    let with = places()
    searcher.weights.declarationSaturation = 1
    let without = places()
    #expect(with.count > 2 && with.count == without.count)
    #expect(with.reduce(0, +) > without.reduce(0, +))
  }

  @Test func rarityOfWordsCountsInTheEmbedding() {
    // `common` stands everywhere, `lease` once.
    let files = (0..<40).map { ("f\($0).swift", function("common\($0)", ["common(\($0 == 7 ? "lease" : "value"))"])) }
    let snapshot = IndexSnapshot(segments: [Segment.of(files)])
    var searcher = Searcher()
    searcher.weights.features = FeatureVector()
    let hits = searcher.search("common lease", in: snapshot, limit: 3, evidence: .dense)
    #expect(hits.first?.passage.file.path == "f7.swift")
    #expect(hits.first?.why["dense"] ?? 0 > 0)
  }

  @Test func functionsAreFavouredUnlessAnIdentifierIsAskedFor() {
    let snapshot = IndexSnapshot(segments: [
      Segment.of([
        ("a.swift", function("openDoor", ["turn(key)"])), ("b.swift", "struct Door {\n  var key: Int\n}\n"),
      ])
    ])
    var searcher = Searcher()
    func functions(_ query: String) -> [String] {
      searcher.examples(for: query, in: snapshot).filter { $0.features[.function] > 0 }.map(\.passage.file.path)
    }
    #expect(functions("how is the door opened with a key") == ["a.swift"])
    #expect(functions("openDoor").isEmpty)
  }

  @Test func candidatesBelowThoseLookedAtStayBelow() {
    var generator = SeededGenerator(seed: 5)
    let files = (0..<40).map { ("src/part\($0).swift", Source.text(functions: 8, using: &generator)) }
    let snapshot = IndexSnapshot(segments: [Segment.of(files)])
    var searcher = Searcher()
    searcher.weights.reranked = 0
    for hit in searcher.search("read bytes of the index cache", in: snapshot, limit: 60) {
      #expect(hit.score.isFinite && hit.why["match"] == nil && hit.why["rest"] == nil)
    }
    searcher.weights.reranked = 5
    let hits = searcher.search("read bytes of the index cache", in: snapshot, limit: 60)
    #expect(hits.filter { $0.why["rest"] != nil }.count > 20)
    #expect(hits.first?.why["rest"] == nil)
    for hit in hits { #expect(abs(hit.why.values.reduce(0, +) - Double(hit.score)) < 1e-3) }
  }

  @Test func segmentsKeepTheTokensOfTheirPassages() throws {
    var generator = SeededGenerator(seed: 8)
    let files = (0..<4).map { ("src/part\($0).swift", Source.text(functions: 3, using: &generator)) }
    let (left, right) = (Segment.of(Array(files[..<2])), Segment.of(Array(files[2...])))
    let merged = SegmentMerger.merge([(left, [1]), (right, [0, 1])])
    let direct = Segment.of(Array(files[1...]))
    func tokens(_ segment: Segment) -> [Set<UInt16>] {
      segment.passages.indices.map { segment.passageTokens.withTokens(of: $0) { Set($0) } }
    }
    #expect(tokens(merged) == tokens(direct))
    #expect(tokens(direct).allSatisfy { !$0.isEmpty })
  }

  /// Files of which an older version, or one that is gone, still lies in a segment do not count.
  @Test(arguments: UInt64(1)...4)
  func whatIsDeadChangesNoScore(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var files = (0..<30).map { ("src/part\($0).swift", Source.text(functions: 5, using: &generator)) }
    let old = Segment.of(files)
    for number in [2, 3, 11, 29] { files[number].1 = Source.text(functions: 4, using: &generator) }
    let new = Segment.of([2, 3, 11, 29].map { files[$0] })
    let gone = Set(["src/part7.swift", "src/part20.swift"])
    let kept = IndexSnapshot(segments: [old, new]) { part, file in
      part == 1 || !gone.contains(old.files[file].path)
    }
    let anew = IndexSnapshot(segments: [Segment.of(files.filter { !gone.contains($0.0) })])
    #expect(kept.passageCount == anew.passageCount && kept.capacity > anew.capacity)
    var searcher = Searcher()
    for query in ["how are bytes read ahead", "cache window limit", "mergeQueue", "src/part3.swift", "lease"] {
      func list(_ snapshot: IndexSnapshot) -> [String: Float] {
        let hits = searcher.search(query, in: snapshot, limit: 500)
        return Dictionary(uniqueKeysWithValues: hits.map { ("\($0.passage.file.path) \($0.passage.bytes)", $0.score) })
      }
      let (left, right) = (list(kept), list(anew))
      #expect(Set(left.keys) == Set(right.keys))
      for (place, score) in left { #expect(abs(score - (right[place] ?? 0)) < 2e-3, "\(query) \(place)") }
    }
  }
}
