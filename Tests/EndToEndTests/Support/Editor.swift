import Foundation
import Synchronization
import Testing

/// An editor that speaks to `cicerone serve` over its standard input and output.
final class Editor: Sendable {
  struct Silence: Error, CustomStringConvertible {
    var description: String
  }

  let child: Child
  private let inbox: Inbox
  private let nextID = Mutex(1_000)

  /// Starts a server; nothing is sent.
  ///
  /// - Parameter environment: variables beside those that every child of `scratch` gets.
  init(
    _ scratch: Scratch, prefix: [String] = [], options: [String] = [], environment: [String: String] = [:]
  ) throws {
    let inbox = Inbox()
    child = try Child(
      prefix + [Program.path, "serve"] + options, environment: scratch.environment.merging(environment) { $1 }
    ) { inbox.take($0) }
    self.inbox = inbox
    // Requests of the server are answered as they come, like an editor does: also while a test waits for something.
    inbox.answers { [weak child] id in child?.send(Editor.frame(["jsonrpc": "2.0", "id": id, "result": nil])) }
  }

  /// Starts a server and opens the workspace of `scratch`.
  static func open(
    _ scratch: Scratch, encodings: [String] = ["utf-16"], folders: [String]? = nil, options: [String] = [],
    environment: [String: String] = [:]
  ) async throws -> Editor {
    let editor = try Editor(scratch, options: options, environment: environment)
    try await editor.initialize(folders: folders ?? [scratch.uri()], encodings: encodings)
    return editor
  }

  /// `initialize` and `initialized`; answers the reply.
  @discardableResult
  func initialize(
    folders: [String], encodings: [String] = ["utf-16"], processID: Int? = nil, watchesFiles: Bool = false
  ) async throws -> JSON {
    let reply = try await request(
      "initialize",
      [
        "processId": processID.map { .integer($0) } ?? .null,
        "capabilities": [
          "general": ["positionEncodings": .array(encodings.map { .string($0) })],
          "window": ["workDoneProgress": true],
          "workspace": [
            "workspaceFolders": true,
            "didChangeWatchedFiles": ["dynamicRegistration": .bool(watchesFiles), "relativePatternSupport": true],
          ],
        ],
        "workspaceFolders": .array(folders.map { ["uri": .string($0), "name": "w"] }),
      ])
    notify("initialized", [:])
    return reply
  }

  /// A message as it goes over the wire.
  static func frame(_ message: JSON) -> [UInt8] { frame(message.bytes) }

  static func frame(_ body: [UInt8]) -> [UInt8] { Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body }

  /// What the server has sent, in order.
  var messages: [JSON] { inbox.messages }

  func notify(_ method: String, _ params: JSON) {
    child.send(Editor.frame(["jsonrpc": "2.0", "method": .string(method), "params": params]))
  }

  /// Sends a request and does not wait.
  func start(_ method: String, _ params: JSON, id: JSON) {
    child.send(Editor.frame(["jsonrpc": "2.0", "id": id, "method": .string(method), "params": params]))
  }

  /// Sends a request and waits for its reply.
  @discardableResult
  func request(_ method: String, _ params: JSON = [:]) async throws -> JSON {
    let id = JSON.integer(
      nextID.withLock {
        $0 += 1; return $0
      })
    start(method, params, id: id)
    return try await reply(id)
  }

  func reply(_ id: JSON) async throws -> JSON {
    try await eventually("a reply to \(id)") { self.messages.first { $0["id"] == id && $0["method"] == nil } }
  }

  /// Looks again and again; a minute of silence, or the end of the server, is a failure.
  func eventually<Found>(_ what: String, _ find: () async throws -> Found?) async throws -> Found {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      // Asked before it is looked: other tests may have held this one up for longer than the server.
      let isLast = child.hasEnded || ContinuousClock.now > deadline
      if let found = try await find() { return found }
      if isLast { throw Silence(description: "waited for \(what). The server said: \(child.errors)") }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  /// Waits until what was changed is indexed.
  func synchronize() async throws { try await request("rag/synchronize") }

  /// What `rag/search` finds by words; the server must answer.
  func search(_ query: String, limit: Int = 100, mode: String = "lexical", text: Bool = false) async throws -> JSON {
    let reply = try await request(
      "rag/search",
      ["query": .string(query), "limit": .integer(limit), "mode": .string(mode), "includeText": .bool(text)])
    return try #require(reply["result"], "\(reply)")
  }

  /// The files in which a search finds something.
  func paths(_ query: String) async throws -> Set<String> { Set(try await search(query).places.map(\.path)) }

  /// Whether a search for a word finds a passage that has it.
  func says(_ word: String) async throws -> Bool {
    (try await search(word, text: true)["passages"]?.items ?? []).contains { $0["text"]?.text?.contains(word) == true }
  }

  /// Waits until a search finds something in exactly these files.
  func becomes(_ query: String, _ expected: Set<String>) async throws {
    _ = try await eventually("\(query) in \(expected)") {
      try await self.synchronize()
      return try await self.paths(query) == expected ? true : nil
    }
  }

  /// Opens a document.
  func open(_ uri: String, _ text: String) {
    notify(
      "textDocument/didOpen",
      ["textDocument": ["uri": .string(uri), "languageId": "swift", "version": 1, "text": .string(text)]])
  }

  /// Closes a document.
  func close(_ uri: String) { notify("textDocument/didClose", ["textDocument": ["uri": .string(uri)]]) }

  /// Tells that files or folders changed, as a client does that watches them.
  func filesChanged(_ uris: [String]) {
    notify(
      "workspace/didChangeWatchedFiles",
      ["changes": .array(uris.map { ["uri": .string($0), "type": 2] })])
  }

  /// Ends the session as an editor does, and answers how the process ended.
  func shutDown() async throws -> Ending {
    let reply = try await request("shutdown", nil)
    #expect(reply["result"] == .null)
    notify("exit", nil)
    return await child.ending()
  }
}

/// What the server sends, taken apart strictly: whatever is no frame is a failure.
private final class Inbox: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var messages: [JSON] = []
    var unanswered: [JSON] = []
    var answer: (@Sendable (JSON) -> Void)?
  }

  private let state = Mutex(State())

  var messages: [JSON] { state.withLock { $0.messages } }

  func answers(_ body: @escaping @Sendable (JSON) -> Void) {
    let waiting = state.withLock { state in
      state.answer = body
      return state.unanswered
    }
    for id in waiting { body(id) }
  }

  func take(_ bytes: [UInt8]) {
    let (ids, answer) = state.withLock { state -> ([JSON], (@Sendable (JSON) -> Void)?) in
      state.bytes += bytes
      var ids: [JSON] = []
      while let message = Inbox.next(&state.bytes) {
        state.messages.append(message)
        if message["method"] != nil, let id = message["id"] { ids.append(id) }
      }
      if state.answer == nil { state.unanswered += ids }
      return (ids, state.answer)
    }
    if let answer { for id in ids { answer(id) } }
  }

  private static func next(_ bytes: inout [UInt8]) -> JSON? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let header = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    guard header.hasPrefix("Content-Length: "), let length = Int(header.dropFirst(16)) else {
      Issue.record("the server sent no header: \(header)")
      bytes = []
      return nil
    }
    guard bytes.count >= end.upperBound + length else { return nil }
    let body = bytes[end.upperBound..<(end.upperBound + length)]
    let message = try? JSON(parsing: body)
    if message == nil { Issue.record("the server sent no JSON: \(String(decoding: body, as: UTF8.self))") }
    bytes.removeSubrange(..<(end.upperBound + length))
    return message ?? .null
  }
}
