import Assistant
import JSONRPC
import Synchronization
import Testing

@testable import LanguageServer

private func sleepUntilCancelled() async throws(EngineError) -> AskResult {
  try? await Task.sleep(for: .seconds(3_600))
  throw EngineError(.cancelled, "The request was cancelled.")
}

extension JSONValue {
  fileprivate func isProgress(_ token: JSONValue) -> Bool {
    self["method"] == "$/progress" && self[path: ["params", "token"]] == token
  }
}

@Suite struct RequestTests {
  @Test func identitiesComeBackWithTheirType() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    for id in [0, "0", "a\"\\\n\u{1}é", -5] as [JSONValue] {
      client.start("rag/status", id: id)
      #expect(try await client.reply(id)["result"] != nil)
    }
    await client.end()
  }

  @Test func parametersMayBeAbsentNullOrAnArray() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    client.sendText(#"{"jsonrpc":"2.0","id":1,"method":"rag/synchronize"}"#)
    client.sendText(#"{"jsonrpc":"2.0","id":2,"method":"rag/synchronize","params":null}"#)
    client.sendText(#"{"jsonrpc":"2.0","id":3,"method":"rag/synchronize","params":[]}"#)
    for id in [1, 2, 3] as [JSONValue] { #expect(try await client.reply(id)["result"] == .null) }
    client.sendText(#"{"jsonrpc":"2.0","id":4,"method":"rag/search","params":["q"]}"#)
    #expect(try await client.reply(4).code == -32602)
    client.sendText(#"{"jsonrpc":"2.0","id":5,"method":"rag/search"}"#)
    #expect(try await client.reply(5).code == -32602)
    await client.end()
  }

  @Test func unknownMethods() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    client.notify("$/whatever", [:])
    client.notify("whatever", [:])
    #expect(try await client.request("$/whatever").code == -32601)
    #expect(try await client.request("whatever").code == -32601)
    #expect(try await client.request("rag/search", ["query": 5]).code == -32602)
    await client.end()
  }

  @Test func cancelAnswersOnceAndOvertakes() async throws {
    let client = TestClient(FakeEngine { _, _ throws(EngineError) in try await sleepUntilCancelled() })
    _ = try await client.initialize()
    client.start("rag/ask", ["question": "q", "workDoneToken": "w"], id: "x")
    _ = try await client.eventually { client.engine.calls.contains("ask q") ? true : nil }
    client.notify("$/cancelRequest", ["id": "x"])
    client.notify("$/cancelRequest", ["id": "x"])
    #expect(try await client.reply("x").code == -32800)
    _ = try await client.request("rag/status")
    let kinds = client.messages.filter { $0.isProgress("w") }.compactMap { $0[path: ["params", "value", "kind"]] }
    #expect(kinds == ["begin", "end"])
    #expect(client.messages.last { $0["id"] == "x" || $0.isProgress("w") }?["id"] == "x")
    #expect(client.messages.count { $0["id"] == "x" } == 1)
    await client.end()
  }

  @Test func cancellationsOfNothingAreIgnored() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    for id in [99, "x", .null, [:]] as [JSONValue] { client.notify("$/cancelRequest", ["id": id]) }
    client.notify("$/cancelRequest", [1])
    #expect(try await client.request("rag/status")["result"] != nil)
    #expect(client.messages.allSatisfy { $0.code == nil })
    await client.end()
  }

  @Test func anEngineThatGivesUpByItselfIsNotACancellation() async throws {
    let client = TestClient(FakeEngine { _, _ throws(EngineError) in throw EngineError(.cancelled, "stopped") })
    _ = try await client.initialize()
    #expect(try await client.request("rag/ask", ["question": "q"]).code == -32803)
    await client.end()
  }

  @Test func theSameIDTwiceIsRefusedOnce() async throws {
    let client = TestClient(FakeEngine { _, _ throws(EngineError) in try await sleepUntilCancelled() })
    _ = try await client.initialize()
    client.start("rag/ask", ["question": "q"], id: 7)
    client.start("rag/status", id: 7)
    #expect(try await client.reply(7).code == -32600)
    client.notify("$/cancelRequest", ["id": 7])
    _ = try await client.message { $0.code == -32800 }
    #expect(client.messages.count { $0["id"] == 7 } == 2)
    await client.end()
  }

  @Test func errorsOfTheEngineCarryTheirDetails() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    let error = EngineError(
      .rateLimit, "slow down", hint: "wait", retryable: true, retryAfterMs: 1_500, provider: "p", model: "m")
    client.engine.state.withLock { $0.searchError = error }
    let reply = try await client.request("rag/search", ["query": "q"])
    #expect(reply.code == -32803)
    #expect(reply["result"] == nil)
    #expect(
      reply[path: ["error", "data"]] == [
        "kind": "rateLimit", "retryable": true, "retryAfterMs": 1_500, "provider": "p", "model": "m", "hint": "wait",
      ])
    client.engine.state.withLock { $0.searchError = EngineError(.invalidParameters, "limit") }
    let invalid = try await client.request("rag/search", ["query": "q"])
    #expect(invalid.code == -32602)
    #expect(invalid[path: ["error", "data", "provider"]] == nil)
    #expect(invalid[path: ["error", "data", "hint"]]?.stringValue?.isEmpty == false)
    await client.end()
  }

  @Test func statusAndSearchAreAnsweredWhileAsksRun() async throws {
    let client = TestClient(FakeEngine { _, _ throws(EngineError) in try await sleepUntilCancelled() })
    _ = try await client.initialize()
    for id in 1...10 { client.start("rag/ask", ["question": "q"], id: .integer(Int64(id))) }
    _ = try await client.eventually { client.engine.calls.count { $0 == "ask q" } == 4 ? true : nil }
    #expect(try await client.request("rag/status")["result"] != nil)
    #expect(try await client.request("rag/search", ["query": "q"])["result"] != nil)
    #expect(client.engine.calls.count { $0 == "ask q" } == 4)
    // One that waits can be cancelled, and one that ends lets the next begin.
    client.notify("$/cancelRequest", ["id": 10])
    #expect(try await client.reply(10).code == -32800)
    client.notify("$/cancelRequest", ["id": 1])
    _ = try await client.eventually { client.engine.calls.count { $0 == "ask q" } == 5 ? true : nil }
    await client.end()
  }

  @Test func commandsRunMethods() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    let method = "workspace/executeCommand"
    let found = try await client.request(method, ["command": "rag.search", "arguments": [["query": "a"]]])
    #expect(found[path: ["result", "passages"]] == [])
    #expect(try await client.request(method, ["command": "cicerone.server.reindex"])["result"] == .null)
    #expect(client.engine.calls.contains("reindex"))
    #expect(try await client.request(method, ["command": "rag.none"]).code == -32602)
    #expect(try await client.request(method, ["command": "rag.search", "arguments": [1, 2]]).code == -32602)
    #expect(try await client.request(method, [:]).code == -32602)
    #expect(try await client.request(method, ["command": "initialize"]).code == -32602)
    await client.end()
  }

  @Test func partialResultsComeInOrderBeforeTheReply() async throws {
    let words = (0..<500).map { "word\($0) " }
    let client = TestClient(
      FakeEngine { _, onDelta throws(EngineError) in
        await onDelta(AskDelta(status: "reading"))
        for word in words { await onDelta(AskDelta(text: word)) }
        return .answer(words.joined())
      })
    _ = try await client.initialize()
    client.start("rag/ask", ["question": "q", "partialResultToken": 5, "workDoneToken": "w"], id: 1)
    let reply = try await client.reply(1)
    #expect(reply[path: ["result", "answer"]]?.stringValue == words.joined())
    #expect(reply[path: ["result", "model"]] == nil)
    _ = try await client.request("rag/status")
    let messages = client.messages
    let text = messages.filter { $0.isProgress(5) }.compactMap { $0[path: ["params", "value", "text"]]?.stringValue }
    #expect(text.joined() == words.joined())
    #expect(text.count < words.count)
    let lastProgress = try #require(messages.lastIndex { $0.isProgress(5) || $0.isProgress("w") })
    let replyIndex = try #require(messages.firstIndex { $0["id"] == 1 && $0["method"] == nil })
    #expect(lastProgress < replyIndex)
    let kinds = messages.filter { $0.isProgress("w") }.compactMap { $0[path: ["params", "value", "kind"]] }
    #expect(kinds.first == "begin" && kinds.last == "end" && kinds.count { $0 == "end" } == 1)
    await client.end()
  }

  @Test func whatCameBeforeDoesNotHoldUpTheFirstWords() async throws {
    var options = LanguageServerSession.Options()
    // Longer than the test may take: only what goes out at once arrives while the answer waits.
    options.partialResultInterval = .seconds(600)
    let mayEnd = Mutex(false)
    let client = TestClient(
      FakeEngine { _, onDelta throws(EngineError) in
        await onDelta(AskDelta(status: "reading"))
        await onDelta(AskDelta(text: "The first words "))
        while !mayEnd.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(2)) }
        return .answer("The first words ")
      }, options: options)
    _ = try await client.initialize()
    client.start("rag/ask", ["question": "q", "partialResultToken": 5], id: 1)
    let text = try await client.eventually {
      client.messages.filter { $0.isProgress(5) }
        .compactMap { $0[path: ["params", "value", "text"]]?.stringValue }.first
    }
    #expect("The first words ".hasPrefix(text))
    mayEnd.withLock { $0 = true }
    _ = try await client.reply(1)
    await client.end()
  }

  @Test func aTokenOfAnotherTypeIsRefused() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    #expect(try await client.request("rag/ask", ["question": "q", "workDoneToken": [:]]).code == -32602)
    await client.end()
  }

  @Test func aClientThatStopsReadingHoldsUpNeitherTheReaderNorLosesText() async throws {
    let piece = String(repeating: "x", count: 20_000)
    let finished = Mutex(0)
    let client = TestClient(
      FakeEngine { _, onDelta throws(EngineError) in
        for _ in 0..<200 { await onDelta(AskDelta(text: piece)) }
        finished.withLock { $0 += 1 }
        return .answer("done")
      })
    _ = try await client.initialize()
    client.reading(false)
    client.start("rag/ask", ["question": "q", "partialResultToken": "p"], id: 1)
    // What is sent meanwhile is read and handled.
    client.notify("textDocument/didOpen", ["textDocument": ["uri": "file:///a", "version": 1, "text": "x"]])
    _ = try await client.eventually { client.engine.calls.contains("set file:///a") ? true : nil }
    #expect(finished.withLock { $0 } == 0)
    client.reading(true)
    #expect(try await client.reply(1)[path: ["result", "answer"]] == "done")
    let text = client.messages.filter { $0.isProgress("p") }
      .compactMap { $0[path: ["params", "value", "text"]]?.stringValue }
    #expect(text.reduce(0) { $0 + $1.utf8.count } == 200 * piece.utf8.count)
    await client.end()
  }
}
