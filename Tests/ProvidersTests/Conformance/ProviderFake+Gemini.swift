import HTTPTransport
import Ledger
import TestHTTPServer

@testable import Providers

extension ProviderFake {
  /// Gemini, as server-sent events.
  static let gemini = gemini("Gemini") { value, _ in Array("data: \(jsonText(value))\n\n".utf8) }

  /// Gemini as servers answer that do not know `alt=sse`: one list, element by element.
  static let geminiList: ProviderFake = {
    var fake = gemini("Gemini, as a list") { value, isLast in
      Array((jsonText(value) + (isLast ? "]" : ",\r\n")).utf8)
    }
    fake.headers = ["Content-Type": "application/json"]
    fake.opening = { _ in Array("[".utf8) }
    fake.keepAlive = Array("\n".utf8)
    fake.garbage = Array("[{\"candidates\":}]".utf8)
    return fake
  }()

  private static func gemini(
    _ name: String, _ frame: @escaping @Sendable (Any, _ isLast: Bool) -> [UInt8]
  ) -> ProviderFake {
    ProviderFake(
      name: name, provider: "gemini", format: GeminiFormat(), basePath: "/v1beta",
      credential: Secret("sk-conformance-key").map(Credential.key) ?? .none,
      showsCredential: {
        $0.headers["x-goog-api-key"] == "sk-conformance-key" && $0.headers["authorization"] == nil
          && $0.target == "/v1beta/models/m:streamGenerateContent?alt=sse"
      },
      text: { frame(["candidates": [["content": ["role": "model", "parts": [["text": $0]]], "index": 0]]], false) },
      reasoning: {
        frame(["candidates": [["content": ["role": "model", "parts": [["text": $0, "thought": true]]]]]], false)
      },
      closing: { finish, usage in
        let word = finish == .length ? "MAX_TOKENS" : finish == .contentFilter ? "SAFETY" : "STOP"
        var value: [String: Any] = ["candidates": [["finishReason": word, "index": 0]]]
        value["usageMetadata"] = usage.map(geminiUsage)
        return frame(value, true)
      },
      keepAlive: Array(": keep-alive\n\n".utf8),
      streamError: { failure in
        switch failure {
        case .overloaded: frame(["error": ["code": 503, "status": "UNAVAILABLE", "message": "x"]], false)
        case .rateLimit: frame(["error": ["code": 429, "status": "RESOURCE_EXHAUSTED", "message": "x"]], false)
        case .server: frame(["error": ["code": 500, "status": "INTERNAL", "message": "x"]], false)
        case .permission: frame(["error": ["code": 403, "status": "PERMISSION_DENIED", "message": "x"]], false)
        default: nil
        }
      },
      document: { text, usage in
        Array(
          jsonText([
            "candidates": [["content": ["role": "model", "parts": [["text": text]]], "finishReason": "STOP"]],
            "usageMetadata": geminiUsage(usage),
          ]).utf8)
      },
      failure: { failure, message in
        let (status, word, reason): (Int, String, String?) =
          switch failure {
          case .badRequest: (400, "INVALID_ARGUMENT", nil)
          case .authentication: (400, "INVALID_ARGUMENT", "API_KEY_INVALID")
          case .permission: (403, "PERMISSION_DENIED", nil)
          case .notFound: (404, "NOT_FOUND", nil)
          case .context: (400, "INVALID_ARGUMENT", nil)
          case .rateLimit: (429, "RESOURCE_EXHAUSTED", nil)
          case .overloaded: (503, "UNAVAILABLE", nil)
          case .server: (500, "INTERNAL", nil)
          }
        let text =
          failure == .context
          ? "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)." : message
        var error: [String: Any] = ["code": status, "status": word, "message": text]
        if let reason {
          error["details"] = [["@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason]]
        }
        // As the streaming method does it.
        return FakeResponse(status: status, body: jsonText([["error": error]]))
      },
      conveyed: {
        // Writing to the cache is not counted.
        TokenUsage(
          input: $0.input + $0.cacheWrite5m + $0.cacheWrite1h, cacheRead: $0.cacheRead, output: $0.output,
          reasoning: $0.reasoning, provenance: $0.provenance)
      })
  }

  private static func geminiUsage(_ usage: TokenUsage) -> [String: Any] {
    [
      "promptTokenCount": usage.totalInput, "cachedContentTokenCount": usage.cacheRead,
      "candidatesTokenCount": usage.output, "thoughtsTokenCount": usage.reasoning, "totalTokenCount": usage.total,
    ]
  }
}
