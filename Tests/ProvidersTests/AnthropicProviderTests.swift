import CurlTransport
import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct AnthropicProviderTests {
  func endpoint(
    _ environment: [String: String] = [:], base: String? = nil, key: String? = nil
  ) throws(ProviderSetupError) -> Endpoint {
    try ProviderDefinition.anthropic.endpoint(
      ProviderSettings(apiBase: base, apiKey: key.flatMap(Secret.init), environment: environment))
  }

  func headers(_ endpoint: Endpoint) throws -> [String: HTTPRequestHeader.Value] {
    let request = try AnthropicChatFormat().exchange(question, at: endpoint).httpRequest()
    return Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
  }

  @Test func findsItsServerAndItsKey() throws {
    let plain = try endpoint(["ANTHROPIC_API_KEY": "k1", "ANTHROPIC_AUTH_TOKEN": "t1"])
    #expect(plain.base.description == "https://api.anthropic.com")
    #expect(try headers(plain)["x-api-key"] == .secret(prefix: "", try #require(Secret("k1"))))
    #expect(try headers(plain)["Authorization"] == nil)
    #expect(try headers(plain)["anthropic-version"] == .plain("2023-06-01"))
    let token = try endpoint(["ANTHROPIC_AUTH_TOKEN": "t1"])
    #expect(try headers(token)["Authorization"] == .secret(prefix: "Bearer ", try #require(Secret("t1"))))
    #expect(try headers(token)["x-api-key"] == nil)
    #expect(throws: ProviderSetupError.self) { try endpoint() }
    // A key of the environment goes where the environment says that the provider is, and nowhere else.
    let moved = try endpoint(["ANTHROPIC_API_KEY": "k1", "ANTHROPIC_BASE_URL": "https://proxy.example/x"])
    #expect(moved.base.host == "proxy.example")
    #expect(moved.credential != .none)
    #expect(try endpoint(["ANTHROPIC_API_KEY": "k1"], base: "http://127.0.0.1:8080").credential == .none)
    #expect(try endpoint(base: "http://127.0.0.1:8080", key: "own").credential.secret == Secret("own"))
  }

  @Test(arguments: [
    ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
    ("https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"),
    ("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"),
    ("https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1/messages"),
    ("https://api.deepseek.com/anthropic", "https://api.deepseek.com/anthropic/v1/messages"),
    ("http://127.0.0.1:4000", "http://127.0.0.1:4000/v1/messages"),
  ])
  func completesTheAddress(_ base: String, _ expected: String) throws {
    let endpoint = try endpoint(base: base, key: "k")
    #expect(try AnthropicChatFormat().exchange(question, at: endpoint).httpRequest().url.description == expected)
  }

  @Test func saysVersionAndTrialsOnce() throws {
    var endpoint = try endpoint(key: "k")
    endpoint.values = ["anthropic_version": "2026-10-21", "anthropic_beta": "a,b"]
    #expect(try headers(endpoint)["anthropic-version"] == .plain("2026-10-21"))
    #expect(try headers(endpoint)["anthropic-beta"] == .plain("a,b"))
    endpoint.headers = [HTTPRequestHeader("Anthropic-Beta", "c")]
    #expect(try headers(endpoint)["anthropic-beta"] == nil)
    #expect(try headers(endpoint)["Anthropic-Beta"] == .plain("c"))
  }

  @Test func listsModelsPageByPage() async throws {
    let server = try TestHTTPServer { request, connection in
      let isFirst = !request.target.contains("after_id")
      try connection.respond(
        200,
        body: isFirst
          ? #"{"data":[{"id":"claude-a","max_input_tokens":200000}],"has_more":true,"first_id":"claude-a","last_id":"claude a&b"}"#
          : #"{"data":[{"id":"claude-b"}],"has_more":false,"last_id":"claude-b"}"#)
    }
    defer { server.stop() }
    let transport = CurlTransport()
    defer { transport.shutDown() }
    let models = try await ProviderDefinition.anthropic.models(
      at: try endpoint(base: server.base, key: "sk-secret-key"), transport: transport)
    #expect(models == [ListedModel(id: "claude-a", contextTokens: 200_000), ListedModel(id: "claude-b")])
    #expect(
      server.requests.map(\.target) == ["/v1/models?limit=1000", "/v1/models?limit=1000&after_id=claude%20a%26b"])
    #expect(server.requests.allSatisfy { $0.headers["x-api-key"] == "sk-secret-key" })
  }

  @Test func aListWithoutEndEnds() async throws {
    let server = try TestHTTPServer { _, connection in
      try connection.respond(200, body: #"{"data":[{"id":"m"}],"has_more":true,"last_id":"m"}"#)
    }
    defer { server.stop() }
    let transport = CurlTransport()
    defer { transport.shutDown() }
    let models = try await ProviderDefinition.anthropic.models(
      at: try endpoint(base: server.base), transport: transport)
    #expect(models.count == 32)
  }

  @Test func countsTokensOnRequest() async throws {
    let reply = String(decoding: try fixture("anthropic.count.json"), as: UTF8.self)
    let server = try TestHTTPServer { request, connection in
      let isRight = request.json["max_tokens"] == nil && request.json["stream"] == nil && request.json["system"] != nil
      try connection.respond(isRight ? 200 : 400, body: reply)
    }
    defer { server.stop() }
    let transport = CurlTransport()
    defer { transport.shutDown() }
    let count = try await ProviderDefinition.anthropic.inputTokens(
      of: question, at: try endpoint(base: server.base), transport: transport)
    #expect(count == 2095)
    #expect(server.requests.first?.target == "/v1/messages/count_tokens")
    await #expect(throws: ProviderError.self) {
      try await ProviderDefinition.openAI.inputTokens(
        of: question, at: try endpoint(base: server.base), transport: transport)
    }
  }

  @Test(arguments: [
    ("claude-sonnet-4-5", "claude-sonnet-4-5"), ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20250929"),
    ("claude-sonnet-5-20260301", "claude-sonnet-5"), ("claude-sonnet-5@20260301", "claude-sonnet-5"),
    ("claude-opus-5-5-latest", "claude-opus-5-5"), ("claude-sonnet-5-5-thinking", nil), ("claude", nil),
  ])
  func findsThePriceOfSnapshots(_ model: String, _ name: String?) {
    #expect(ProviderDefinition.anthropic.entry(model, in: .embedded)?.name == name)
  }

  @Test(arguments: [
    ("anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
    ("anthropic.claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
    ("anthropic.claude-sonnet-4-5-20250929", "anthropic", "claude-sonnet-4-5-20250929"),
    ("bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0", "bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
    ("bedrock/anthropic.claude-sonnet-5", "bedrock", "anthropic.claude-sonnet-5"),
    ("anthropic.claude-3-5-sonnet-20241022-v2:0", "bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
    ("us.anthropic.claude-sonnet-5", "bedrock", "us.anthropic.claude-sonnet-5"),
    ("bedrock/converse/us.amazon.nova-pro-v1:0", "bedrock", "converse/us.amazon.nova-pro-v1:0"),
    ("bedrock_converse/amazon.nova-pro-v1:0", "bedrock", "amazon.nova-pro-v1:0"),
    ("bedrock/us-east-1/anthropic.claude-v2:1", "bedrock", "us-east-1/anthropic.claude-v2:1"),
    ("bedrock.anthropic.claude-sonnet-5", "bedrock", "anthropic.claude-sonnet-5"),
    (
      "arn:aws:bedrock:us-east-1:1:inference-profile/us.a.b", "bedrock",
      "arn:aws:bedrock:us-east-1:1:inference-profile/us.a.b"
    ),
    ("ollama/llama3.2:1b", "ollama", "llama3.2:1b"), ("openai/gpt-4.1", "openai", "gpt-4.1"),
  ])
  func splitsNames(_ name: String, _ provider: String, _ model: String) throws {
    let (definition, rest) = try #require(ProviderRegistry.standard.split(name))
    #expect(definition.id == provider)
    #expect(rest == model)
  }

  @Test(arguments: ["llama3.2:1b", "gpt-4.1", "gemma-3:4", "a/b", "x.y:0"])
  func leavesOtherNamesAlone(_ name: String) { #expect(ProviderRegistry.standard.split(name) == nil) }
}
