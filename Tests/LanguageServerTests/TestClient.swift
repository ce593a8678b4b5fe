import Foundation
import Synchronization
import Testing

@testable import JSONRPC
@testable import LanguageServer

/// A small editor over two pipes, in this process.
final class TestClient: Sendable {
  struct Silence: Error {}

  struct Inbox {
    var messages: [JSONValue] = []
    var ended = false
  }

  let engine: FakeEngine
  private let section: JSONValue
  private let toServer: CInt
  private let fromServer: CInt
  private let serverEnds: [CInt]
  private let inbox = Mutex(Inbox())
  private let session: Task<Int32, Never>
  /// Whether the client reads; a client which does not makes the pipe fill.
  private let reads = Mutex(true)
  private let sending = DispatchQueue(label: "client")
  private let nextID = Mutex(1_000)

  init(
    _ engine: FakeEngine = FakeEngine(), options: LanguageServerSession.Options = .init(), refuses: Set<String> = [],
    section: JSONValue = ["a": 1],
    onConfiguration: @escaping @Sendable (LanguageServerSession.SettingsSource, JSONValue) async -> Void = { _, _ in }
  ) {
    self.section = section
    self.engine = engine
    var up: [CInt] = [0, 0]
    var down: [CInt] = [0, 0]
    precondition(pipe(&up) == 0 && pipe(&down) == 0)
    toServer = up[1]
    fromServer = down[0]
    serverEnds = [up[0], down[1]]
    let server = LanguageServerSession(
      service: engine, serverVersion: "9.9", input: up[0], output: down[1], options: options, log: { _, _ in },
      onConfiguration: onConfiguration)
    session = Task { await server.run() }
    Thread.detachNewThread { [self] in readLoop(refuses) }
  }

  deinit {
    for descriptor in [fromServer] + serverEnds { close(descriptor) }
  }

  private func readLoop(_ refuses: Set<String>) {
    var parser = FrameParser()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      while !reads.withLock({ $0 }) { usleep(1_000) }
      let count = read(fromServer, &buffer, buffer.count)
      guard count > 0 else { break }
      buffer[..<count].withUnsafeBytes { bytes in
        parser.push(bytes) { event in
          guard case .message(let body) = event, let value = try? RawJSON(body).decode(JSONValue.self) else {
            Issue.record("the server sent no frame")
            return nil
          }
          inbox.withLock { $0.messages.append(value) }
          if let id = value["id"], id != .null, let method = value["method"]?.stringValue {
            answer(id, method, refuses)
          }
          return nil
        }
      }
    }
    inbox.withLock { $0.ended = true }
  }

  private func answer(_ id: JSONValue, _ method: String, _ refuses: Set<String>) {
    var reply: [String: JSONValue] = ["jsonrpc": "2.0", "id": id]
    if refuses.contains(method) {
      reply["error"] = ["code": -32603, "message": "no"]
    } else {
      reply["result"] = method == "workspace/configuration" ? [section] : .null
    }
    send(.object(reply))
  }

  func reading(_ flag: Bool) { reads.withLock { $0 = flag } }

  var messages: [JSONValue] { inbox.withLock { $0.messages } }

  /// Sends bytes in order, on a queue of its own: writing blocks while the server is behind, and may not block the pool
  /// of threads on which the server runs.
  func sendRaw(_ bytes: [UInt8]) {
    sending.async { [toServer] in
      var offset = 0
      while offset < bytes.count {
        let count = bytes[offset...].withUnsafeBytes { write(toServer, $0.baseAddress, $0.count) }
        if count <= 0 { return }
        offset += count
      }
    }
  }

  func sendText(_ json: String) { sendRaw(MessageWriter.frame(Array(json.utf8))) }

  func send(_ value: JSONValue) { sendRaw(MessageWriter.frame((try? RawJSON.encode(value)) ?? [])) }

  func notify(_ method: String, _ params: JSONValue) {
    send(["jsonrpc": "2.0", "method": .string(method), "params": params])
  }

  /// Sends a request and does not wait.
  func start(_ method: String, _ params: JSONValue = [:], id: JSONValue) {
    send(["jsonrpc": "2.0", "id": id, "method": .string(method), "params": params])
  }

  /// Sends a request and waits for its reply.
  @discardableResult
  func request(_ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
    let id = nextID.withLock { number in
      number += 1
      return JSONValue.integer(Int64(number))
    }
    start(method, params, id: id)
    return try await reply(id)
  }

  func reply(_ id: JSONValue) async throws -> JSONValue {
    try await message { $0["id"] == id && $0["method"] == nil }
  }

  /// Waits for a message; a minute of silence is a failure.
  func message(_ matches: (JSONValue) -> Bool) async throws -> JSONValue {
    try await eventually { messages.first(where: matches) }
  }

  func eventually<R>(_ find: () -> R?) async throws -> R {
    for _ in 0..<30_000 {
      if let found = find() { return found }
      try await Task.sleep(for: .milliseconds(2))
    }
    throw Silence()
  }

  func initialize(_ params: JSONValue = ["capabilities": [:]]) async throws -> JSONValue {
    let reply = try await request("initialize", params)
    notify("initialized", [:])
    return reply
  }

  /// Closes the server's input and answers the exit code.
  @discardableResult
  func end() async -> Int32 {
    sending.async { [toServer] in close(toServer) }
    return await session.value
  }

  func exitCode() async -> Int32 { await session.value }
}

extension JSONValue {
  subscript(path path: [String]) -> JSONValue? { path.reduce(Optional(self)) { $0?[$1] } }
  /// Reads a value that is easier to write as text.
  static func text(_ text: String) throws -> JSONValue { try RawJSON(Array(text.utf8)).decode(JSONValue.self) }
  var code: Int64? {
    if case .integer(let code)? = self["error"]?["code"] { return code }
    return nil
  }
  var items: [JSONValue] {
    if case .array(let items) = self { return items }
    return []
  }
}
