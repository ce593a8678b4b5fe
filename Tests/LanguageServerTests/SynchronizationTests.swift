import Assistant
import JSONRPC
import Synchronization
import Testing

@testable import LanguageServer

@Suite struct SynchronizationTests {
  private let uri = "file:///w/a.swift"

  private func open(_ client: TestClient, _ text: String) {
    client.notify(
      "textDocument/didOpen",
      ["textDocument": ["uri": .string(uri), "languageId": "swift", "version": 1, "text": .string(text)]])
  }

  private func change(_ client: TestClient, _ version: Int64, _ changes: JSONValue) {
    client.notify(
      "textDocument/didChange",
      ["textDocument": ["uri": .string(uri), "version": .integer(version)], "contentChanges": changes])
  }

  private func range(_ from: (Int64, Int64), _ to: (Int64, Int64)) -> JSONValue {
    [
      "start": ["line": .integer(from.0), "character": .integer(from.1)],
      "end": ["line": .integer(to.0), "character": .integer(to.1)],
    ]
  }

  @Test func editsReachTheEngineInOrderBeforeTheNextRequest() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    open(client, "a😀b\r\nc")
    change(
      client, 2,
      [
        ["range": range((0, 3), (0, 4)), "rangeLength": 77, "text": "x\n"],
        ["range": range((1, 0), (1, 0)), "text": "y"],
      ])
    _ = try await client.request("rag/search", ["query": "q"])
    #expect(client.engine.state.withLock { $0.overlays } == [uri: "a😀x\ny\r\nc"])
    client.notify("textDocument/didSave", ["textDocument": ["uri": .string(uri)]])
    client.notify("textDocument/didClose", ["textDocument": ["uri": .string(uri)]])
    _ = try await client.request("rag/search", ["query": "q"])
    #expect(client.engine.calls.suffix(3) == ["changed \(uri)", "remove \(uri)", "search q utf-16"])
    await client.end()
  }

  @Test func textsThatNoOneWaitsForAreMergedWhileTheEngineIsBusy() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    client.engine.hold(true)
    open(client, "0")
    for version in 2...100 { change(client, Int64(version), [["text": .string("\(version)")]]) }
    // Answered when all of them were taken.
    _ = try await client.request("rag/status")
    client.start("rag/search", ["query": "q"], id: 1)
    client.engine.hold(false)
    _ = try await client.reply(1)
    #expect(client.engine.state.withLock { $0.overlays } == [uri: "100"])
    #expect(client.engine.calls.count { $0 == "set \(uri)" } <= 2)
    await client.end()
  }

  @Test func unreadableChangesWarnTheUserOnceAndHarmNothing() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    open(client, "a")
    client.notify("textDocument/didChange", ["textDocument": 5])
    client.notify("textDocument/didChange", .null)
    change(client, 2, [["range": range((9, 9), (99, 99)), "text": "b"]])
    _ = try await client.request("rag/search", ["query": "q"])
    #expect(client.engine.state.withLock { $0.overlays } == [uri: "ab"])
    #expect(client.messages.count { $0["method"] == "window/showMessage" } == 1)
    #expect(client.messages.count { $0["method"] == "window/logMessage" } == 1)
    await client.end()
  }

  @Test func foldersComeAndGo() async throws {
    let client = TestClient()
    _ = try await client.initialize(["rootUri": "file:///a"])
    client.notify(
      "workspace/didChangeWorkspaceFolders",
      ["event": ["added": [["uri": "file:///b", "name": "b"], ["uri": "file:///a", "name": "a"]], "removed": []]])
    client.notify(
      "workspace/didChangeWorkspaceFolders",
      ["event": ["added": [], "removed": [["uri": "file:///a", "name": "a"], ["uri": "file:///z", "name": "z"]]]])
    client.notify("workspace/didChangeWatchedFiles", ["changes": [["uri": "file:///b/x", "type": 2]]])
    _ = try await client.request("rag/search", ["query": "q"])
    let calls = ["open file:///a", "open file:///b", "close file:///a", "changed file:///b/x", "search q utf-16"]
    #expect(client.engine.calls == calls)
    await client.end()
  }

  @Test func watchersAreRegisteredOnlyWhereOffered() async throws {
    let watching: JSONValue = ["dynamicRegistration": true, "relativePatternSupport": true]
    let client = TestClient()
    _ = try await client.initialize([
      "rootUri": "file:///a", "capabilities": ["workspace": ["didChangeWatchedFiles": watching]],
    ])
    let registration = try await client.message { $0["method"] == "client/registerCapability" }
    let item = registration[path: ["params", "registrations"]]?.items.first
    #expect(item?["method"] == "workspace/didChangeWatchedFiles")
    #expect(
      item?[path: ["registerOptions", "watchers"]] == [["globPattern": ["baseUri": "file:///a", "pattern": "**/*"]]])
    // Once it has agreed, the engine leaves the watching to it.
    _ = try await client.eventually { client.engine.calls.contains("client watches true") ? true : nil }
    client.notify(
      "workspace/didChangeWorkspaceFolders", ["event": ["added": [["uri": "file:///b", "name": "b"]], "removed": []]])
    _ = try await client.message { $0["method"] == "client/unregisterCapability" }
    await client.end()

    let plain = TestClient()
    _ = try await plain.initialize([
      "capabilities": ["workspace": ["didChangeWatchedFiles": ["dynamicRegistration": true]]]
    ])
    let anywhere = try await plain.message { $0["method"] == "client/registerCapability" }
    let options = anywhere[path: ["params", "registrations"]]?.items.first?["registerOptions"]
    #expect(options == ["watchers": [["globPattern": "**/*"]]])
    await plain.end()

    let none = TestClient()
    _ = try await none.initialize(["rootUri": "file:///a"])
    _ = try await none.request("rag/synchronize")
    #expect(!none.messages.contains { $0["method"] == "client/registerCapability" })
    await none.end()
  }

  @Test func configurationIsPulledWithASection() async throws {
    let client = TestClient()
    _ = try await client.initialize(["capabilities": ["workspace": ["configuration": true]]])
    let pull = try await client.message { $0["method"] == "workspace/configuration" }
    #expect(pull["params"] == ["items": [["section": "cicerone"]]])
    await client.end()
  }

  /// Settings reach whoever takes them with where they come from; an empty section counts, for it clears what was set.
  @Test(arguments: [["tokenBudget": 5], .null] as [JSONValue])
  func settingsAreDeliveredInOrder(_ section: JSONValue) async throws {
    let taken = Mutex<[(LanguageServerSession.SettingsSource, JSONValue)]>([])
    let client = TestClient(
      section: section, onConfiguration: { source, value in taken.withLock { $0.append((source, value)) } })
    _ = try await client.initialize([
      "initializationOptions": ["model": "x"], "capabilities": ["workspace": ["configuration": true]],
    ])
    _ = try await client.eventually { taken.withLock { $0.count == 2 } ? true : nil }
    #expect(taken.withLock { $0.map(\.0) } == [.initializationOptions, .section])
    #expect(taken.withLock { $0.map(\.1) } == [["model": "x"], section])
    await client.end()
  }

  @Test func indexingIsShownAndStatusChangesAreTold() async throws {
    let client = TestClient()
    _ = try await client.initialize([
      "rootUri": "file:///a",
      "capabilities": ["window": ["workDoneProgress": true], "experimental": ["rag": ["supported": true]]],
    ])
    _ = try await client.message { $0["method"] == "rag/didChangeStatus" }
    _ = try await client.eventually { client.engine.state.withLock { $0.streams.isEmpty } ? nil : true }
    client.engine.state.withLock { $0.status.quiescent = false }
    client.engine.report(IndexingProgress(folder: "file:///a", done: 0, total: 9, bytes: 0, finished: false))
    let create = try await client.message { $0["method"] == "window/workDoneProgress/create" }
    let token = try #require(create[path: ["params", "token"]])
    _ = try await client.message { $0[path: ["params", "value", "kind"]] == "begin" }
    client.engine.report(IndexingProgress(folder: "file:///a", done: 9, total: 9, bytes: 0, finished: true))
    let end = try await client.message { $0[path: ["params", "value", "kind"]] == "end" }
    #expect(end[path: ["params", "token"]] == token)
    _ = try await client.message {
      $0["method"] == "rag/didChangeStatus" && $0[path: ["params", "quiescent"]] == false
    }
    client.notify("window/workDoneProgress/cancel", ["token": token])
    #expect(try await client.request("rag/status")["result"] != nil)
    await client.end()
  }

  @Test func clientsThatAnnounceNothingAreToldNothing() async throws {
    let client = TestClient()
    _ = try await client.initialize(["rootUri": "file:///a"])
    _ = try await client.eventually { client.engine.state.withLock { $0.streams.isEmpty } ? nil : true }
    client.engine.report(IndexingProgress(folder: "file:///a", done: 0, total: 9, bytes: 0, finished: false))
    client.engine.report(IndexingProgress(folder: "file:///a", done: 9, total: 9, bytes: 0, finished: true))
    for _ in 0..<20 { _ = try await client.request("rag/synchronize") }
    #expect(client.messages.allSatisfy { $0["method"] == nil })
    await client.end()
  }

  @Test func traceIsSentAsAskedFor() async throws {
    let client = TestClient()
    _ = try await client.initialize(["trace": "messages"])
    _ = try await client.request("rag/search", ["query": "q"])
    let trace = try await client.message {
      $0["method"] == "$/logTrace" && $0[path: ["params", "message"]]?.stringValue?.contains("rag/search") == true
    }
    #expect(trace[path: ["params", "verbose"]] == nil)
    client.notify("$/setTrace", ["value": "verbose"])
    _ = try await client.request("rag/search", ["query": "verbosely"])
    _ = try await client.message {
      $0[path: ["params", "verbose"]]?.stringValue?.contains("verbosely") == true
    }
    await client.end()
  }
}
