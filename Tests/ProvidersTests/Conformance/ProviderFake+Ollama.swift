import HTTPTransport
import Ledger
import TestHTTPServer

@testable import Providers

extension ProviderFake {
  /// Ollama's own interface.
  static let ollama = ProviderFake(
    name: "Ollama", provider: "ollama", format: OllamaChatFormat(),
    credential: Secret("sk-conformance-key").map(Credential.key) ?? .none,
    showsCredential: { $0.headers["authorization"] == "Bearer sk-conformance-key" && $0.target == "/api/chat" },
    headers: ["Content-Type": "application/x-ndjson"],
    text: { line(["message": ["role": "assistant", "content": $0], "done": false]) },
    reasoning: { line(["message": ["role": "assistant", "content": "", "thinking": $0], "done": false]) },
    closing: { finish, usage in
      var value: [String: Any] = [
        "message": ["role": "assistant", "content": ""], "done": true,
        "done_reason": finish == .length ? "length" : "stop",
      ]
      if let usage {
        value["prompt_eval_count"] = usage.totalInput
        value["eval_count"] = usage.totalOutput
      }
      return line(value)
    },
    keepAlive: Array("\n".utf8),
    streamError: { failure in
      switch failure {
      case .server: line(["error": "an error was encountered while running the model"])
      case .overloaded: line(["error": "busy", "status_code": 503])
      default: nil
      }
    },
    garbage: Array("<html>no answer</html>\n".utf8),
    document: { text, usage in
      Array(
        jsonText([
          "message": ["role": "assistant", "content": text], "done": true, "done_reason": "stop",
          "prompt_eval_count": usage.totalInput, "eval_count": usage.totalOutput,
        ]).utf8)
    },
    failure: { failure, message in
      let (status, text): (Int, String) =
        switch failure {
        case .badRequest: (400, message)
        case .authentication: (401, message)
        case .permission: (403, message)
        case .notFound: (404, message)
        case .context: (400, "the input length exceeds the context length")
        case .rateLimit: (429, message)
        case .overloaded: (503, message)
        case .server: (500, message)
        }
      return FakeResponse(status: status, body: jsonText(["error": text]))
    },
    // There are no caches, and thinking is part of the output.
    conveyed: { TokenUsage(input: $0.totalInput, output: $0.totalOutput, provenance: $0.provenance) },
    finishes: [.stop, .length])

  private static func line(_ value: Any) -> [UInt8] { Array((jsonText(value) + "\n").utf8) }
}
