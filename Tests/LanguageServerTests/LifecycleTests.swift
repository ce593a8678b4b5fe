import Assistant
import Foundation
import JSONRPC
import Testing

@testable import LanguageServer

@Suite struct LifecycleTests {
  @Test func requestsBeforeInitializeAreRefusedAndNotificationsDropped() async throws {
    let client = TestClient()
    #expect(try await client.request("rag/status").code == -32002)
    #expect(try await client.request("$/unknown").code == -32002)
    #expect(try await client.request("shutdown").code == -32002)
    client.notify("textDocument/didOpen", ["textDocument": ["uri": "file:///a", "version": 1, "text": "x"]])
    client.notify("initialized", [:])
    _ = try await client.initialize()
    _ = try await client.request("rag/search", ["query": "q"])
    #expect(!client.engine.calls.contains("set file:///a"))
    await client.end()
  }

  @Test func initializeAnswersWhatWasNegotiatedAndOnlyOnce() async throws {
    let client = TestClient()
    let reply = try await client.initialize([
      "processId": .null, "rootUri": .null, "workspaceFolders": .null,
      "capabilities": ["general": ["positionEncodings": ["utf-32", "utf-8", "utf-16"]]],
    ])
    let result = try #require(reply["result"])
    let capabilities = try #require(result["capabilities"])
    #expect(capabilities["positionEncoding"] == "utf-8")
    #expect(capabilities["textDocumentSync"] == ["openClose": true, "change": 2, "save": ["includeText": false]])
    #expect(capabilities[path: ["workspace", "workspaceFolders"]] == ["supported": true, "changeNotifications": true])
    #expect(capabilities[path: ["experimental", "rag", "version"]] == 1)
    #expect(
      capabilities[path: ["experimental", "rag", "methods"]]
        == ["rag/ask", "rag/search", "rag/status", "rag/models", "rag/synchronize", "rag/reindex"])
    let commands = capabilities[path: ["executeCommandProvider", "commands"]]?.items ?? []
    #expect(commands.contains("rag.ask") && commands.contains("cicerone.server.reindex"))
    #expect(result["serverInfo"] == ["name": "cicerone", "version": "9.9"])
    #expect(try await client.initialize().code == -32600)
    await client.end()
  }

  private static let offers: [(String, String)] = [
    (#"{"capabilities":{}}"#, "utf-16"),
    (#"{"capabilities":{"general":{"positionEncodings":["utf-16"]}}}"#, "utf-16"),
    (#"{"capabilities":{"general":{"positionEncodings":["utf-32"]}}}"#, "utf-16"),
    (#"{"capabilities":{"general":{"positionEncodings":["utf-16","utf-8"]}}}"#, "utf-8"),
    (#"{"capabilities":{"general":5,"workspace":null},"processId":"x"}"#, "utf-16"), ("{}", "utf-16"),
  ]

  @Test(arguments: offers) func encodings(params: String, expected: String) async throws {
    let client = TestClient()
    let reply = try await client.initialize(try .text(params))
    #expect(reply[path: ["result", "capabilities", "positionEncoding"]] == .string(expected))
    _ = try await client.request("rag/search", ["query": "q"])
    #expect(client.engine.calls.contains("search q \(expected)"))
    await client.end()
  }

  private static let roots: [(String, [String])] = [
    (#"{"workspaceFolders":[{"uri":"file:///w","name":"w"}],"rootUri":"file:///r"}"#, ["open file:///w"]),
    (#"{"workspaceFolders":null,"rootUri":"file:///r","rootPath":"/p"}"#, ["open file:///r"]),
    (#"{"rootUri":null,"rootPath":"/p q/é"}"#, ["open file:///p%20q/%C3%A9"]), (#"{"rootPath":null}"#, []),
    (#"{"rootUri":"untitled:x"}"#, []),
  ]

  @Test(arguments: roots) func folders(params: String, expected: [String]) async throws {
    let client = TestClient()
    _ = try await client.initialize(try .text(params))
    _ = try await client.request("rag/search", ["query": "q"])
    #expect(client.engine.calls.filter { $0.hasPrefix("open") } == expected)
    await client.end()
  }

  @Test func initializeDoesNotWaitForTheEngine() async throws {
    let client = TestClient()
    client.engine.hold(true)
    #expect(try await client.initialize(["rootUri": "file:///r"])["result"] != nil)
    #expect(try await client.request("rag/status")["result"] != nil)
    client.engine.hold(false)
    await client.end()
  }

  @Test func shutdownEndsRunningRequestsAndExitIsZero() async throws {
    let client = TestClient(
      FakeEngine { _, _ throws(EngineError) in
        try? await Task.sleep(for: .seconds(3_600))
        throw EngineError(.cancelled, "cancelled")
      })
    _ = try await client.initialize()
    client.start("rag/ask", ["question": "q"], id: 1)
    _ = try await client.eventually { client.engine.calls.contains("ask q") ? true : nil }
    let reply = try await client.request("shutdown")
    #expect(reply["result"] == .null)
    #expect(try await client.reply(1).code == -32803)
    #expect(try await client.request("rag/status").code == -32600)
    #expect(try await client.request("initialize").code == -32600)
    #expect(try await client.request("shutdown").code == -32600)
    client.notify("exit", .null)
    #expect(await client.exitCode() == 0)
    #expect(client.engine.calls.last == "shutdown")
  }

  @Test func requestsPipelinedBehindShutdownAreInvalid() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    let frames = [
      #"{"jsonrpc":"2.0","id":1,"method":"shutdown","params":null}"#,
      #"{"jsonrpc":"2.0","id":2,"method":"rag/status"}"#,
      #"{"jsonrpc":"2.0","method":"exit"}"#,
    ].flatMap { Array("Content-Length: \($0.utf8.count)\r\n\r\n\($0)".utf8) }
    client.sendRaw(frames)
    #expect(await client.exitCode() == 0)
    #expect(try await client.reply(2).code == -32600)
  }

  @Test func exitWithoutShutdownIsOne() async throws {
    let early = TestClient()
    early.notify("exit", [:])
    #expect(await early.exitCode() == 1)
    let late = TestClient()
    _ = try await late.initialize()
    late.notify("exit", [:])
    #expect(await late.exitCode() == 1)
  }

  @Test func endOfInputEndsTheSessionEvenWhileARequestRuns() async throws {
    let client = TestClient(
      FakeEngine { _, _ throws(EngineError) in
        try? await Task.sleep(for: .seconds(3_600))
        throw EngineError(.cancelled, "cancelled")
      })
    _ = try await client.initialize()
    client.start("rag/ask", ["question": "q"], id: 1)
    _ = try await client.eventually { client.engine.calls.contains("ask q") ? true : nil }
    #expect(await client.end() == 1)
  }

  @Test func theDeathOfTheParentEndsTheSession() async throws {
    var parent: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("60"), nil]
    defer { for argument in arguments { free(argument) } }
    try #require(posix_spawn(&parent, "/bin/sleep", nil, nil, &arguments, nil) == 0)
    var options = LanguageServerSession.Options()
    options.parentCheckInterval = .milliseconds(5)
    let client = TestClient(options: options)
    _ = try await client.initialize(["processId": .integer(Int64(parent))])
    #expect(try await client.request("rag/status")["result"] != nil)
    let child = parent
    kill(child, SIGKILL)
    // A process that no one has waited for still counts as one.
    _ = try await client.eventually { waitpid(child, nil, WNOHANG) == child ? true : nil }
    #expect(await client.exitCode() == 1)
  }

  @Test func watchingAParentEndsWithItsTask() async throws {
    // This process lives on; only cancelling ends the wait.
    let watch = Task { await ParentWatch.waitForEnd(of: Int(getpid()), interval: .milliseconds(5)) }
    try await Task.sleep(for: .milliseconds(20))
    watch.cancel()
    #expect(await watch.value == false)
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await ParentWatch.waitForEnd(of: Int(getpid()), interval: .milliseconds(5))
    }
    #expect(await cancelled.value == false)
  }

  @Test func aParentThatWasNeverSeenIsNotWatched() async {
    for processID in [0, -1, Int.max, 4_194_304 * 2] {
      #expect(await ParentWatch.waitForEnd(of: processID, interval: .milliseconds(1)) == false)
    }
  }
}
