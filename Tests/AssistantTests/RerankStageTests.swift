import Foundation
import Synchronization
import Testing
import Workspace

@testable import Assistant

/// A reranker that does what the test says.
final class FakeReranker: PassageReranker {
  typealias Script = @Sendable (_ query: String, _ passages: [String]) async throws(EngineError) -> [Int]

  let name = "fake"
  let candidates: Int
  let timeout: Duration
  private let script: Script
  private let seen = Mutex<[(query: String, passages: [String])]>([])

  init(candidates: Int = 40, timeout: Duration = .seconds(20), _ script: @escaping Script) {
    self.candidates = candidates
    self.timeout = timeout
    self.script = script
  }

  var calls: [(query: String, passages: [String])] { seen.withLock { $0 } }

  func order(_ query: String, _ passages: [String]) async throws(EngineError) -> [Int] {
    seen.withLock { $0.append((query, passages)) }
    return try await script(query, passages)
  }

  /// Puts the last first.
  static func reversing(candidates: Int = 40) -> FakeReranker {
    FakeReranker(candidates: candidates) { _, passages in Array(passages.indices.reversed()) }
  }
}

struct RerankStageTests {
  func scratch() throws -> Scratch {
    let scratch = try Scratch()
    for index in 0..<8 {
      try scratch.write(
        "src/parser\(index).swift",
        """
        /// Parses configuration files, part \(index).
        func parseConfiguration\(index)(_ text: String) -> [String] {
          let lines = text.split(separator: "\\n")
          return lines.map(String.init)\(String(repeating: ".sorted()", count: index))
        }
        """)
    }
    return scratch
  }

  func search(_ engine: Engine, _ limit: Int = 8, mode: SearchMode? = nil) async throws -> [FoundPassage] {
    var parameters = SearchParameters(query: "where are configuration files parsed?")
    parameters.limit = limit
    parameters.mode = mode
    return try await engine.search(parameters, encoding: .utf16).passages
  }

  func engine(_ scratch: Scratch, _ reranker: FakeReranker?, model: (any AnswerModel)? = nil) async throws -> Engine {
    let directories = try ProjectDirectories(environment: ["HOME": scratch.path + "/home"])
    var options = Engine.Options(version: "test")
    options.watches = false
    let engine = Engine(directories: directories, model: model, options: options)
    await engine.setReranker(reranker)
    await engine.openFolders([scratch.root.description])
    try await engine.synchronize()
    return engine
  }

  @Test func theOrderIsTheRerankersAndTheScoresAreOurs() async throws {
    let scratch = try scratch()
    let plain = try await engine(scratch, nil)
    let own = try await search(plain)
    await plain.shutdown()
    let reranker = FakeReranker.reversing()
    let engine = try await engine(scratch, reranker)
    let found = try await search(engine)
    #expect(found.map(\.path) == own.map(\.path).reversed())
    #expect(found.map(\.score) == own.map(\.score))
    for passage in found {
      let sum = (passage.why ?? [:]).values.reduce(0, +)
      #expect(abs(sum - passage.score) < 1e-4)
      #expect(passage.why?["rerank"] != nil)
    }
    #expect(reranker.calls.first?.query == "where are configuration files parsed?")
    #expect(reranker.calls.first?.passages.first?.hasPrefix(own[0].path + "\n") == true)
    #expect(await engine.status().reranking == RerankStatus(name: "fake"))
    await engine.shutdown()
  }

  @Test func itLooksAtItsCandidatesHoweverFewAreAskedFor() async throws {
    let scratch = try scratch()
    let plain = try await engine(scratch, nil)
    let own = try await search(plain).map(\.path)
    await plain.shutdown()
    let reranker = FakeReranker.reversing(candidates: 5)
    let engine = try await engine(scratch, reranker)
    #expect(try await search(engine, 2).map(\.path) == [own[4], own[3]])
    #expect(reranker.calls.last?.passages.count == 5)
    // What is no candidate comes after them, as it was.
    #expect(try await search(engine).map(\.path) == own[..<5].reversed() + own[5...])
    #expect(reranker.calls.count == 2)
    // Whoever asks for one kind of evidence gets that.
    #expect(try await search(engine, mode: .lexical).contains { $0.why?["rerank"] != nil } == false)
    #expect(reranker.calls.count == 2)
    await engine.shutdown()
  }

  @Test func whatItLeavesOutComesAfterWhatItNames() async throws {
    let scratch = try scratch()
    let plain = try await engine(scratch, nil)
    let own = try await search(plain).map(\.path)
    await plain.shutdown()
    let engine = try await engine(scratch, FakeReranker { _, _ in [3, 1] })
    #expect(try await search(engine).map(\.path) == [own[3], own[1], own[0], own[2]] + own[4...])
    await engine.shutdown()
  }

  @Test(arguments: 0..<4)
  func ourOrderStaysWhenItFails(_ way: Int) async throws {
    let scratch = try scratch()
    let plain = try await engine(scratch, nil)
    let own = try await search(plain).map(\.path)
    await plain.shutdown()
    let scripts: [FakeReranker] = [
      FakeReranker { _, _ throws(EngineError) in throw EngineError(.provider, "It broke.", hint: "Mend it.") },
      // Does not even heed that it is cancelled.
      FakeReranker(timeout: .milliseconds(50)) { _, _ in
        await withCheckedContinuation { done in
          DispatchQueue.global().asyncAfter(deadline: .now() + 3) { done.resume() }
        }
        return [0]
      },
      FakeReranker { _, _ in [0, 0] },
      FakeReranker { _, passages in [passages.count] },
    ]
    let engine = try await engine(scratch, scripts[way])
    let found = try await search(engine)
    #expect(found.map(\.path) == own)
    #expect(found.allSatisfy { $0.why?["rerank"] == nil })
    let message = try #require(await engine.status().reranking?.message)
    #expect(message.contains(["It broke. Mend it.", "0.05 seconds", "no", "none"][way]))
    // It is left alone for a while.
    #expect(try await search(engine).map(\.path) == own)
    #expect(scripts[way].calls.count == 1)
    await engine.shutdown()
  }

  @Test func answersCiteWhatStandsThere() async throws {
    let scratch = try scratch()
    let model = ScriptedModel(saying: ["Files are parsed there [1]."])
    let engine = try await engine(scratch, FakeReranker.reversing(), model: model)
    let first = try #require(try await search(engine).first)
    var question = AskParameters(question: "where are configuration files parsed?")
    question.maxPassages = 1
    let result = try await engine.ask(question, encoding: .utf16) { _ in }
    #expect(result.citations.count == 1)
    #expect(result.citations.first?.path == first.path)
    #expect(result.citations.first?.verified == true)
    #expect(result.citations.first?.range == first.range)
    #expect(!result.abstained)
    await engine.shutdown()
  }

  @Test func aForeignQuestionIsStillDeclined() async throws {
    let scratch = try scratch()
    let engine = try await engine(scratch, FakeReranker.reversing())
    let result = try await engine.ask(
      AskParameters(question: "how are invoices of dental insurances reimbursed in Portugal?"), encoding: .utf16
    ) { _ in }
    #expect(result.abstained)
    await engine.shutdown()
  }

  @Test func cancellingASearchIsNoFailureOfTheReranker() async throws {
    let scratch = try scratch()
    let started = AsyncStream.makeStream(of: Void.self)
    let reranker = FakeReranker { _, _ in
      started.continuation.yield()
      try? await Task.sleep(for: .seconds(600))
      return [0]
    }
    let engine = try await engine(scratch, reranker)
    let task = Task { try await search(engine) }
    for await _ in started.stream { break }
    task.cancel()
    let error = await #expect(throws: EngineError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(await engine.status().reranking?.message == nil)
    await engine.shutdown()
  }
}
