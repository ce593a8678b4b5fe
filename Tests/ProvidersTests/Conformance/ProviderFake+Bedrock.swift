import HTTPTransport
import Ledger
import TestHTTPServer

@testable import Providers

extension ProviderFake {
  /// Bedrock's Converse, signed.
  static let bedrock = ProviderFake(
    name: "Bedrock Converse", provider: "bedrock", format: BedrockChatFormat(), model: "us.anthropic.claude-x-v1:0",
    credential: .aws(
      AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("sk-conformance-key") ?? never)),
    values: ["aws_region_name": "us-east-1"],
    showsCredential: {
      let shown = $0.headers["authorization"] ?? ""
      return shown.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") && !shown.contains("sk-conformance-key")
        && $0.headers["x-amz-date"] != nil
        && $0.target == "/model/us.anthropic.claude-x-v1%3A0/converse-stream"
    },
    headers: ["Content-Type": "application/vnd.amazon.eventstream"],
    opening: { _ in event("messageStart", ["role": "assistant", "p": "abcdefgh"]) },
    text: { event("contentBlockDelta", ["contentBlockIndex": 0, "delta": ["text": $0], "p": "abc"]) },
    reasoning: {
      event("contentBlockDelta", ["contentBlockIndex": 1, "delta": ["reasoningContent": ["text": $0]]])
    },
    closing: { finish, usage in
      let word = finish == .length ? "max_tokens" : finish == .contentFilter ? "content_filtered" : "end_turn"
      return event("contentBlockStop", ["contentBlockIndex": 0]) + event("messageStop", ["stopReason": word])
        + (usage.map { event("metadata", ["usage": bedrockUsage($0), "metrics": ["latencyMs": 640]]) } ?? [])
    },
    streamError: { failure in
      switch failure {
      case .rateLimit: EventStreamFrames.exception("throttlingException", "Too many requests")
      case .overloaded: EventStreamFrames.exception("serviceUnavailableException", "x")
      case .server: EventStreamFrames.exception("modelStreamErrorException", "x")
      case .badRequest: EventStreamFrames.exception("validationException", "a rate limit")
      case .context: EventStreamFrames.exception("validationException", "Input is too long for requested model.")
      default: nil
      }
    },
    garbage: Array("\u{0}\u{0}\u{0}\u{20}<html>no answer</html>".utf8),
    document: { text, usage in
      Array(
        jsonText([
          "output": ["message": ["role": "assistant", "content": [["text": text]]]], "stopReason": "end_turn",
          "usage": bedrockUsage(usage),
        ]).utf8)
    },
    failure: { failure, message in
      let (status, name): (Int, String) =
        switch failure {
        case .badRequest, .context: (400, "ValidationException")
        case .authentication: (403, "UnrecognizedClientException")
        case .permission: (403, "AccessDeniedException:http://internal.amazon.com/coral/")
        case .notFound: (404, "ResourceNotFoundException")
        case .rateLimit: (429, "com.amazon.coral.service#ThrottlingException")
        case .overloaded: (503, "ServiceUnavailableException")
        case .server: (500, "InternalServerException")
        }
      let text = failure == .context ? "Input is too long for requested model." : message
      return FakeResponse(
        status: status, headers: ["x-amzn-errortype": name, "x-amzn-requestid": "r-1"],
        body: jsonText(["message": text]))
    },
    conveyed: {
      // Reasoning is counted as output.
      TokenUsage(
        input: $0.input, cacheRead: $0.cacheRead, cacheWrite5m: $0.cacheWrite5m, cacheWrite1h: $0.cacheWrite1h,
        output: $0.totalOutput, provenance: $0.provenance)
    })

  private static var never: Secret { fatalError("a text that is not empty makes a secret") }

  private static func bedrockUsage(_ usage: TokenUsage) -> [String: Any] {
    [
      "inputTokens": usage.input, "outputTokens": usage.totalOutput, "totalTokens": usage.total,
      "cacheReadInputTokens": usage.cacheRead, "cacheWriteInputTokens": usage.cacheWrite5m + usage.cacheWrite1h,
      "cacheDetails": [
        ["ttl": "5m", "inputTokens": usage.cacheWrite5m], ["ttl": "1h", "inputTokens": usage.cacheWrite1h],
      ],
    ]
  }

  private static func event(_ type: String, _ value: Any) -> [UInt8] {
    EventStreamFrames.event(type, Array(jsonText(value).utf8))
  }
}
