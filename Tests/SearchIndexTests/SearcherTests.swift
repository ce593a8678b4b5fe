import Testing
import Workspace

@testable import SearchIndex

struct SearcherTests {
  private static let files: [(path: String, text: String)] = [
    (
      "net/RetryPolicy.swift",
      """
      /// Decides whether a failed request is sent again.
      struct RetryPolicy {
        /// Waits longer after each failure, up to a minute.
        func backoffDelay(attempt: Int) -> Int { min(60_000, 100 << attempt) }
      }

      """
    ),
    (
      "net/Client.swift",
      """
      final class Client {
        func send() { let delay = RetryPolicy().backoffDelay(attempt: 3); sleep(delay) }
        func sendAll() { for _ in 0..<3 { send() } }
      }

      """
    ),
    ("ui/Button.swift", "struct Button {\n  var title: String\n  func draw() { paint(title) }\n}\n"),
    (
      "Tests/RetryPolicyTests.swift", "func testBackoffDelay() {\n  expect(RetryPolicy().backoffDelay(attempt: 1))\n}\n"
    ),
    ("docs/guide.md", "# Guide\n\nHow to paint a button with a title.\n"),
  ]

  private let snapshot = IndexSnapshot(segments: [Segment.of(Array(files[..<2])), Segment.of(Array(files[2...]))])

  private func search(
    _ query: String, limit: Int = 10, evidence: SearchEvidence = .hybrid, accepts: ((IndexedFile) -> Bool)? = nil
  ) -> [SearchHit] {
    var searcher = Searcher()
    return searcher.search(query, in: snapshot, limit: limit, evidence: evidence, accepts: accepts)
  }

  @Test(arguments: ["backoffDelay", "backoff_delay", "BACKOFF_DELAY", "`backoffDelay`", "backoffDelay()"])
  func findsADeclarationByItsName(query: String) throws {
    let first = try #require(search(query).first)
    #expect(first.passage.file.path == "net/RetryPolicy.swift")
    #expect(first.why["definition"] != nil)
  }

  @Test(arguments: [SearchEvidence.hybrid, .dense, .lexical])
  func findsByEachKindOfEvidence(evidence: SearchEvidence) throws {
    let hits = search("how long to wait before a failed request is sent again", evidence: evidence)
    let first = try #require(hits.first)
    #expect(first.passage.file.path == "net/RetryPolicy.swift")
    for hit in hits {
      if evidence == .dense { #expect(hit.why["lexical"] ?? 0 == 0) }
      if evidence == .lexical { #expect(hit.why["dense"] ?? 0 == 0) }
    }
  }

  /// Only declarations whose names share a word with the query, however well their files match.
  @Test func symbolEvidenceKeepsToNames() {
    let hits = search("backoffDelay attempt", evidence: .symbol)
    #expect(!hits.isEmpty)
    for hit in hits {
      let words = hit.passage.names.joined(separator: " ").lowercased()
      #expect(words.contains("backoff") || words.contains("delay") || words.contains("attempt"), "\(words)")
    }
    #expect(search("paint", evidence: .symbol).isEmpty)
  }

  /// The bonus for the other passages of a file must not bring back one whose names do not match.
  @Test func symbolEvidenceIsNotLiftedByItsFile() {
    func function(_ name: String, _ line: String) -> String {
      "func \(name)() {\n" + String(repeating: "  \(line)\n", count: 40) + "}\n\n"
    }
    let text = function("backoffTable", "table.append(1)") + function("unrelated", "let x = backoff + table")
    let snapshot = IndexSnapshot(segments: [Segment.of([("a.swift", text)])])
    #expect(snapshot.passageCount >= 2)
    var searcher = Searcher()
    let hits = searcher.search("backoffTable", in: snapshot, limit: 10, evidence: .symbol)
    #expect(hits.map(\.passage.names) == [["backoffTable"]])
  }

  @Test func scoresAreInOrderAndInTheirRanges() {
    for query in ["backoffDelay", "paint the button", "retry retry retry", "guide", "x"] {
      let hits = search(query)
      #expect(hits.map(\.score) == hits.map(\.score).sorted(by: >))
      for hit in hits {
        #expect((0...1).contains(hit.coverage))
        #expect((-1.01...1.01).contains(hit.similarity))
        #expect(hit.score > 0)
        let sum = hit.why.values.reduce(0, +)
        #expect(abs(sum - Double(hit.score)) < 1e-3, "\(query): \(hit.why) \(hit.score)")
      }
      #expect(Set(hits.map { "\($0.passage.file.path) \($0.passage.bytes)" }).count == hits.count)
    }
  }

  @Test(arguments: [
    "Tests/RetryPolicyTests.swift", "RetryPolicyTests.swift", "./tests/retrypolicytests.swift:2",
    "what does Tests/RetryPolicyTests.swift expect of the delay",
  ])
  func aFileThatIsNamedComesFirst(query: String) throws {
    for evidence in [SearchEvidence.hybrid, .lexical, .dense] {
      let first = try #require(search(query, evidence: evidence).first)
      #expect(first.passage.file.path == "Tests/RetryPolicyTests.swift")
      #expect(first.why["namedFile"] != nil)
      #expect(first.why["prior"] == nil)
    }
    let others = search(query, accepts: { !$0.path.hasPrefix("Tests/") })
    #expect(others.allSatisfy { $0.why["namedFile"] == nil && !$0.passage.file.path.hasPrefix("Tests/") })
  }

  @Test func limitAndFilter() {
    #expect(search("button delay", limit: 0).isEmpty)
    #expect(search("button delay", limit: -1).isEmpty)
    #expect(search("button delay", limit: .max).count <= snapshot.passageCount)
    #expect(search("button delay", limit: 2).count == 2)
    let filtered = search("button delay", accepts: { $0.path.hasPrefix("ui/") })
    #expect(!filtered.isEmpty)
    #expect(filtered.allSatisfy { $0.passage.file.path.hasPrefix("ui/") })
    #expect(search("button delay", accepts: { _ in false }).isEmpty)
  }

  @Test func deadFilesAreNotFound() {
    let segment = Segment.of(Self.files)
    let snapshot = IndexSnapshot(segments: [segment]) { _, file in segment.files[file].path != "net/RetryPolicy.swift" }
    var searcher = Searcher()
    #expect(
      searcher.search("backoffDelay", in: snapshot, limit: 20).allSatisfy {
        $0.passage.file.path != "net/RetryPolicy.swift"
      })
  }

  @Test func isDeterministic() {
    for query in ["backoffDelay", "paint the button with a title"] {
      let results = (0..<3).map { _ in search(query).map { "\($0.passage.file.path) \($0.passage.bytes) \($0.score)" } }
      #expect(Set(results).count == 1)
    }
  }

  @Test func oddQueries() {
    let queries = [
      "", " ", "\n\t", "?", "the of and", "🙂🙂", "é", "\u{0}", "'\"`", "a", "_", "::", "..", "/", "a/b/", "(((",
      String(repeating: "backoffDelay ", count: 8_000), String(repeating: "x", count: 100_000),
      String(repeating: "()", count: 20_000),
    ]
    for evidence in [SearchEvidence.hybrid, .dense, .lexical, .symbol] {
      for query in queries {
        for hit in search(query, evidence: evidence) { #expect((0...1).contains(hit.coverage)) }
        var searcher = Searcher()
        #expect(searcher.search(query, in: .empty, limit: 5, evidence: evidence).isEmpty)
      }
    }
    // Only stop words still say something when there is nothing else.
    #expect(!SearchQuery("what is the").terms.isEmpty)
  }

  @Test func aVeryLongQueryIsItsBeginning() {
    let beginning = "how is the delay computed "
    let long = SearchQuery(beginning + String(repeating: "x", count: 9_000) + " zebra")
    #expect(long.text.count == 8192)
    #expect(!long.terms.contains { $0.term == SearchQuery("zebra").terms[0].term })
    #expect(long.terms.contains { $0.term == SearchQuery("delay").terms[0].term })
  }

  @Test func queriesAreTakenApart() {
    #expect(SearchQuery("readAheadBytes").kind == .symbol)
    #expect(SearchQuery("src/net/client.py").kind == .path)
    #expect(SearchQuery("Client.swift").kind == .path)
    #expect(SearchQuery("how are retries delayed after failures").kind == .words)
    #expect(SearchQuery("where are the tests").wantsTests)
    #expect(!SearchQuery("where is the latest").wantsTests)
    #expect(SearchQuery("readAheadBytes").identifiers == SearchQuery("read_ahead_bytes").identifiers)
  }

  @Test func coverageIsTheShareOfTheQuestionsWords() {
    var evaluation = QueryEvaluation(snapshot: snapshot, query: SearchQuery("backoff zebra quagga okapi"))
    evaluation.scoreTerms()
    var scratch = SearchScratch()
    let candidates = evaluation.candidates(
      count: 50, evidence: .lexical, runs: snapshot.parts.map(\.runs), exhaustive: 50_000, scratch: &scratch)
    #expect(!candidates.isEmpty)
    // Three of its four words stand nowhere.
    for candidate in candidates { #expect(candidate.lexical / evaluation.totalRarity < 0.6) }
  }

  @Test func queryTermsWeighLines() {
    let terms = QueryTerms("backoff delay", in: snapshot)
    func weight(_ text: String) -> Float { Array(text.utf8).withUnsafeBufferPointer { terms.weight(of: $0) } }
    #expect(weight("let x = 1") == 0)
    #expect(weight("backoff") > 0)
    #expect(weight("backoffDelay") > weight("backoff"))
    #expect(weight("backoff backoff") == weight("backoff"))
  }
}
