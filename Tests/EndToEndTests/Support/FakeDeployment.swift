import Foundation
import Synchronization
import TestHTTPServer

/// One of several servers on this machine that speak OpenAI's format, at Azure's addresses too, and say who they are.
final class FakeDeployment: Sendable {
  private let server: TestHTTPServer
  private let fails: Status
  let name: String

  /// Which status it fails with, shared with its connections, which must not keep the server.
  private final class Status: Sendable {
    private let value = Mutex<Int?>(nil)
    var code: Int? {
      get { value.withLock { $0 } }
      set { value.withLock { $0 = newValue } }
    }
  }

  init(_ name: String) throws {
    let fails = Status()
    self.name = name
    self.fails = fails
    server = try TestHTTPServer { _, connection in
      if let status = fails.code {
        return try connection.respond(
          status, ["Content-Type": "application/json"],
          body: #"{"error":{"message":"It is down.","type":"server_error"}}"#)
      }
      try connection.eventStream()
      for text in ["It was \(name) ", "that answered [1]."] {
        try connection.send(#"data: {"choices":[{"index":0,"delta":{"content":"\#(text)"}}]}"# + "\n\n")
      }
      try connection.send(
        #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"#
          + #""usage":{"prompt_tokens":200,"completion_tokens":9}}"# + "\n\ndata: [DONE]\n\n")
    }
  }

  deinit { server.stop() }

  /// The status that it fails with; `nil` while it answers.
  var failure: Int? {
    get { fails.code }
    set { fails.code = newValue }
  }

  var base: String { server.base }

  /// What it was asked, in order.
  var requests: [TestRequest] { server.requests }
  /// Those for answers: local servers are also asked for their models.
  var questions: [TestRequest] { server.requests.filter { $0.target.contains("/chat/completions") } }
}
