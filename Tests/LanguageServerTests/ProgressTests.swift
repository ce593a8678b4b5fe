import Assistant
import SeededInput
import Testing
import Workspace

@testable import LanguageServer

private func citation(_ id: Int) -> Citation {
  let place = Position(line: 0, character: 0)
  return Citation(
    id: id, uri: "file:///a", path: "a", range: SourceRange(start: place, end: place), symbol: nil, contentHash: "0",
    verified: true, score: 1)
}

@Suite struct DeltaBufferTests {
  @Test func nothingIsLostAndCharactersStayWhole() {
    let text = "He\u{301}llo 👩‍👩‍👧 🇩🇪🇫🇷 line\r\nend e\u{301}"
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      var buffer = DeltaBuffer()
      var sent: [String] = []
      var rest = Substring.UnicodeScalarView(text.unicodeScalars)
      while !rest.isEmpty {
        let count = Int.random(in: 1...3, using: &generator)
        buffer.append(AskDelta(text: String(Substring(rest.prefix(count)))))
        rest = rest.dropFirst(count)
        if Bool.random(using: &generator) { sent += buffer.take(all: false).compactMap(\.text) }
      }
      sent += buffer.take(all: true).compactMap(\.text)
      #expect(sent.joined() == text)
      // Cut on character boundaries: the characters of the pieces are those of the whole.
      #expect(sent.flatMap { Array($0) } == Array(text))
      #expect(buffer.isEmpty)
    }
  }

  @Test func citationsComeBeforeText() {
    var buffer = DeltaBuffer()
    buffer.append(AskDelta(status: "a"))
    buffer.append(AskDelta(text: "x [1]"))
    buffer.append(AskDelta(citations: [citation(1)]))
    buffer.append(AskDelta(citations: [citation(2)], status: "b"))
    let deltas = buffer.take(all: true)
    #expect(deltas.map { $0.citations?.map(\.id) ?? [] } == [[1, 2], []])
    #expect(deltas.map(\.status) == ["b", nil])
    #expect(deltas.map(\.text) == [nil, "x [1]"])
  }
}

@Suite struct IndexingRunTests {
  private func report(_ folder: String, _ done: Int, _ total: Int, finished: Bool = false) -> IndexingProgress {
    IndexingProgress(folder: folder, done: done, total: total, bytes: 0, finished: finished)
  }

  private func values(_ actions: [IndexingRun.Action]) -> [String] {
    actions.map { action in
      switch action {
      case .create(let token): "create \(token)"
      case .send(_, let value): "\(value.kind) \(value.percentage.map { "\($0)" } ?? "-")"
      }
    }
  }

  @Test func percentagesRiseAndReportsAreFew() {
    var run = IndexingRun()
    let start = ContinuousClock.now
    #expect(values(run.received(report("a", 0, 10), at: start)) == ["create cicerone/indexing/1"])
    #expect(values(run.received(report("a", 1, 10), at: start)) == [])
    #expect(values(run.created(token: "cicerone/indexing/1", accepted: true, at: start)) == ["begin 0"])
    #expect(values(run.received(report("a", 5, 10), at: start + .milliseconds(50))) == [])
    #expect(values(run.received(report("a", 5, 10), at: start + .milliseconds(100))) == ["report 50"])
    #expect(values(run.received(report("b", 0, 90), at: start + .milliseconds(200))) == ["report 50"])
    #expect(values(run.received(report("a", 10, 10, finished: true), at: start + .seconds(1))) == ["report 50"])
    #expect(values(run.received(report("b", 90, 90, finished: true), at: start + .seconds(1))) == ["end -"])
    #expect(values(run.received(report("a", 0, 1), at: start + .seconds(2))) == ["create cicerone/indexing/2"])
  }

  @Test func aRefusedTokenIsNotUsed() {
    var run = IndexingRun()
    let now = ContinuousClock.now
    _ = run.received(report("a", 0, 10), at: now)
    #expect(values(run.created(token: "cicerone/indexing/1", accepted: false, at: now)) == [])
    #expect(values(run.received(report("a", 5, 10), at: now + .seconds(1))) == [])
    #expect(values(run.received(report("a", 10, 10, finished: true), at: now + .seconds(2))) == [])
    #expect(values(run.received(report("a", 0, 1), at: now + .seconds(3))) == ["create cicerone/indexing/2"])
  }

  @Test func beginAndEndArePairedWhenTheRunIsOverBeforeTheAnswer() {
    var run = IndexingRun()
    let now = ContinuousClock.now
    _ = run.received(report("a", 0, 10), at: now)
    #expect(values(run.received(report("a", 10, 10, finished: true), at: now)) == [])
    #expect(values(run.created(token: "cicerone/indexing/1", accepted: true, at: now)) == ["begin 0", "end -"])
  }

  @Test func aClosedFolderEndsItsRun() {
    var run = IndexingRun()
    let now = ContinuousClock.now
    _ = run.received(report("a", 0, 10), at: now)
    _ = run.created(token: "cicerone/indexing/1", accepted: true, at: now)
    #expect(values(run.closed(folder: "a", at: now)) == ["end -"])
    #expect(values(run.closed(folder: "b", at: now)) == [])
  }
}
