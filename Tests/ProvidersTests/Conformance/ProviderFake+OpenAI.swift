import HTTPTransport
import Ledger
import TestHTTPServer

@testable import Providers

extension ProviderFake {
  /// Chat completions.
  static let openAI = ProviderFake(
    name: "OpenAI chat", provider: "openai", format: OpenAIChatFormat(), basePath: "/v1",
    credential: Secret("sk-conformance-key").map(Credential.key) ?? .none,
    showsCredential: { $0.headers["authorization"] == "Bearer sk-conformance-key" },
    text: { event(["choices": [["index": 0, "delta": ["content": $0]]]]) },
    reasoning: { event(["choices": [["index": 0, "delta": ["reasoning_content": $0]]]]) },
    closing: { finish, usage in
      let word = finish == .length ? "length" : finish == .contentFilter ? "content_filter" : "stop"
      return event(["choices": [["index": 0, "delta": [:] as [String: Any], "finish_reason": word]]])
        + (usage.map { event(["choices": [] as [Any], "usage": openAIUsage($0)]) } ?? [])
        + Array("data: [DONE]\n\n".utf8)
    },
    keepAlive: Array(": keep-alive\n\n".utf8),
    streamError: { failure in
      switch failure {
      case .overloaded: event(["error": ["type": "overloaded_error", "message": "x"]])
      case .rateLimit: event(["error": ["code": "rate_limit_exceeded", "message": "x"]])
      case .server: event(["error": ["type": "server_error", "message": "x"]])
      default: nil
      }
    },
    document: { text, usage in
      Array(
        jsonText([
          "choices": [["index": 0, "message": ["content": text], "finish_reason": "stop"]], "usage": openAIUsage(usage),
        ]).utf8)
    },
    failure: { failure, message in
      let (status, type, code): (Int, String, String?) =
        switch failure {
        case .badRequest: (400, "invalid_request_error", nil)
        case .authentication: (401, "invalid_request_error", "invalid_api_key")
        case .permission: (403, "invalid_request_error", "unsupported_country_region_territory")
        case .notFound: (404, "invalid_request_error", "model_not_found")
        case .context: (400, "invalid_request_error", "context_length_exceeded")
        case .rateLimit: (429, "requests", "rate_limit_exceeded")
        case .overloaded: (503, "service_unavailable_error", "server_is_overloaded")
        case .server: (500, "server_error", nil)
        }
      return FakeResponse(
        status: status, body: jsonText(["error": ["message": message, "type": type, "code": code as Any]]))
    },
    conveyed: {
      // One count of what was written to the cache.
      TokenUsage(
        input: $0.input, cacheRead: $0.cacheRead, cacheWrite5m: $0.cacheWrite5m + $0.cacheWrite1h, output: $0.output,
        reasoning: $0.reasoning, provenance: $0.provenance)
    })

  private static func openAIUsage(_ usage: TokenUsage) -> [String: Any] {
    [
      "prompt_tokens": usage.totalInput, "completion_tokens": usage.totalOutput, "total_tokens": usage.total,
      "prompt_tokens_details": [
        "cached_tokens": usage.cacheRead, "cache_write_tokens": usage.cacheWrite5m + usage.cacheWrite1h,
      ],
      "completion_tokens_details": ["reasoning_tokens": usage.reasoning],
    ]
  }

  /// An event without a name.
  private static func event(_ value: Any) -> [UInt8] { Array("data: \(jsonText(value))\n\n".utf8) }
}
