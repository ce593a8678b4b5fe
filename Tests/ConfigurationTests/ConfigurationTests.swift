import Configuration
import HTTPTransport
import Testing

struct ConfigurationTests {
  func read(_ text: String, _ environment: [String: String] = [:]) throws -> Configuration {
    try Configuration(yaml: Array(text.utf8), environment: environment)
  }

  func failure(_ text: String) -> ConfigurationError? {
    do {
      _ = try read(text)
      return nil
    } catch { return error as? ConfigurationError }
  }

  @Test func readsLiteLLMsList() throws {
    let configuration = try read(
      """
      model_list:
        - model_name: fast
          litellm_params:
            model: openai/gpt-4o-mini
            api_key: os.environ/MY_KEY
            timeout: 30
            stream_timeout: "2.5"
            max_tokens: 1_000
            input_cost_per_token: 1.5e-07
            output_cost_per_token: 0.0000006
          model_info:
            id: x
            max_input_tokens: 4096
            input_cost_per_token: 9
        - model_name: local
          litellm_params: {model: ollama/qwen, api_base: 'http://127.0.0.1:11434', temperature: 0.1}
      cicerone:
        token_budget: 6000
        max_usd_per_request: 0.05
        model: fast
      """, ["MY_KEY": "sk-1"])
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.tokenBudget == 6000)
    #expect(configuration.maxUSDPerRequest == "0.05")
    #expect(configuration.model == "fast")
    #expect(configuration.models.count == 2)
    let fast = try #require(configuration.models.first)
    #expect(fast.name == "fast")
    #expect(fast.model == "openai/gpt-4o-mini")
    #expect(fast.apiKey == Secret("sk-1"))
    #expect(fast.timeout == 30)
    #expect(fast.streamTimeout == 2.5)
    #expect(fast.maxTokens == 1000)
    #expect(fast.maxInputTokens == 4096)
    #expect(fast.prices.input == "1.5e-07")
    #expect(fast.prices.output == "0.0000006")
    #expect(fast.position == SourcePosition(line: 2, column: 5))
    #expect(configuration.models.last?.apiBase == "http://127.0.0.1:11434")
    #expect(configuration.models.last?.temperature == 0.1)
  }

  @Test func readsJSONToo() throws {
    let configuration = try read(
      #"{"model_list": [{"model_name": "a", "litellm_params": {"model": "openai/x"}}], "cicerone": {"token_budget": 5}}"#
    )
    #expect(configuration.models.first?.model == "openai/x")
    #expect(configuration.tokenBudget == 5)
  }

  @Test func dropsNothingSilently() throws {
    let configuration = try read(
      """
      model_list:
        - model_name: a
          litellm_params:
            model: openai/x
            rmp: 5
            budget_duration: 1d
          surprise: 1
      general_settings: {}
      nonsense: 2
      cicerone:
        tokenbudget: 3
      """)
    #expect(
      configuration.warnings.map(\.description) == [
        "5:7: litellm_params.rmp is not known and has no effect",
        "6:7: litellm_params.budget_duration is not supported: a request is limited by "
          + "cicerone.max_usd_per_request, minutes by rpm and tpm",
        "7:5: model_list[].surprise is not known and has no effect", "9:1: nonsense is not known and has no effect",
        "11:3: cicerone.tokenbudget is not known and has no effect",
      ])
    #expect(configuration.warnings.map(\.hint) == ["did you mean rpm?", nil, nil, nil, "did you mean token_budget?"])
    let notes = configuration.problems.filter { $0.severity == .note }
    #expect(notes.map(\.description) == ["8:1: general_settings has no effect: it configures LiteLLM's server"])
  }

  @Test func warnsOfWhatIsMissingOrTwice() throws {
    let configuration = try read(
      """
      model_list:
        - model_name: a
        - litellm_params: {model: openai/y, api_key: os.environ/NOT_SET}
      cicerone: {model: a, model: b}
      ---
      more: 1
      """)
    #expect(configuration.models.map(\.name) == ["openai/y"])
    #expect(configuration.models.first?.apiKey == nil)
    #expect(configuration.model == "b")
    #expect(configuration.warnings.count == 4)
    #expect(configuration.warnings.contains { $0.message.contains("NOT_SET") })
  }

  @Test(arguments: ["", "\n# nothing\n", "~", "model_list:\ncicerone:\n"])
  func emptyIsNothing(_ text: String) throws {
    let configuration = try read(text)
    #expect(configuration.models.isEmpty)
    #expect(configuration.warnings.isEmpty)
  }

  @Test func saysWhereItIsWrong() {
    #expect(failure("a: [1, 2\nb: 3")?.position.line == 2)
    #expect(failure("cicerone:\n  token_budget: many")?.position == SourcePosition(line: 2, column: 17))
    #expect(failure("cicerone:\n  token_budget: -1") != nil)
    #expect(failure("cicerone:\n  max_usd_per_request: -1") != nil)
    #expect(failure("cicerone:\n  max_usd_per_request: 0x10") != nil)
    #expect(failure("model_list: 5")?.description == "1:13: model_list must be a list, not “5”")
    #expect(failure("- 1")?.message == "the file must be a mapping, not a list")
    #expect(failure("a: *nowhere")?.message == "no anchor is named nowhere")
    #expect(failure("? [1]\n: 2")?.message == "a key must be text")
    #expect(failure("\u{0}") != nil)
    #expect(failure("model_list:\n  - model_name: {a: b}") != nil)
  }

  @Test func followsAnchorsAndMerges() throws {
    let configuration = try read(
      """
      model_list:
        - model_name: a
          litellm_params: &base {model: openai/x, timeout: 3}
        - model_name: b
          litellm_params:
            <<: *base
            model: openai/y
      """)
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.models.last?.model == "openai/y")
    #expect(configuration.models.last?.timeout == 3)
  }

  @Test func aliasesCannotExplode() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<20 {
      text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    #expect(failure(text)?.message.contains("aliases expanded") == true)
  }

  @Test func depthAndSizeAreBounded() {
    #expect(
      failure(String(repeating: "[", count: 100) + String(repeating: "]", count: 100))?.message.contains("deep") == true
    )
    #expect(failure(String(repeating: "#", count: (1 << 20) + 1))?.message.contains("larger") == true)
    #expect(failure(String(repeating: "- a\n", count: 100_001))?.message.contains("more than") == true)
  }

  @Test func randomBytesNeverCrash() {
    var state: UInt64 = 42
    let alphabet = Array("-:[]{}&*!|>'\"%@` \n\tab01#?,~<é\\".utf8)
    for _ in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<40 {
        state = state &* 6_364_136_223_846_793_005 &+ 1
        bytes.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      _ = try? Configuration(yaml: bytes, environment: [:])
    }
  }
}
