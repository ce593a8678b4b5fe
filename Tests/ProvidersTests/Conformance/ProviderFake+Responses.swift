import HTTPTransport
import Ledger
import TestHTTPServer

@testable import Providers

extension ProviderFake {
  /// OpenAI's responses.
  static let responses = ProviderFake(
    name: "OpenAI responses", provider: "openai", format: OpenAIResponsesFormat(), basePath: "/v1",
    credential: Secret("sk-conformance-key").map(Credential.key) ?? .none,
    showsCredential: { $0.headers["authorization"] == "Bearer sk-conformance-key" && $0.target == "/v1/responses" },
    opening: { _ in
      event("response.created", ["response": ["id": "r", "status": "in_progress", "output": [] as [Any]]])
        + event(
          "response.output_item.added", ["output_index": 0, "item": ["type": "message", "content": [] as [Any]]])
    },
    text: { event("response.output_text.delta", ["delta": $0, "output_index": 0, "content_index": 0]) },
    reasoning: { event("response.reasoning_summary_text.delta", ["delta": $0]) },
    closing: { finish, usage in
      var response: [String: Any] = ["id": "r", "status": "completed", "output": [] as [Any]]
      response["usage"] = usage.map(responsesUsage)
      switch finish {
      case .length: response["incomplete_details"] = ["reason": "max_output_tokens"]
      case .contentFilter: response["incomplete_details"] = ["reason": "content_filter"]
      default: break
      }
      let isWhole = response["incomplete_details"] == nil
      return event(isWhole ? "response.completed" : "response.incomplete", ["response": response])
    },
    keepAlive: Array(": keep-alive\n\n".utf8),
    streamError: { failure in
      switch failure {
      case .server: event("response.failed", ["response": ["error": ["code": "server_error", "message": "x"]]])
      case .rateLimit: event("error", ["code": "rate_limit_exceeded", "message": "x", "param": nil as Any? as Any])
      case .overloaded: event("error", ["error": ["type": "service_unavailable_error", "message": "x"]])
      case .badRequest: event("response.failed", ["response": ["error": ["code": "invalid_prompt", "message": "x"]]])
      default: nil
      }
    },
    document: { text, usage in
      Array(
        jsonText([
          "id": "r", "object": "response", "status": "completed",
          "output": [
            ["type": "reasoning", "summary": [] as [Any]],
            ["type": "message", "role": "assistant", "content": [["type": "output_text", "text": text]]],
          ], "usage": responsesUsage(usage),
        ]).utf8)
    },
    failure: openAI.failure, conveyed: openAI.conveyed)

  private static func responsesUsage(_ usage: TokenUsage) -> [String: Any] {
    [
      "input_tokens": usage.totalInput, "output_tokens": usage.totalOutput, "total_tokens": usage.total,
      "input_tokens_details": [
        "cached_tokens": usage.cacheRead, "cache_write_tokens": usage.cacheWrite5m + usage.cacheWrite1h,
      ],
      "output_tokens_details": ["reasoning_tokens": usage.reasoning],
    ]
  }

  /// An event that also says its name inside.
  private static func event(_ name: String, _ members: [String: Any]) -> [UInt8] {
    let text = jsonText(members.merging(["type": name, "sequence_number": 1]) { $1 })
    return Array("event: \(name)\ndata: \(text)\n\n".utf8)
  }
}
