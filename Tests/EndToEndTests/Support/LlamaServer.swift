import Foundation

/// A small real model behind llama.cpp's server, which ends when this value goes away.
final class LlamaServer: Sendable {
  struct Failure: Error, CustomStringConvertible { var description: String }

  /// A Python that has the packages of `Tests/Integration/llama_server.py`, if the environment names one.
  static let python = ProcessInfo.processInfo.environment["CICERONE_LLAMA_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }

  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Integration/llama_server.py").path

  private let child: Child
  let port: Int

  private init(_ child: Child, port: Int) {
    self.child = child
    self.port = port
  }

  /// Starts a server and waits until it answers.
  static func start() async throws -> LlamaServer {
    guard let python else { throw Failure(description: "CICERONE_LLAMA_PYTHON is not set") }
    let home = NSTemporaryDirectory()
    let child = try Child(
      [python, script], environment: ["PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home], limit: 900)
    let deadline = ContinuousClock.now + .seconds(150)
    while true {
      let isLast = child.hasEnded || ContinuousClock.now > deadline
      let line = child.output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      // A line is complete once another begins.
      if line.count > 1, let port = try? JSON(parsing: line[0])["port"]?.int {
        return LlamaServer(child, port: port)
      }
      if isLast { throw Failure(description: "the model's server did not start: \(child.errors)") }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  var base: String { "http://127.0.0.1:\(port)/v1" }

  /// The server's log.
  var log: String { child.errors }
}
