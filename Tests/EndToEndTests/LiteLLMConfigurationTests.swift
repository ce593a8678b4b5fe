import Foundation
import TestHTTPServer
import Testing

/// A configuration of the shape that LiteLLM's documentation shows, unchanged but for where the variables point: several
/// deployments of one group at Azure and OpenAI, a group to fall back to, limits, and settings that only a proxy has.
@Suite(.serialized) struct LiteLLMConfigurationTests {
  private static let configuration = """
    model_list:
      - model_name: gpt-4o
        litellm_params:
          model: azure/gpt-4o-eu
          api_base: os.environ/AZURE_API_BASE_EU
          api_key: os.environ/AZURE_API_KEY_EU
          api_version: "2024-10-21"
          rpm: 10
        model_info:
          base_model: azure/gpt-4o
      - model_name: gpt-4o
        litellm_params:
          model: azure/gpt-4o-ca
          api_base: os.environ/AZURE_API_BASE_CA
          api_key: os.environ/AZURE_API_KEY_CA
          api_version: "2024-10-21"
          rpm: 10
          tpm: 1000000
      - model_name: gpt-4o
        litellm_params:
          model: openai/gpt-4o
          api_base: os.environ/OPENAI_GATEWAY
          api_key: os.environ/OPENAI_API_KEY
          rpm: 10
      - model_name: backup
        litellm_params:
          model: openai/gpt-4o-mini
          api_base: os.environ/BACKUP_GATEWAY
          api_key: os.environ/OPENAI_API_KEY

    litellm_settings:
      num_retries: 2
      request_timeout: 20
      fallbacks: [{"gpt-4o": ["backup"]}]
      context_window_fallbacks: [{"gpt-4o": ["backup"]}]
      allowed_fails: 3
      drop_params: true
      set_verbose: false

    router_settings:
      routing_strategy: simple-shuffle
      model_group_alias: {"gpt-4": "gpt-4o"}
      num_retries: 2
      timeout: 30
      cooldown_time: 30
      enable_pre_call_checks: true
      redis_host: os.environ/REDIS_HOST
      redis_port: 1992

    general_settings:
      master_key: os.environ/LITELLM_MASTER_KEY
      alerting: ["slack"]
    """

  /// The servers, and an editor whose program has that configuration.
  private struct World {
    let europe, canada, openAI, backup: FakeDeployment
    let scratch: Scratch
    let editor: Editor

    var group: [FakeDeployment] { [europe, canada, openAI] }

    init() async throws {
      europe = try FakeDeployment("Europe")
      canada = try FakeDeployment("Canada")
      openAI = try FakeDeployment("OpenAI")
      backup = try FakeDeployment("Backup")
      scratch = try Scratch()
      try SampleWorkspace.write(to: scratch)
      let file = try scratch.configuration(LiteLLMConfigurationTests.configuration)
      editor = try await Editor.open(
        scratch, options: ["--config", file],
        environment: [
          "AZURE_API_BASE_EU": europe.base, "AZURE_API_KEY_EU": "key-of-europe", "AZURE_API_BASE_CA": canada.base,
          "AZURE_API_KEY_CA": "key-of-canada", "OPENAI_GATEWAY": openAI.base + "/v1",
          "BACKUP_GATEWAY": backup.base + "/v1", "OPENAI_API_KEY": "sk-of-openai",
        ])
      try await editor.synchronize()
    }

    /// Asks the group and answers which server it was; each question is another one.
    func ask(_ number: Int, model: String = "gpt-4o") async throws -> String {
      let asked = try await editor.ask(
        "how does raiseApoapsis compute the burn, part \(number)?", ["model": .string(model)])
      #expect(asked.answer.hasSuffix("that answered [1]."), "\(asked.result)")
      let name = asked.answer.split(separator: " ").dropFirst(2).first.map(String.init) ?? "nobody"
      // That another group answered is no less an answer; how it came about is told.
      #expect(asked.reason == nil, "\(asked.result)")
      let told = asked.result["route"]?["reason"]?.text ?? ""
      #expect(told.contains("backup after gpt-4o") == (name == backup.name), "\(told)")
      return name
    }
  }

  @Test func requestsAreSharedOutUntilTheLimits() async throws {
    let world = try await World()
    let start = ContinuousClock.now
    var answers: [String: Int] = [:]
    for number in 0..<34 { answers[try await world.ask(number), default: 0] += 1 }
    // Limits are those of a minute: on a machine that is busy it may pass.
    if ContinuousClock.now - start < .seconds(50) {
      for deployment in world.group {
        #expect(answers[deployment.name] == 10, "\(answers)")
        #expect(deployment.questions.count == 10)
      }
      #expect(answers["Backup"] == 4)
    }
    let europe = try #require(world.europe.questions.first)
    #expect(europe.target == "/openai/deployments/gpt-4o-eu/chat/completions?api-version=2024-10-21")
    #expect(europe.headers["api-key"] == "key-of-europe")
    #expect(europe.headers["authorization"] == nil)
    #expect(world.canada.questions.first?.headers["api-key"] == "key-of-canada")
    let openAI = try #require(world.openAI.questions.first)
    #expect(openAI.target == "/v1/chat/completions")
    #expect(openAI.headers["authorization"] == "Bearer sk-of-openai")
    #expect(try JSON(parsing: openAI.body)["model"] == "gpt-4o")
    #expect(try await world.editor.shutDown() == .exited(0))
  }

  @Test func aFailingDeploymentLosesNoRequest() async throws {
    let world = try await World()
    world.canada.failure = 500
    for number in 0..<8 { #expect(["Europe", "OpenAI"].contains(try await world.ask(number))) }
    // All of the group: the next one answers, also by the group's other name.
    world.europe.failure = 503
    world.openAI.failure = 500
    #expect(try await world.ask(8) == "Backup")
    #expect(try await world.ask(9, model: "gpt-4") == "Backup")
    #expect(world.backup.questions.count == 2)
    #expect(try await world.editor.shutDown() == .exited(0))
  }

  @Test func theFileIsUnderstood() async throws {
    let world = try await World()
    let models = try await world.editor.request("rag/models")["result"]
    let names = models?["models"]?.items.compactMap { $0["name"]?.text } ?? []
    #expect(names.filter { $0 == "gpt-4o" }.count == 3, "\(String(describing: models))")
    #expect(names.contains("backup"))
    #expect(!world.editor.everything.contains("key-of-europe"))
    #expect(!world.editor.everything.contains("sk-of-openai"))
    #expect(try await world.editor.shutDown() == .exited(0))
  }
}
