import HTTPTransport
import Ledger
import TestHTTPServer

@testable import Providers

extension ProviderFake {
  /// The Messages API.
  static let anthropic = ProviderFake(
    name: "Anthropic messages", provider: "anthropic", format: AnthropicChatFormat(),
    credential: Secret("sk-conformance-key").map(Credential.key) ?? .none,
    showsCredential: {
      $0.headers["x-api-key"] == "sk-conformance-key" && $0.headers["authorization"] == nil
        && $0.headers["anthropic-version"] == "2023-06-01"
    },
    opening: { usage in
      var message: [String: Any] = ["id": "msg_1", "type": "message", "role": "assistant", "content": [] as [Any]]
      message["usage"] = usage.map { anthropicUsage($0, output: 1) }
      return anthropicEvent("message_start", ["message": message]) + anthropicEvent("ping", [:])
        + anthropicEvent("content_block_start", ["index": 0, "content_block": ["type": "text", "text": ""]])
    },
    text: { anthropicEvent("content_block_delta", ["index": 0, "delta": ["type": "text_delta", "text": $0]]) },
    reasoning: {
      anthropicEvent("content_block_delta", ["index": 1, "delta": ["type": "thinking_delta", "thinking": $0]])
    },
    closing: { finish, usage in
      let word = finish == .length ? "max_tokens" : finish == .contentFilter ? "refusal" : "end_turn"
      var end: [String: Any] = ["delta": ["stop_reason": word]]
      end["usage"] = usage.map { used -> [String: Any] in
        [
          "output_tokens": used.totalOutput, "output_tokens_details": ["thinking_tokens": used.reasoning],
        ]
      }
      return anthropicEvent("content_block_stop", ["index": 0]) + anthropicEvent("message_delta", end)
        + anthropicEvent("message_stop", [:])
    },
    keepAlive: anthropicEvent("ping", [:]),
    streamError: { failure in
      anthropicType(failure).map {
        anthropicEvent(
          "error", ["error": ["type": $0.type, "message": failure == .context ? "prompt is too long: 9" : "x"]])
      }
    },
    document: { text, usage in
      Array(
        jsonText([
          "type": "message", "content": [["type": "text", "text": text]], "stop_reason": "end_turn",
          "usage": anthropicUsage(usage, output: usage.totalOutput),
        ]).utf8)
    },
    failure: { failure, message in
      let (status, type) = anthropicType(failure) ?? (500, "api_error")
      let text = failure == .context ? "prompt is too long: 9 tokens > 8 maximum" : message
      return FakeResponse(
        status: status, headers: ["request-id": "req_1"],
        body: jsonText(["type": "error", "error": ["type": type, "message": text], "request_id": "req_1"]))
    })

  private static func anthropicType(_ failure: FakeFailure) -> (status: Int, type: String)? {
    switch failure {
    case .badRequest, .context: (400, "invalid_request_error")
    case .authentication: (401, "authentication_error")
    case .permission: (403, "permission_error")
    case .notFound: (404, "not_found_error")
    case .rateLimit: (429, "rate_limit_error")
    case .overloaded: (529, "overloaded_error")
    case .server: (500, "api_error")
    }
  }

  private static func anthropicUsage(_ usage: TokenUsage, output: Int) -> [String: Any] {
    [
      "input_tokens": usage.input, "cache_read_input_tokens": usage.cacheRead,
      "cache_creation_input_tokens": usage.cacheWrite5m + usage.cacheWrite1h,
      "cache_creation": [
        "ephemeral_5m_input_tokens": usage.cacheWrite5m, "ephemeral_1h_input_tokens": usage.cacheWrite1h,
      ],
      "output_tokens": output,
      "output_tokens_details": ["thinking_tokens": output > 1 ? usage.reasoning : 0],
    ]
  }

  /// An event whose name is its type.
  private static func anthropicEvent(_ type: String, _ members: [String: Any]) -> [UInt8] {
    var members = members
    members["type"] = type
    return Array("event: \(type)\ndata: \(jsonText(members))\n\n".utf8)
  }
}
