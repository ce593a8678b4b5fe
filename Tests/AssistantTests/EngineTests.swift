import Foundation
import Providers
import Synchronization
import Testing
import Workspace

@testable import Assistant

struct EngineTests {
  private let scratch: Scratch

  private static let retry = """
    /// Decides whether a failed request is sent again.
    struct RetryPolicy {
      /// Waits longer after each failure, up to a minute.
      func backoffDelay(attempt: Int) -> Int { min(60_000, 100 << attempt) }
    }

    """
  private static let question = "How long does the backoff delay wait after a failed attempt?"

  init() throws {
    scratch = try Scratch()
    try scratch.write("net/RetryPolicy.swift", Self.retry)
    try scratch.write("ui/Button.swift", "struct Button {\n  var title: String\n  func paintBackground() {}\n}\n")
    try scratch.write("net/größe.swift", "/// Größe 🙂 der backoffDelay\nfunc 漢字Backoff() -> String { \"🙂🙂\" }\n")
  }

  /// What every answer must keep.
  private func check(_ result: AskResult, _ texts: [String: String], encoding: PositionEncoding = .utf16) {
    #expect(result.citations.map(\.id) == result.citations.map(\.id).sorted())
    for citation in result.citations {
      #expect(citation.verified)
      #expect((0...1).contains(citation.score))
      guard let text = texts[citation.path] else {
        Issue.record("\(citation.path) is not there")
        continue
      }
      let source = SourceText(text)
      let bytes = source.byteRange(of: citation.range, encoding: encoding)
      #expect(Evidence.hash(of: source, bytes: bytes) == citation.contentHash, "\(citation.path) \(citation.range)")
      #expect(!bytes.isEmpty)
    }
    var filter = CitationFilter(valid: Set(result.citations.map(\.id)))
    _ = filter.push(result.answer) + filter.finish()
    #expect(filter.invented == 0, "\(result.answer)")
  }

  private var texts: [String: String] {
    get throws {
      var result: [String: String] = [:]
      for path in ["net/RetryPolicy.swift", "ui/Button.swift", "net/größe.swift"] {
        result[path] = try String(contentsOfFile: scratch.root.path + "/" + path, encoding: .utf8)
      }
      return result
    }
  }

  @Test func aSelectionComesFirst() async throws {
    let engine = try await scratch.engine()
    let uri = scratch.root.appending("ui/Button.swift").description
    try scratch.write(".env", "TOKEN=abcdef\n")
    func ask(_ uri: String, _ range: SourceRange) async throws -> AskResult {
      try await engine.ask("what does this do?") {
        $0.textDocument = DocumentIdentifier(uri: uri)
        $0.range = range
      }.result
    }
    let lines = SourceRange(start: Position(line: 1, character: 4), end: Position(line: 2, character: 3))
    let result = try await ask(uri, lines)
    #expect(!result.abstained)
    let first = try #require(result.citations.first)
    #expect(first.path == "ui/Button.swift" && first.range.start.line == 1 && first.range.end.line == 2)
    check(result, try texts)
    // Nothing selected, a document elsewhere, a file of secrets: as if nothing had been said.
    let nowhere = SourceRange(start: Position(line: 0, character: 0), end: Position(line: 0, character: 0))
    let secret = scratch.root.appending(".env").description
    for (uri, range) in [(uri, nowhere), ("file:///elsewhere/x.swift", lines), ("untitled:x", lines), (secret, lines)] {
      let result = try await ask(uri, range)
      #expect(result.citations.allSatisfy { $0.path != ".env" && $0.path != "x.swift" })
    }
    await engine.shutdown()
  }

  @Test func answersWithoutAModel() async throws {
    let engine = try await scratch.engine()
    let (result, deltas) = try await engine.ask(Self.question)
    #expect(result.model == "extractive" && !result.abstained && result.degraded == nil)
    #expect(result.citations.first?.path == "net/RetryPolicy.swift")
    #expect(result.answer.contains("min(60_000, 100 << attempt)"))
    #expect(deltas.text == result.answer)
    #expect(result.usage == nil && result.cost.actual == 0)
    check(result, try texts)
    await engine.shutdown()
  }

  @Test func abstainsWhereNothingSupportsAnAnswer() async throws {
    let model = ScriptedModel(saying: ["no"])
    let engine = try await scratch.engine(model)
    let (result, deltas) = try await engine.ask("Which kubernetes ingress controller terminates websocket tls?")
    #expect(result.abstained && result.finishReason == .noEvidence && result.citations.isEmpty)
    #expect(deltas.text == result.answer)
    #expect(model.prompts.isEmpty)
    await engine.shutdown()
  }

  @Test func streamsAndCites() async throws {
    let model = ScriptedModel(saying: ["It waits up to ", "a minute [", "1]. Nothing", " else [9", "9] is", " known."])
    let engine = try await scratch.engine(model)
    let (result, deltas) = try await engine.ask(Self.question) {
      $0.budget = RequestBudget(maxUSD: 0.5, maxTokens: 900)
    }
    #expect(result.answer == "It waits up to a minute [1]. Nothing else is known.")
    #expect(deltas.text == result.answer)
    #expect(result.citations.map(\.id) == [1])
    #expect(result.model == "script" && result.usage?.output == 5 && result.cost.actual == 0.1)
    #expect(result.contextSize.passages > 0 && result.contextSize.tokens <= result.contextSize.tokenBudget)
    // Citations come before the text that uses them.
    let citing = try #require(deltas.list.firstIndex { $0.citations != nil })
    let speaking = try #require(deltas.list.firstIndex { $0.text != nil })
    #expect(citing < speaking)
    let prompt = try #require(model.prompts.first)
    #expect(prompt.budget == RequestBudget(maxUSD: 0.5, maxTokens: 900))
    #expect(prompt.messages.map(\.role) == [.system, .user])
    #expect(prompt.messages[1].text.contains("Passage [1]") && prompt.messages[1].text.hasSuffix(Self.question))
    check(result, try texts)
    await engine.shutdown()
  }

  @Test func anAnswerThatCitesNothingRestsOnAllItWasGiven() async throws {
    let engine = try await scratch.engine(ScriptedModel(saying: ["It waits."]))
    let (result, _) = try await engine.ask(Self.question)
    #expect(result.citations.count == result.contextSize.passages)
    let (bare, deltas) = try await engine.ask(Self.question) { $0.returnSources = false }
    #expect(bare.citations.isEmpty && deltas.citations.isEmpty)
    await engine.shutdown()
  }

  @Test func aModelThatFailsBeforeItSpeaksLeavesAnExtractiveAnswer() async throws {
    let model = ScriptedModel { _, _ async throws(EngineError) in
      throw EngineError(.rateLimit, "The provider asks to slow down.", hint: "Try again in a minute.")
    }
    let engine = try await scratch.engine(model)
    let (result, _) = try await engine.ask(Self.question)
    #expect(result.model == "extractive")
    #expect(result.degraded?.reason == "The provider asks to slow down. Try again in a minute.")
    check(result, try texts)
    await engine.shutdown()
  }

  @Test(arguments: [true, false])
  func whatWasShownStaysWhenAModelBreaksOff(throwing: Bool) async throws {
    let model = ScriptedModel { _, onText async throws(EngineError) in
      await onText("It waits [1] and")
      let error = EngineError(.provider, "The connection ended.")
      if throwing { throw error }
      return error
    }
    let engine = try await scratch.engine(model)
    let (result, deltas) = try await engine.ask(Self.question)
    #expect(result.answer == "It waits [1] and")
    #expect(deltas.text == result.answer)
    #expect(result.finishReason == .truncated)
    #expect(result.degraded?.reason.contains("The connection ended.") == true)
    #expect(result.citations.map(\.id) == [1])
    await engine.shutdown()
  }

  @Test(arguments: [[""], [], [" ", "\n"]])
  func anEmptyAnswerIsNone(pieces: [String]) async throws {
    let engine = try await scratch.engine(ScriptedModel(saying: pieces))
    let (result, _) = try await engine.ask(Self.question)
    #expect(result.model == "extractive")
    #expect(result.degraded?.reason.contains("script") == true)
    // What was spent is not hidden.
    #expect(result.cost.actual == 0.1)
    check(result, try texts)
    await engine.shutdown()
  }

  @Test func modelsByName() async throws {
    let unknown = ScriptedModel { prompt, _ async throws(EngineError) in
      throw EngineError(.model, "No model named \(prompt.model ?? "-").", model: prompt.model)
    }
    let engine = try await scratch.engine(unknown)
    await #expect { try await engine.ask(Self.question) { $0.model = "gone" } } throws: {
      ($0 as? EngineError)?.kind == .model && ($0 as? EngineError)?.model == "gone"
    }
    // Nobody asked for that model: the answer is only less.
    #expect(try await engine.ask(Self.question).result.degraded != nil)
    #expect(try await engine.ask(Self.question) { $0.model = "extractive" }.result.degraded == nil)
    // A name that is not known is refused before anything is asked.
    #expect(unknown.prompts.count == 1)
    await engine.shutdown()
    let bare = try await scratch.engine()
    await #expect(throws: EngineError.self) { try await bare.ask(Self.question) { $0.model = "any" } }
    await bare.shutdown()
    let none = ScriptedModel(names: []) { _, _ async throws(EngineError) in nil }
    let idle = try await scratch.engine(none)
    let (result, _) = try await idle.ask(Self.question)
    #expect(result.degraded == nil && result.model == "extractive" && none.prompts.isEmpty)
    await idle.shutdown()
  }

  @Test(arguments: [true, false])
  func cancellationIsToldAsSuch(heeded: Bool) async throws {
    let started = AsyncStream.makeStream(of: Void.self)
    let model = ScriptedModel { _, onText async throws(EngineError) in
      await onText("It")
      started.continuation.yield()
      while !Task.isCancelled { await Task.yield() }
      if heeded { throw EngineError(.provider, "The socket was closed.") }
      return nil
    }
    let engine = try await scratch.engine(model)
    let task = Task { try await engine.ask(Self.question).result }
    for await _ in started.stream { break }
    task.cancel()
    await #expect { try await task.value } throws: { ($0 as? EngineError)?.kind == .cancelled }
    await engine.shutdown()
  }

  @Test func aFollowUpUsesTheConversation() async throws {
    let model = ScriptedModel(saying: ["Up to a minute [1]."])
    let engine = try await scratch.engine(model)
    let (first, _) = try await engine.ask(Self.question)
    let (second, _) = try await engine.ask("and why?") { $0.conversationId = first.conversationId }
    #expect(second.conversationId == first.conversationId && second.turnId != first.turnId)
    #expect(!second.abstained)
    #expect(model.prompts.last?.messages.map(\.role) == [.system, .user, .assistant, .user])
    #expect(model.prompts.last?.messages[1].text == Self.question)
    // Without it the question says nothing.
    let (alone, _) = try await engine.ask("and why?")
    #expect(alone.conversationId != first.conversationId)
    #expect(model.prompts.last.map { $0.messages.count } == (alone.abstained ? 4 : 2))
    await engine.shutdown()
  }

  @Test func parametersOutOfRange() async throws {
    let engine = try await scratch.engine()
    let changes: [@Sendable (inout AskParameters) -> Void] = [
      { $0.question = " \n" }, { $0.question = "" }, { $0.tokenBudget = 0 }, { $0.tokenBudget = 1_000_001 },
      { $0.maxPassages = 0 }, { $0.maxPassages = 101 }, { $0.budget = RequestBudget(maxUSD: -1) },
      { $0.budget = RequestBudget(maxUSD: .nan) }, { $0.budget = RequestBudget(maxTokens: -1) },
      { $0.scope = SearchScope(include: ["["]) },
    ]
    for change in changes {
      await #expect { try await engine.ask(Self.question, change) } throws: {
        ($0 as? EngineError)?.kind == .invalidParameters
      }
    }
    for limit in [0, -1, 1_001] {
      var parameters = SearchParameters(query: "x")
      parameters.limit = limit
      await #expect(throws: EngineError.self) { try await engine.search(parameters, encoding: .utf8) }
    }
    await engine.shutdown()
  }

  @Test func noFolderIsOpen() async throws {
    let engine = try await scratch.engine()
    await engine.closeFolders([scratch.root.description])
    await #expect { try await engine.ask(Self.question) } throws: { ($0 as? EngineError)?.kind == .noWorkspace }
    await #expect { try await engine.search(SearchParameters(query: "x"), encoding: .utf8) } throws: {
      ($0 as? EngineError)?.kind == .noWorkspace
    }
    await #expect { try await engine.reindex() } throws: { ($0 as? EngineError)?.kind == .noWorkspace }
    #expect(await engine.status().folders.isEmpty)
    await engine.shutdown()
  }

  @Test(arguments: [PositionEncoding.utf8, .utf16, .utf32])
  func rangesInEachEncoding(encoding: PositionEncoding) async throws {
    let engine = try await scratch.engine()
    let (result, _) = try await engine.ask("漢字Backoff Größe backoffDelay", encoding: encoding)
    #expect(result.citations.contains { $0.path == "net/größe.swift" })
    check(result, try texts, encoding: encoding)
    let found = try await engine.search(SearchParameters(query: "漢字Backoff"), encoding: encoding)
    let passage = try #require(found.passages.first { $0.path == "net/größe.swift" })
    let source = SourceText(try #require(try texts["net/größe.swift"]))
    #expect(source.string(in: source.byteRange(of: passage.range, encoding: encoding)).hasSuffix("\"🙂🙂\" }"))
    await engine.shutdown()
  }

  @Test func aSmallBudgetIsKeptAndSaid() async throws {
    let model = ScriptedModel(saying: ["x [1]"])
    let engine = try await scratch.engine(model)
    let (result, _) = try await engine.ask(Self.question) { $0.tokenBudget = 1 }
    #expect(result.degraded != nil && model.prompts.isEmpty && result.model == "extractive")
    let (one, _) = try await engine.ask(Self.question) { $0.maxPassages = 1 }
    #expect(one.contextSize.passages == 1)
    await engine.shutdown()
  }

  @Test func searchHasAllModesAndTheText() async throws {
    let engine = try await scratch.engine()
    for mode in SearchMode.allCases {
      var parameters = SearchParameters(query: "backoffDelay")
      parameters.mode = mode
      parameters.includeText = true
      let found = try await engine.search(parameters, encoding: .utf16).passages
      #expect(found.contains { $0.path == "net/RetryPolicy.swift" }, "\(mode)")
      #expect(found.allSatisfy { $0.text != nil && $0.why?.isEmpty == false })
    }
    await engine.shutdown()
  }

  // MARK: Edits while an answer is made

  /// The same bytes at the same place, but on another line, are not what was cited.
  @Test(arguments: [
    ("x" + retry, false), ("// a\n" + retry, false), (retry.replacing("60_000", with: "70_000"), false),
    (retry + "// after\n", true), ("", false),
  ])
  func citationsAreCheckedAgainstWhatIsTypedMeanwhile(_ edit: (text: String, isKept: Bool)) async throws {
    let box = Mutex<Engine?>(nil)
    let uri = scratch.uri("net/RetryPolicy.swift")
    let model = ScriptedModel { _, onText async throws(EngineError) in
      await onText("It waits [1].")
      await box.withLock { $0 }?.setOverlay(uri: uri, text: edit.text)
      return nil
    }
    let engine = try await scratch.engine(model)
    box.withLock { $0 = engine }
    let (result, _) = try await engine.ask(Self.question) { $0.scope = SearchScope(include: ["net/RetryPolicy.swift"]) }
    #expect(result.citations.count == (edit.isKept ? 1 : 0))
    #expect(result.answer == (edit.isKept ? "It waits [1]." : "It waits."))
    #expect((result.degraded == nil) == edit.isKept)
    check(result, ["net/RetryPolicy.swift": edit.text])
    box.withLock { $0 = nil }
    await engine.shutdown()
  }

  /// As many bytes and another line: only the line tells.
  @Test func aCitationWhoseLinesShiftedIsDropped() async throws {
    let head = "let first = 1; let second = 2\n"
    let filler = (0..<60).map { "let filler\($0) = \"\($0) lorem ipsum dolor sit amet\"\n" }.joined()
    let text = head + filler + "\n\n" + Self.retry
    try scratch.write("net/RetryPolicy.swift", text)
    let box = Mutex<Engine?>(nil)
    let uri = scratch.uri("net/RetryPolicy.swift")
    let shifted = text.replacing("let first = 1; let", with: "let first = 1;\nlet")
    #expect(shifted.utf8.count == text.utf8.count)
    let model = ScriptedModel { _, onText async throws(EngineError) in
      await onText("It waits.")
      await box.withLock { $0 }?.setOverlay(uri: uri, text: shifted)
      return nil
    }
    let engine = try await scratch.engine(model)
    box.withLock { $0 = engine }
    let (result, _) = try await engine.ask("backoffDelay") {
      $0.maxPassages = 1; $0.scope = SearchScope(include: ["net/RetryPolicy.swift"])
    }
    #expect(!result.abstained)
    #expect(result.contextSize.passages == 1)
    #expect(result.citations.isEmpty)
    check(result, ["net/RetryPolicy.swift": shifted])
    box.withLock { $0 = nil }
    await engine.shutdown()
  }

  @Test func aFileThatAClientDidNotNoticeGoes() async throws {
    let engine = try await scratch.engine(watches: true)
    await engine.setClientWatches(true)
    try await engine.synchronize()
    let files = await engine.status().folders.first?.files
    // A program writes beside a file while its folder is looked at, and the client sees only what came of it.
    try scratch.write("fresh/a.swift.tmp~", "struct Moment {}\n")
    await engine.filesMayHaveChanged(uris: [scratch.uri("fresh")])
    try await engine.synchronize()
    #expect(await engine.status().folders.first?.files == files.map { $0 + 1 })
    try scratch.remove("fresh/a.swift.tmp~")
    try await engine.synchronize()
    #expect(await engine.status().folders.first?.files == files)
    await engine.shutdown()
  }

  /// Edits on disk and in buffers, before and during answers: nothing is cited that is not there.
  @Test(arguments: UInt64(1)...3)
  func randomEdits(seed: UInt64) async throws {
    let world = Mutex(World(seed: seed))
    let box = Mutex<Engine?>(nil)
    let scratch = self.scratch
    let edit: @Sendable () async -> Void = {
      guard let engine = box.withLock({ $0 }) else { return }
      let change = world.withLock { $0.edit() }
      let uri = scratch.uri(change.path)
      switch change.kind {
      case .type: await engine.setOverlay(uri: uri, text: change.text)
      case .close: await engine.removeOverlay(uri: uri)
      case .write:
        try? scratch.write(change.path, change.text)
        if change.isTold { await engine.filesMayHaveChanged(uris: [uri]) }
      case .remove: try? scratch.remove(change.path)
      }
    }
    let model = ScriptedModel { prompt, onText async throws(EngineError) in
      let count = prompt.messages.last?.text.components(separatedBy: "Passage [").count ?? 1
      for id in [1, 2, count - 1, count] {
        await onText("Said [\(id)] and array[9]. ")
        for _ in 0..<world.withLock({ $0.random(0...2) }) { await edit() }
      }
      return nil
    }
    let engine = try await scratch.engine(model)
    box.withLock { $0 = engine }
    for path in World.paths {
      let text = world.withLock { $0.newText() }
      try scratch.write(path, text)
      world.withLock { $0.disk[path] = text }
    }
    await engine.filesMayHaveChanged(uris: [scratch.root.description])
    try await engine.synchronize()
    var answered = 0
    for round in 0..<45 {
      for _ in 0..<world.withLock({ $0.random(0...4) }) { await edit() }
      let name = world.withLock { $0.anyName() }
      let (result, _) = try await engine.ask("What does \(name) compute?") {
        if round % 4 == 0 { $0.model = "extractive" }
      }
      if !result.abstained { answered += 1 }
      var seen = try self.texts
      let (disk, buffers) = world.withLock { ($0.disk, $0.buffers) }
      seen.merge(disk) { $1 }
      seen.merge(buffers) { $1 }
      check(result, seen)
    }
    #expect(answered > 20)
    #expect(world.withLock { $0.edits } > 100)
    box.withLock { $0 = nil }
    await engine.shutdown()
  }
}
