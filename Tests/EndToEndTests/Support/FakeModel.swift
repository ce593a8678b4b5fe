import Foundation
import Synchronization
import TestHTTPServer

/// A server on this machine that speaks OpenAI's format and says what a test tells it to say.
///
/// Its connections have threads of their own; nothing here blocks a task.
final class FakeModel: Sendable {
  /// What becomes of a request.
  enum Reply: Sendable {
    /// Pieces of text, then usage and the end.
    case says([String])
    /// Some pieces, then the others once the test lets go.
    case pauses([String], [String])
    /// Pieces of text; then the connection ends in the middle of what was announced.
    case breaksOff([String])
    /// Pieces of text; then nothing more until the client goes away.
    case stalls([String])
    /// A whole response, as it is.
    case responds(Int, [String: String], String)
  }

  struct Silence: Error, CustomStringConvertible { var description: String }

  /// The model that the server has.
  static let name = "parrot-1"
  /// The key that the program is given.
  static let key = "sk-parrot-" + "8Jd2Lq7Wz4Xn9Rv3Tb6Yc1Hm5Kf0"
  /// What the server says that an answer used.
  static let usage = (input: 321, output: 45)

  private let server: TestHTTPServer
  private let script: Script

  init(_ reply: Reply = .says(["The answer [1]."])) throws {
    let script = Script(reply)
    self.script = script
    server = try TestHTTPServer { request, connection in try script.answer(request, connection) }
  }

  deinit { server.stop() }

  /// What the next requests get.
  var reply: Reply {
    get { script.reply }
    set { script.reply = newValue }
  }

  /// Lets one answer that pauses go on.
  func letGo() { script.gate.signal() }

  func stop() { server.stop() }

  var base: String { server.base + "/v1" }

  /// The variables with which the program finds the model, without asking which there are.
  var environment: [String: String] {
    ["OPENAI_BASE_URL": base, "OPENAI_API_KEY": FakeModel.key, "OPENAI_MODEL": FakeModel.name]
  }

  /// The questions that have arrived.
  var questions: [TestRequest] { server.requests.filter { $0.target.hasSuffix("/chat/completions") } }

  /// All requests that have arrived.
  var requests: [TestRequest] { server.requests }

  /// Waits until so many questions have arrived.
  func receives(_ count: Int) async throws {
    try await wait("\(count) questions") { self.questions.count >= count }
  }

  /// Waits until the clients of so many answers that stall have gone.
  func loses(_ count: Int) async throws { try await wait("\(count) clients to leave") { self.script.lost >= count } }

  private func wait(_ what: String, _ holds: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !holds() {
      if ContinuousClock.now > deadline { throw Silence(description: "waited for \(what)") }
      try await Task.sleep(for: .milliseconds(2))
    }
  }
}

/// What a server says; apart from it, since its connections keep this and must not keep the server.
private final class Script: Sendable {
  private struct State {
    var reply: FakeModel.Reply
    var lost = 0
  }

  let gate = DispatchSemaphore(value: 0)
  private let state: Mutex<State>

  init(_ reply: FakeModel.Reply) { state = Mutex(State(reply: reply)) }

  var reply: FakeModel.Reply {
    get { state.withLock { $0.reply } }
    set { state.withLock { $0.reply = newValue } }
  }

  /// How many clients left while an answer stalled.
  var lost: Int { state.withLock { $0.lost } }

  /// Runs on the connection's thread.
  func answer(_ request: TestRequest, _ connection: TestConnection) throws {
    guard request.target.hasSuffix("/chat/completions") else {
      let list: JSON = ["object": "list", "data": [["id": .string(FakeModel.name), "object": "model"]]]
      return try connection.respond(
        200, ["Content-Type": "application/json"], body: String(decoding: list.bytes, as: UTF8.self))
    }
    switch reply {
    case .says(let pieces):
      try connection.eventStream()
      for piece in pieces { try connection.send(Script.delta(piece)) }
      try connection.send(Script.end)
    case .pauses(let first, let rest):
      try connection.eventStream()
      for piece in first { try connection.send(Script.delta(piece)) }
      _ = gate.wait(timeout: .now() + 60)
      for piece in rest { try connection.send(Script.delta(piece)) }
      try connection.send(Script.end)
    case .breaksOff(let pieces):
      try connection.head(200, ["Content-Type": "text/event-stream"], length: 1_000_000)
      for piece in pieces { try connection.send(Script.delta(piece)) }
    case .stalls(let pieces):
      try connection.eventStream()
      for piece in pieces { try connection.send(Script.delta(piece)) }
      if connection.waitForClose(seconds: 60) { state.withLock { $0.lost += 1 } }
    case .responds(let status, let headers, let body): try connection.respond(status, headers, body: body)
    }
  }

  private static func event(_ value: JSON) -> String { "data: \(String(decoding: value.bytes, as: UTF8.self))\n\n" }

  static func delta(_ text: String) -> String {
    event(["object": "chat.completion.chunk", "choices": [["index": 0, "delta": ["content": .string(text)]]]])
  }

  static var end: String {
    event(["object": "chat.completion.chunk", "choices": [["index": 0, "delta": [:], "finish_reason": "stop"]]])
      + event([
        "object": "chat.completion.chunk", "choices": [],
        "usage": [
          "prompt_tokens": .integer(FakeModel.usage.input), "completion_tokens": .integer(FakeModel.usage.output),
        ],
      ]) + "data: [DONE]\n\n"
  }
}
