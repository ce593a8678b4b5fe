import CurlTransport
import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct BedrockRequestTests {
  func request(_ model: String, _ change: (inout ChatRequest) -> Void = { _ in }) -> ChatRequest {
    var request = question
    request.model = model
    request.traits = ModelTraits(ProviderDefinition.bedrock.entry(model, in: .embedded))
    change(&request)
    return request
  }

  func text(_ members: [String: JSONTree]) -> String { String(decoding: JSONTree.object(members).bytes, as: UTF8.self) }

  @Test func writesWhatTheInterfaceWants() {
    let request = request("us.amazon.nova-pro-v1:0") {
      $0.temperature = 0.2
      $0.topP = 0.9
      $0.stop = ["END", "\n"]
      $0.extraBody = ["guardrailConfig": .object(["guardrailIdentifier": .string("g")])]
    }
    #expect(
      text(BedrockRequestBody(request).members)
        == #"{"guardrailConfig":{"guardrailIdentifier":"g"},"inferenceConfig":{"maxTokens":64,"stopSequences":["END"],"temperature":0.2,"topP":0.9},"messages":[{"content":[{"text":"What?"}],"role":"user"}],"system":[{"text":"Answer."}]}"#
    )
  }

  @Test func marksPrefixesOfModelsThatTakeThem() {
    func points(_ model: String) -> Int {
      let request = request(model) {
        $0.messages = [
          ChatMessage(.system, String(repeating: "x", count: 9000), endsCachedPrefix: true), ChatMessage(.user, "q"),
        ]
      }
      let body = text(BedrockRequestBody(request).members)
      return body.ranges(of: #"{"cachePoint":{"type":"default"}}"#).count
    }
    #expect(points("us.anthropic.claude-sonnet-5") == 1)
    #expect(points("us-east-1/anthropic.claude-sonnet-5") == 1)
    #expect(points("us.amazon.nova-pro-v1:0") == 1)
    // Others refuse to be told.
    #expect(points("us.openai.gpt-6-luna") == 0)
    #expect(points("deepseek.v3.2") == 0)
    #expect(points("unheard.of-v1:0") == 0)
  }

  @Test func tellsModelsHowMuchToThink() {
    func fields(_ model: String, _ reasoning: ChatRequest.Reasoning) -> String {
      let members = BedrockRequestBody(
        request(model) {
          $0.reasoning = reasoning
          $0.temperature = 0.5
          $0.maxOutputTokens = 8000
        }
      ).members
      let warm = members["inferenceConfig"]?["temperature"] != nil ? "warm " : ""
      return warm + (members["additionalModelRequestFields"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")
    }
    #expect(
      fields("us.anthropic.claude-sonnet-5", .effort(.high))
        == #"{"output_config":{"effort":"high"},"thinking":{"type":"adaptive"}}"#)
    #expect(
      fields("anthropic.claude-haiku-4-5-20251001-v1:0", .budget(2000))
        == #"{"thinking":{"budget_tokens":2000,"type":"enabled"}}"#)
    #expect(fields("openai.gpt-oss-120b-1:0", .effort(.medium)) == #"warm {"reasoning_effort":"medium"}"#)
    #expect(
      fields("us.amazon.nova-2-lite-v1:0", .effort(.high))
        == #"warm {"reasoningConfig":{"maxReasoningEffort":"medium","type":"enabled"}}"#)
    #expect(fields("us.amazon.nova-2-lite-v1:0", .effort(.none)) == #"warm {"reasoningConfig":{"type":"disabled"}}"#)
    #expect(fields("us.amazon.nova-pro-v1:0", .effort(.high)) == "warm ")
  }

  @Test func leavesOutWhatModelsRefuse() {
    func settings(_ model: String) -> String {
      let request = request(model) {
        $0.temperature = 2
        $0.topP = 0.5
        $0.maxOutputTokens = nil
      }
      return BedrockRequestBody(request).members["inferenceConfig"].map { String(decoding: $0.bytes, as: UTF8.self) }
        ?? ""
    }
    #expect(settings("us.anthropic.claude-sonnet-5") == "")
    #expect(settings("anthropic.claude-haiku-4-5-20251001-v1:0") == #"{"temperature":1.0}"#)
    #expect(settings("us.amazon.nova-pro-v1:0") == #"{"temperature":1.0,"topP":0.5}"#)
  }

  @Test(
    arguments: [
      ("anthropic.claude-3-5-sonnet-20241022-v2:0", nil, "anthropic.claude-3-5-sonnet-20241022-v2:0"),
      ("converse/us.amazon.nova-pro-v1:0", nil, "us.amazon.nova-pro-v1:0"),
      ("us-east-1/anthropic.claude-v2:1", "us-east-1", "anthropic.claude-v2:1"),
      ("converse/us-gov-west-1/amazon.nova-pro-v1:0", "us-gov-west-1", "amazon.nova-pro-v1:0"),
      (
        "arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc", nil,
        "arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc"
      ),
      (
        "converse/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.a", nil,
        "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.a"
      ),
      ("us.anthropic.claude-sonnet-5", nil, "us.anthropic.claude-sonnet-5"),
    ] as [(String, String?, String)])
  func takesNamesApart(_ name: String, _ region: String?, _ id: String) {
    let parsed = BedrockModelName(name)
    #expect(parsed.region == region)
    #expect(parsed.id == id)
    #expect(parsed.isConverse)
  }

  @Test func knowsWhatConverseDoesNotAnswer() {
    #expect(!BedrockModelName("agent/ABC").isConverse)
    #expect(ProviderDefinition.bedrock.chat("agent/ABC", ModelTraits()) == nil)
    let embedder = ModelTraits(ProviderDefinition.bedrock.entry("amazon.titan-embed-text-v2:0", in: .embedded))
    #expect(ProviderDefinition.bedrock.chat("amazon.titan-embed-text-v2:0", embedder) == nil)
    #expect(ProviderDefinition.bedrock.chat("us.amazon.nova-pro-v1:0", ModelTraits()) != nil)
  }

  @Test(
    arguments: [
      ("us.anthropic.claude-sonnet-5", nil, "us.anthropic.claude-sonnet-5"),
      ("anthropic.claude-sonnet-5", nil, "anthropic.claude-sonnet-5"),
      ("anthropic.claude-sonnet-5-v1:0", nil, "anthropic.claude-sonnet-5"),
      ("converse/global.anthropic.claude-sonnet-5", nil, "global.anthropic.claude-sonnet-5"),
      ("anthropic.claude-sonnet-5", "us-gov-east-1", "bedrock/us-gov-east-1/anthropic.claude-sonnet-5"),
      ("us-gov-east-1/anthropic.claude-sonnet-5", "us-east-1", "bedrock/us-gov-east-1/anthropic.claude-sonnet-5"),
      ("us-east-1/anthropic.claude-sonnet-5", nil, "anthropic.claude-sonnet-5"),
      (
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-5", nil,
        "us.anthropic.claude-sonnet-5"
      ),
      ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", nil, "amazon.nova-pro-v1:0"),
      ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", nil, nil),
      // Not listed for that geography: what others cost.
      ("ca.anthropic.claude-sonnet-5", nil, "us.anthropic.claude-sonnet-5"),
      ("apac.anthropic.claude-opus-4-6-v1", nil, "us.anthropic.claude-opus-4-6-v1"),
      ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", nil, "us.anthropic.claude-3-5-sonnet-20241022-v2:0"),
      ("unheard.of-v1:0", nil, nil),
    ] as [(String, String?, String?)])
  func findsPrices(_ model: String, _ region: String?, _ name: String?) {
    var values: [String: String] = [:]
    values["aws_region_name"] = region
    let entry = ProviderDefinition.bedrock.entry(model, values: values, in: .embedded)
    #expect(entry?.name == name)
    #expect((entry?.price ?? .unknown) != .unknown || name == nil)
  }

  @Test func countsTokensOnRequest() async throws {
    let server = try TestHTTPServer { request, connection in
      let prompt = (request.json["input"] as? [String: Any])?["converse"] as? [String: Any]
      try connection.respond(prompt?["messages"] == nil ? 400 : 200, body: #"{"inputTokens":17}"#)
    }
    defer { server.stop() }
    let transport = CurlTransport()
    defer { transport.shutDown() }
    let count = try await ProviderDefinition.bedrock.inputTokens(
      of: ProviderFake.bedrock.request, at: try ProviderFake.bedrock.endpoint(server.base), transport: transport)
    #expect(count == 17)
    #expect(server.requests.first?.target == "/model/anthropic.claude-x-v1%3A0/count-tokens")
    #expect(server.requests.first?.headers["authorization"]?.hasPrefix("AWS4-HMAC-SHA256 ") == true)
  }
}
