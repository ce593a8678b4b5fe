import Foundation

/// LiteLLM's proxy, which ends when this value goes away.
final class LiteLLMProxy: Sendable {
  struct Failure: Error, CustomStringConvertible { var description: String }

  /// A Python that has `litellm[proxy]`, if the environment names one.
  static let python = ProcessInfo.processInfo.environment["CICERONE_LITELLM_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
  /// As in `Tests/Integration/litellm_proxy.py`.
  static let key = "sk-cicerone-" + "9b1e64d27c3f48a0"

  private let child: Child
  let port: Int

  private init(_ child: Child, port: Int) {
    self.child = child
    self.port = port
  }

  /// Starts a proxy and waits until it answers.
  static func start() async throws -> LiteLLMProxy {
    guard let python else { throw Failure(description: "CICERONE_LITELLM_PYTHON is not set") }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Integration/litellm_proxy.py").path
    let home = NSTemporaryDirectory()
    let child = try Child(
      [python, script], environment: ["PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home], limit: 900)
    let deadline = ContinuousClock.now + .seconds(150)
    while true {
      let isLast = child.hasEnded || ContinuousClock.now > deadline
      let lines = child.output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      // A line is complete once another begins.
      if lines.count > 1, let port = try? JSON(parsing: lines[0])["port"]?.int {
        return LiteLLMProxy(child, port: port)
      }
      if isLast { throw Failure(description: "the proxy did not start: \(child.errors.suffix(2_000))") }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  var base: String { "http://127.0.0.1:\(port)" }
}
