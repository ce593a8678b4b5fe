import Configuration
import CurlTransport
import Foundation
import HTTPTransport
import Ledger
import Providers
import TestHTTPServer
import Testing

@testable import Router

struct ModelSetupTests {
  func build(
    _ yaml: String, _ environment: [String: String] = [:]
  ) throws -> (deployments: [Deployment], warnings: [String]) {
    let configuration = try Configuration(yaml: Array(yaml.utf8), environment: environment)
    let built = DeploymentBuilder(environment: environment).deployments(of: configuration)
    return (built.deployments, built.warnings.map(\.description))
  }

  func one(_ parameters: String, _ environment: [String: String] = [:]) throws -> (Deployment?, [String]) {
    let built = try build("model_list: [{model_name: m, litellm_params: {\(parameters)}}]", environment)
    return (built.deployments.first, built.warnings)
  }

  @Test func readsAnOpenAIEntry() throws {
    let (found, warnings) = try one(
      "model: openai/gpt-4o-mini, timeout: 7, max_tokens: 300", ["OPENAI_API_KEY": "k", "OPENAI_PROJECT_ID": "p"])
    let deployment = try #require(found)
    #expect(warnings.isEmpty)
    #expect(deployment.endpoint.base.description == "https://api.openai.com/v1")
    #expect(deployment.endpoint.credential.secret == Secret("k"))
    #expect(deployment.endpoint.values["project"] == "p")
    #expect(deployment.endpoint.timeouts.firstByte == .seconds(7))
    #expect(deployment.model == "gpt-4o-mini")
    #expect(deployment.priceSource == .catalogue)
    #expect(deployment.contextTokens == 128_000)
    #expect(deployment.defaultMaxOutputTokens == 300)
    #expect(try one("model: gpt-4o-mini", ["OPENAI_API_KEY": "k"]).0?.priceSource == .catalogue)
  }

  @Test(arguments: [
    ("model: ollama/qwen", "http://127.0.0.1:11434"), ("model: ollama_chat/qwen", "http://127.0.0.1:11434"),
    ("model: ollama/qwen, api_base: 'http://localhost:9/v1/'", "http://localhost:9"),
    ("model: lm_studio/x", "http://127.0.0.1:1234/v1"),
    ("model: hosted_vllm/x, api_base: 'http://127.0.0.1:7/v1'", "http://127.0.0.1:7/v1"),
    ("model: llamafile/x", "http://127.0.0.1:8080/v1"), ("model: litellm_proxy/x", "http://127.0.0.1:4000/v1"),
    ("model: openai_like/x, api_base: 'http://127.0.0.1:5/api'", "http://127.0.0.1:5/api"),
    ("model: openai/x, api_base: 'http://127.0.0.1:5/v1/chat/completions'", "http://127.0.0.1:5/v1"),
  ])
  func knowsTheFamilies(_ parameters: String, _ base: String) throws {
    let (found, warnings) = try one(parameters)
    #expect(warnings.isEmpty)
    #expect(found?.endpoint.base.description == base)
    #expect(found?.isFree == true)
  }

  @Test(arguments: [
    "model: anthropic/claude-sonnet-5-5", "model: groq/x", "model: unheard-of", "model: 'openai/*'",
    "model: openai_like/x", "model: openai/gpt-4o", "model: 'openai/x', api_base: 'ftp://x'", "model: openai/",
  ])
  func skipsWithAReason(_ parameters: String) throws {
    let (found, warnings) = try one(parameters)
    #expect(found == nil)
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("skipped") == true)
    #expect(warnings.first?.hasPrefix("1:") == true)
  }

  @Test(arguments: ["gpt-5-pro", "responses/gpt-5-pro"])
  func asksModelsAtTheInterfaceThatTheyAnswerAt(_ name: String) throws {
    let (found, warnings) = try one("model: openai/\(name)", ["OPENAI_API_KEY": "k"])
    #expect(warnings.isEmpty)
    let deployment = try #require(found)
    #expect(deployment.priceSource == .catalogue)
    #expect(
      ProviderDefinition.openAI.chat(deployment.model, deployment.traits) is OpenAIResponsesFormat)
  }

  @Test func scriptedAnswersNeedNeitherServerNorKey() throws {
    for parameters in [
      "model: mock/x", "model: openai/gpt-4o, mock_response: hello", "model: openai/x, mock_error: rate_limit",
    ] {
      let (found, warnings) = try one(parameters)
      #expect(warnings.isEmpty, "\(parameters)")
      #expect(found?.endpoint.provider == "mock")
      #expect(found?.isFree == true)
      #expect(found?.isLocal == true)
    }
  }

  @Test func whatWasMeantForOneServerDoesNotGoToAnother() throws {
    let (lost, warnings) = try one(
      "model: openai/gpt-4o, api_base: os.environ/PRIVATE, api_key: os.environ/TEAM", ["OPENAI_API_KEY": "k"])
    #expect(lost == nil)
    #expect(warnings.contains { $0.contains("not set; the entry is skipped") })
    let (keyless, _) = try one("model: openai/gpt-4o, api_key: os.environ/TEAM", ["OPENAI_API_KEY": "k"])
    #expect(keyless == nil)
    #expect(try one("model: gemini/../../x, api_key: k").0 == nil)
  }

  @Test func pricesBehindTheReservationAreNotLifted() throws {
    let entry = "model: openai/gpt-4o, api_key: k, extra_body: {max_tokens: 9, n: 5, x: 1}"
    let deployment = try #require(try one(entry).0)
    let asked = deployment.chatRequest(
      RoutedRequest(messages: [], estimatedInputTokens: 1), maxOutputTokens: 50)
    #expect(asked.extraBody == ["x": .integer(1)])
    #expect(asked.maxOutputTokens == 50)
    let fast = try one("model: openai/gpt-4o, api_key: k, service_tier: priority")
    #expect(fast.0?.price == .unknown)
    #expect(fast.1.count == 1)
  }

  @Test func aFreelyNamedDeploymentIsPricedByItsGroup() throws {
    func azure(_ name: String, _ info: String = "") throws -> Deployment? {
      try build(
        """
        model_list:
          - model_name: \(name)
            litellm_params: {model: azure/our-eu, api_base: 'https://r.openai.azure.com', api_key: k}
        \(info)
        """, [:]
      ).deployments.first
    }
    #expect(try azure("gpt-4o")?.priceSource == .catalogue)
    #expect(try azure("gpt-4o")?.contextTokens == 128_000)
    #expect(try azure("ours")?.priceSource == Deployment.PriceSource.none)
    let named = try azure("gpt-4o", "    model_info: {base_model: azure/gpt-4o-mini}")
    #expect(named?.baseModel == "azure/gpt-4o-mini")
    // Elsewhere the name of a group says nothing of a model's price.
    let other = try one("model: openai/x, api_base: 'https://example.com/v1', api_key: k").0
    #expect(other?.price == .unknown)
  }

  @Test(arguments: [
    ("openai/*", "openai/*", "openai/gpt-4o", "gpt-4o"), ("*", "openai/*", "gpt-4o", "gpt-4o"),
    ("my-*-x", "openai/*", "my-gpt-4o-x", "gpt-4o"),
  ])
  func wildcardsStandForWhatIsAskedFor(_ name: String, _ model: String, _ asked: String, _ found: String) throws {
    let configuration = try Configuration(
      yaml: Array("model_list: [{model_name: '\(name)', litellm_params: {model: '\(model)', api_key: k}}]".utf8),
      environment: [:])
    let builder = DeploymentBuilder(environment: [:])
    #expect(builder.deployments(of: configuration).deployments.isEmpty)
    let made = builder.deployments(named: asked, of: configuration)
    #expect(made.map(\.name) == [asked])
    #expect(made.first?.model == found)
    #expect(made.first?.priceSource == .catalogue)
    #expect(builder.deployments(named: "*", of: configuration).isEmpty)
    if name != "*" { #expect(builder.deployments(named: "other/x", of: configuration).isEmpty) }
  }

  @Test func theOfflineAnswererIsAModelLikeAnyOther() async throws {
    let named = try one("model: extractive").0
    #expect(named?.endpoint.provider == "extractive")
    #expect(named?.isFree == true)
    let configuration = try Configuration(
      yaml: Array(
        """
        model_list: [{model_name: a, litellm_params: {model: ollama/q}}]
        router_settings: {fallbacks: [{a: [extractive]}]}
        """.utf8), environment: [:])
    let setup = await ModelSetup.make(configuration: configuration, environment: [:], transport: NoTransport())
    #expect(setup.deployments.map(\.name) == ["a", "extractive"])
  }

  @Test func openAIsKeyGoesToOpenAIOnly() throws {
    let environment = ["OPENAI_API_KEY": "k"]
    let (far, warnings) = try one("model: openai/x, api_base: 'https://example.com/v1'", environment)
    #expect(far?.endpoint.credential.secret == nil)
    #expect(warnings.count == 1)
    #expect(
      try one("model: openai/x, api_base: 'http://127.0.0.1:1/v1'", environment).0?.endpoint.credential.secret == nil)
    let named = "model: openai/x, api_base: 'https://example.com/v1', api_key: os.environ/OPENAI_API_KEY"
    #expect(try one(named, environment).0?.endpoint.credential.secret == Secret("k"))
    let pointed = ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://example.com/v1"]
    #expect(try one("model: openai/x", pointed).0?.endpoint.credential.secret == Secret("k"))
    let clear = try one("model: openai/x, api_base: 'http://example.com/v1', api_key: k").1
    #expect(clear.first?.contains("unencrypted") == true)
  }

  @Test func pricesAreReadExactly() throws {
    let priced = try one(
      "model: openai/x, api_base: 'https://example.com/v1', api_key: k, input_cost_per_token: 1.5e-07, output_cost_per_token: 6e-07"
    ).0
    #expect(priced?.price == price(150_000, 600_000))
    let free = try one(
      "model: openai/x, api_base: 'https://example.com/v1', api_key: k, input_cost_per_token: 0, output_cost_per_token: 0.0"
    ).0
    #expect(free?.price == .free)
    let (half, warnings) = try one(
      "model: openai/x, api_base: 'https://example.com/v1', api_key: k, input_cost_per_token: 1e-6")
    #expect(half?.price == .unknown)
    #expect(warnings.count == 1)
    // The name alone does not make a price: another server sets its own.
    let named = try one("model: openai/gpt-4o, api_base: 'https://example.com/v1', api_key: k").0
    #expect(named?.price == .unknown)
  }

  // MARK: Discovery

  func discover(_ environment: [String: String], ports: [Int] = []) async -> ModelDiscovery.Found {
    let transport = CurlTransport()
    defer { transport.shutDown() }
    return await ModelDiscovery(
      transport: transport, servers: ports.map { ModelDiscovery.LocalServer(provider: "llamacpp", port: $0) },
      timeout: .seconds(2)
    ).discover(environment: environment)
  }

  @Test func usesTheEnvironment() async throws {
    let official = await discover(["OPENAI_API_KEY": "k"])
    #expect(official.deployments.first?.model == "gpt-6-luna")
    #expect(official.deployments.first?.priceSource == .catalogue)
    #expect(await discover(["OPENAI_API_KEY": "k", "OPENAI_MODEL": "gpt-4o"]).deployments.first?.model == "gpt-4o")
    let far = await discover(["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://example.invalid/v1"])
    #expect(far.deployments.isEmpty)
    #expect(far.notes.count == 1)
    #expect(await discover(["OPENAI_BASE_URL": "https://example.invalid/v1"]).notes.count == 1)
    #expect(await discover(["OPENAI_BASE_URL": "nonsense"]).notes.count == 1)
  }

  @Test func asksALoopbackBaseForItsModels() async throws {
    let server = try TestHTTPServer { _, connection in
      try connection.respond(200, body: #"{"data":[{"id":"text-embedding"},{"id":"qwen","max_model_len":100}]}"#)
    }
    defer { server.stop() }
    let found = await discover(["OPENAI_BASE_URL": server.base + "/v1"])
    #expect(found.deployments.first?.model == "qwen")
    #expect(found.deployments.first?.contextTokens == 100)
    #expect(found.deployments.first?.isFree == true)
    #expect(server.requests.first?.headers["authorization"] == nil)
  }

  @Test func findsLocalServersInOrder() async throws {
    let good = try TestHTTPServer { _, connection in try connection.respond(200, body: #"{"data":[{"id":"one"}]}"#) }
    let other = try TestHTTPServer { _, connection in try connection.respond(200, body: #"{"data":[{"id":"two"}]}"#) }
    let web = try TestHTTPServer { _, connection in try connection.respond(200, body: "<html>hello</html>") }
    let guarded = try TestHTTPServer { _, connection in try connection.respond(401) }
    let gone = try TestHTTPServer { _, _ in }
    gone.stop()
    let all = [gone, web, good, guarded, other]
    defer { for server in all { server.stop() } }
    let found = await discover([:], ports: all.map(\.port))
    #expect(found.deployments.map(\.model) == ["one", "two"])
    #expect(found.deployments.map(\.endpoint.base.port) == [good.port, other.port])
  }

  @Test func aSilentServerIsGivenUp() async throws {
    let silent = try TestHTTPServer { _, connection in connection.waitForClose() }
    defer { silent.stop() }
    let transport = CurlTransport()
    defer { transport.shutDown() }
    let servers = [ModelDiscovery.LocalServer(provider: "ollama", port: silent.port)]
    let found = await ModelDiscovery(transport: transport, servers: servers).discover(environment: [:])
    #expect(found.deployments.isEmpty)
  }

  @Test func configurationComesBeforeDiscovery() async throws {
    let transport = NoTransport()
    let configuration = try Configuration(
      yaml: Array("model_list: [{model_name: a, litellm_params: {model: ollama/q}}]\ncicerone: {model: b}".utf8),
      environment: [:])
    let setup = await ModelSetup.make(
      configuration: configuration, environment: ["OPENAI_API_KEY": "k"], transport: transport)
    #expect(setup.deployments.map(\.name) == ["a"])
    #expect(setup.warnings.count == 1)
    let bare = await ModelSetup.make(
      configuration: Configuration(), environment: ["OPENAI_API_KEY": "k"], transport: transport)
    #expect(bare.deployments.count == 1)
  }
}
