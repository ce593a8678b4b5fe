import Configuration
import HTTPTransport
import Providers
import Testing

@testable import Router

/// The file that `init` writes is right, and gives the models that were found.
@Suite struct StarterConfigurationTests {
  func deployment(
    _ provider: String, _ base: String, _ model: String, key: String? = nil
  ) throws -> Deployment {
    Deployment(
      name: model,
      endpoint: Endpoint(
        provider: provider, base: try HTTPURL(base), credential: key.flatMap(Secret.init).map(Credential.key) ?? .none),
      model: model)
  }

  func read(_ text: String, _ environment: [String: String]) -> Configuration {
    let configuration = Configuration.read(yaml: Array(text.utf8), environment: environment)
    let problems = ConfigurationCheck.problems(of: configuration, environment: environment)
    #expect(problems.isEmpty, "\(problems)\n\(text)")
    return configuration
  }

  @Test func nothingFoundGivesExamplesInComments() {
    var found = ModelDiscovery.Found()
    found.notes = ["OPENAI_BASE_URL is set,\nbut\u{1b} OPENAI_API_KEY is not"]
    let text = StarterConfiguration(found: found, environment: [:]).text
    let configuration = read(text, [:])
    #expect(configuration.models.isEmpty)
    #expect(configuration.tokenBudget == 4000)
    #expect(configuration.maxUSDPerRequest == "0.25")
    #expect(!text.contains("\u{1b}"))
    // What stands in comments is right too.
    let uncommented = text.replacing(#/(?m)^( *)# ( *(- )?[a-z_0-9-]+:( .*)?)$/#) { $0.1 + $0.2 }
    let all = Configuration.read(yaml: Array(uncommented.utf8), environment: ["OPENAI_API_KEY": "k"])
    #expect(all.models.map(\.name) == ["fast", "local"])
    #expect(all.router.fallbacks.count == 1)
    #expect(all.settings.tasks.count == 1)
    #expect(all.problems.filter { $0.severity != .note }.isEmpty, "\(all.problems)\n\(uncommented)")
  }

  @Test func whatWasFoundIsWhatIsConfigured() throws {
    let environment = ["OPENAI_API_KEY": "sk-very-secret", "ANTHROPIC_API_KEY": "sk-secret-too"]
    var found = ModelDiscovery.Found()
    found.deployments = [
      try deployment("openai", "https://api.openai.com/v1", "gpt-4o-mini", key: "sk-very-secret"),
      try deployment("lm_studio", "http://127.0.0.1:1234/v1", "qwen 2.5: \"coder\"\n"),
      try deployment("hosted_vllm", "http://127.0.0.1:9999/v1", "gpt-4o-mini"),
    ]
    let text = StarterConfiguration(found: found, environment: environment).text
    #expect(!text.contains("secret"))
    let configuration = read(text, environment)
    let made = DeploymentBuilder(environment: environment).deployments(of: configuration)
    #expect(made.warnings.isEmpty)
    #expect(made.deployments.map(\.model) == found.deployments.map(\.model))
    #expect(made.deployments.map(\.endpoint.base) == found.deployments.map(\.endpoint.base))
    #expect(made.deployments.map(\.endpoint.credential) == found.deployments.map(\.endpoint.credential))
    #expect(made.deployments.map(\.endpoint.provider) == found.deployments.map(\.endpoint.provider))
    #expect(Set(made.deployments.map(\.name)).count == 3)
  }

  @Test func addressesOfTheEnvironmentStayThere() throws {
    let environment = ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "https://user.example/v1", "OPENAI_MODEL": "m"]
    var found = ModelDiscovery.Found()
    found.deployments = [try deployment("openai", "https://user.example/v1", "m", key: "k")]
    let text = StarterConfiguration(found: found, environment: environment).text
    #expect(text.contains("api_base: os.environ/OPENAI_BASE_URL"))
    #expect(!text.contains("user.example"))
  }

  @Test(arguments: [
    "true", "a b", "*", "1e3", "", "a: b", "- x", "é", "\u{7}", "{", "#", "\u{2028}", "a:", "null", "ok/1.5",
  ])
  func anyNameSurvives(_ name: String) throws {
    let yaml =
      "model_list: [{litellm_params: {model: \(YAMLText.value("openai/" + name))}, model_name: \(YAMLText.value(name))}]"
    let configuration = Configuration.read(yaml: Array(yaml.utf8), environment: [:])
    #expect(configuration.models.first?.model == "openai/" + name)
    #expect(configuration.models.first?.name == (name.isEmpty ? "openai/" : name))
  }
}
