import HTTPTransport
import Ledger
import Testing

@testable import Providers

struct AzureTests {
  private let definition = ProviderDefinition.azure

  private func endpoint(
    _ base: String?, _ values: [String: String] = [:], key: String? = "k", secrets: [String: Secret] = [:],
    environment: [String: String] = [:]
  ) throws(ProviderSetupError) -> Endpoint {
    try definition.endpoint(
      ProviderSettings(
        apiBase: base, apiKey: key.flatMap(Secret.init), values: values, secrets: secrets, environment: environment))
  }

  private func url(_ endpoint: Endpoint, _ model: String = "my-gpt", _ traits: ModelTraits = ModelTraits()) throws
    -> String
  {
    var request = question
    request.model = model
    request.traits = traits
    let format = try #require(definition.chat(model, traits))
    return try format.exchange(request, at: endpoint).httpRequest().url.description
  }

  @Test(arguments: [
    ("https://r.openai.azure.com", "2024-10-21", "openai/deployments/my-gpt/chat/completions?api-version=2024-10-21"),
    ("https://r.openai.azure.com/", nil, "openai/deployments/my-gpt/chat/completions?api-version=2025-02-01-preview"),
    (
      "https://r.openai.azure.com/openai/", "2024-10-21",
      "openai/deployments/my-gpt/chat/completions?api-version=2024-10-21"
    ),
    (
      "https://r.openai.azure.com/openai/deployments/other/chat/completions?api-version=2024-06-01", nil,
      "openai/deployments/my-gpt/chat/completions?api-version=2024-06-01"
    ),
    ("https://r.openai.azure.com/openai/v1", nil, "openai/v1/chat/completions"),
    ("https://r.openai.azure.com/openai/v1/", "preview", "openai/v1/chat/completions?api-version=preview"),
    ("https://r.openai.azure.com", "v1", "openai/v1/chat/completions"),
    ("https://r.openai.azure.com", "latest", "openai/v1/chat/completions"),
  ])
  func knowsBothSurfaces(_ base: String, _ version: String?, _ path: String) throws {
    var values: [String: String] = [:]
    values["api_version"] = version
    #expect(try url(endpoint(base, values)) == "https://r.openai.azure.com/" + path)
  }

  @Test func aNameCannotLeaveItsPlace() throws {
    let found = try url(endpoint("https://r.openai.azure.com", ["api_version": "2024-10-21"]), "a/../b?c")
    #expect(found.contains("/deployments/a%2F..%2Fb%3Fc/chat/completions?api-version=2024-10-21"))
  }

  @Test func responsesAreOfferedByTheNewerSurfaceOnly() throws {
    let classic = try endpoint("https://r.openai.azure.com", ["api_version": "2024-10-21"])
    #expect(try url(classic, "responses/my-gpt") == "https://r.openai.azure.com/openai/v1/responses")
    #expect(
      try url(classic, "my-gpt", ModelTraits(mode: .responses)) == "https://r.openai.azure.com/openai/v1/responses")
  }

  @Test func showsAKeyOrAToken() throws {
    let key = try endpoint("https://r.openai.azure.com")
    #expect(key.openAIHeaders(.azure).map(\.name) == ["api-key"])
    let token = try endpoint(
      "https://r.openai.azure.com", key: nil, secrets: ["azure_ad_token": try #require(Secret("t"))])
    #expect(token.credential == .bearer(try #require(Secret("t"))))
    #expect(token.openAIHeaders(.azure).map(\.name) == ["Authorization"])
  }

  @Test func takesWhatIsMissingFromTheEnvironment() throws {
    for (name, value) in [("AZURE_API_BASE", "AZURE_API_KEY"), ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY")] {
      let found = try endpoint(
        nil, key: nil,
        environment: [name: "https://r.openai.azure.com", value: "k", "AZURE_API_VERSION": "2024-10-21"])
      #expect(found.credential == .key(try #require(Secret("k"))))
      #expect(try url(found).hasSuffix("api-version=2024-10-21"))
    }
    let token = try endpoint(
      "https://r.services.ai.azure.com", key: nil, environment: ["AZURE_OPENAI_AD_TOKEN": "t"])
    #expect(token.credential == .bearer(try #require(Secret("t"))))
    // What Azure gave is shown to nobody else.
    let far = try endpoint(
      "https://example.com", key: nil, environment: ["AZURE_OPENAI_AD_TOKEN": "t", "AZURE_API_KEY": "k"])
    #expect(far.credential == .none)
    #expect(throws: ProviderSetupError.self) { try endpoint(nil) }
    #expect(throws: ProviderSetupError.self) { try endpoint("https://r.openai.azure.com", key: nil) }
  }

  @Test func writesWhatTheDeploymentsModelTakes() throws {
    func body(_ baseModel: String, version: String = "2024-10-21") throws -> JSONTree {
      var request = question
      request.model = "my-deployment"
      request.temperature = 0.2
      request.reasoning = .effort(.max)
      request.traits = ModelTraits(definition.entry(baseModel, in: .embedded))
      #expect(request.traits.isKnown)
      let endpoint = try endpoint("https://r.openai.azure.com", ["api_version": version])
      let exchange = OpenAIChatFormat(OpenAIQuirks(address: .azure)).exchange(request, at: endpoint)
      return try JSONTree(parsing: exchange.httpRequest().body)
    }
    let thinking = try body("azure/gpt-5")
    #expect(thinking["max_completion_tokens"]?.int == 64)
    #expect(thinking["temperature"] == nil)
    #expect(thinking["reasoning_effort"]?.string == "high")
    let plain = try body("azure/gpt-4o")
    #expect(plain["max_tokens"]?.int == 64)
    #expect(plain["temperature"] == .number(0.2))
    #expect(plain["reasoning_effort"] == nil)
    #expect(plain["messages"]?[0]?["role"]?.string == "system")
    #expect(plain["store"] == nil)
    #expect(plain["stream_options"] != nil)
    #expect(try body("azure/gpt-4o", version: "2024-06-01")["stream_options"] == nil)
  }

  @Test func foundryHasItsOwnPaths() throws {
    func url(_ base: String, _ values: [String: String] = [:]) throws -> (String, [String]) {
      let endpoint = try ProviderDefinition.azureAI.endpoint(
        ProviderSettings(apiBase: base, apiKey: Secret("k"), values: values))
      let format = try #require(ProviderDefinition.azureAI.chat("m", ModelTraits()))
      let request = try format.exchange(question, at: endpoint).httpRequest()
      return (request.url.description, request.headers.map(\.name))
    }
    let own = try url("https://r.services.ai.azure.com")
    #expect(own.0 == "https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview")
    #expect(own.1.first == "api-key")
    let serverless = try url("https://x.eastus.models.ai.azure.com/v1")
    #expect(serverless.0 == "https://x.eastus.models.ai.azure.com/v1/chat/completions")
    #expect(serverless.1.first == "Authorization")
  }

  @Test(arguments: [
    (400, "azure.error.filter.json", ProviderError.Kind.contentPolicy), (404, "azure.error.nodeploy.json", .notFound),
  ])
  func classifies(_ status: Int, _ name: String, _ kind: ProviderError.Kind) throws {
    let exchange = OpenAIChatFormat(OpenAIQuirks(address: .azure)).exchange(
      question, at: try endpoint("https://r.openai.azure.com"))
    let found = exchange.error(
      status: status, headers: HTTPHeaders(["apim-request-id": "r1"]), body: try fixture(name), now: 0)
    #expect(found.kind == kind)
    #expect(found.requestID == "r1")
    let limited = exchange.error(
      status: 429, headers: HTTPHeaders(["retry-after": "6"]),
      body: Array(#"{"error":{"code":"429","message":"x"}}"#.utf8),
      now: 0)
    #expect(limited.kind == .rateLimit)
    #expect(limited.retryAfter == .seconds(6))
  }
}
