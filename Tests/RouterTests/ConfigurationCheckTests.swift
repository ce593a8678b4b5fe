import Configuration
import Testing

@testable import Router

@Suite struct ConfigurationCheckTests {
  func check(_ yaml: String, _ environment: [String: String] = ["OPENAI_API_KEY": "k"]) -> [ConfigurationProblem] {
    let configuration = Configuration.read(yaml: Array(yaml.utf8), environment: environment)
    return ConfigurationCheck.problems(of: configuration, environment: environment)
  }

  func texts(_ yaml: String, _ environment: [String: String] = ["OPENAI_API_KEY": "k"]) -> [String] {
    check(yaml, environment).map(\.description)
  }

  @Test func nothingIsWrongWithWhatIsRight() {
    #expect(
      texts(
        """
        model_list:
          - {model_name: a, litellm_params: {model: openai/gpt-4o, weight: 2, rpm: 100, tpm: 100000, max_tokens: 1000}}
          - {model_name: a, litellm_params: {model: openai/gpt-4o-mini, weight: 0}}
          - {model_name: b, litellm_params: {model: openai/gpt-4.1, timeout: 20, stream_timeout: 5}}
          - {model_name: e, litellm_params: {model: openai/text-embedding-3-small}, model_info: {mode: embedding}}
          - {model_name: own, litellm_params: {model: openai/x, api_base: 'http://127.0.0.1:1/v1'}}
        router_settings:
          fallbacks: [{a: [b, own]}, {"*": [own]}]
          context_window_fallbacks: [{a: [b]}]
          default_fallbacks: [own]
          model_group_alias: {gpt: a}
        cicerone:
          model: gpt
          tasks: {ask: auto, explain: b, rewrite-query: extractive}
          embedding: e
          token_budget: 6000
        """) == [])
    #expect(texts("") == [])
  }

  @Test func whatCannotBeAskedOrPaidForIsSaid() {
    let problems = check(
      """
      model_list:
        - {model_name: a, litellm_params: {model: nobody/x}}
        - {model_name: b, litellm_params: {model: 'openai/*'}}
        - model_name: c
          litellm_params:
            model: openai/never-heard-of
        - {model_name: d, litellm_params: {model: openai/gpt-4o, cache_read_input_token_cost: 1e-6}}
        - {model_name: e, litellm_params: {model: openai/gpt-image}, model_info: {mode: image_generation}}
      """)
    let texts = problems.map(\.description)
    #expect(texts.contains { $0.hasPrefix("2:") && $0.contains("nobody") && $0.contains("skipped") })
    #expect(texts.contains { $0.hasPrefix("2:") && $0.contains("a cannot be asked") })
    #expect(texts.contains { $0.hasPrefix("3:") && $0.contains("names no single model") })
    #expect(texts.contains("6:14: c: the price of never-heard-of is not known, so it will not be asked"))
    #expect(texts.contains { $0.hasPrefix("7:") && $0.contains("need input_cost_per_token") })
    #expect(problems.first { $0.position?.line == 8 }?.severity == .note)
    #expect(!texts.contains { $0.hasPrefix("8:") && $0.contains("cannot be asked") })
  }

  @Test func deploymentsAtAzureNeedTheModelBehindThem() {
    func problems(_ info: String) -> [ConfigurationProblem] {
      check(
        """
        model_list:
          - model_name: a
            litellm_params: {model: azure/my-deployment, api_base: 'https://x.openai.azure.com', api_key: k}
            model_info: \(info)
        """)
    }
    #expect(problems("{}").map { $0.hint?.contains("base_model") } == [true])
    #expect(problems("{base_model: azure/gpt-4o}").isEmpty)
  }

  @Test func missingKeysAreSaidAtTheEntry() {
    let texts = texts("model_list: [{model_name: a, litellm_params: {model: openai/gpt-4o}}]", [:])
    #expect(texts.contains { $0.hasPrefix("1:") && $0.contains("OPENAI_API_KEY is not set") })
  }

  @Test func whatLeadsNowhereIsSaidAtItsPlace() {
    let problems = check(
      """
      model_list:
        - {model_name: quick, litellm_params: {model: openai/gpt-4o-mini}}
        - {model_name: long, litellm_params: {model: openai/gpt-4.1}}
      router_settings:
        fallbacks: [{quik: [long]}, {quick: [quick, nowhere]}, {quick: []}]
        context_window_fallbacks: [{long: [quick]}]
        content_policy_fallbacks: [{long: [lnog]}]
        default_fallbacks: [gone]
        model_group_alias: {a: lost, long: quick}
        model_group_retry_policy: {who: {TimeoutErrorRetries: 1}}
      cicerone:
        model: quikc
        tasks: {ask: never}
        embedding: nope
      """)
    #expect(
      problems.map(\.description) == [
        "model_group_retry_policy: who is not in model_list", "5:16: fallbacks: quik is not in model_list",
        "5:40: fallbacks: quick falls back to itself", "5:47: fallbacks: nowhere is not in model_list",
        "5:59: fallbacks: quick has two rules; the first one counts", "5:59: fallbacks: quick falls back to nothing",
        "6:38: context_window_fallbacks: quick takes 128000 tokens, long takes 1047576",
        "7:38: content_policy_fallbacks: lnog is not in model_list",
        "8:23: default_fallbacks: gone is not in model_list",
        "9:26: the alias a points at lost, which is not in model_list",
        "9:38: the alias long is the name of a group too; the alias counts",
        "12:10: cicerone.model: quikc is not in model_list", "13:16: cicerone.tasks.ask: never is not in model_list",
        "14:14: cicerone.embedding: nope is neither in model_list nor provider/model",
      ])
    #expect(problems.first { $0.message.contains("quik ") }?.hint == "did you mean quick?")
    #expect(problems.first { $0.message.contains("nowhere") }?.hint == "there are: quick, long")
    #expect(problems.filter { $0.severity == .error }.map(\.position?.line) == [12, 13, 14])
  }

  @Test func contradictionsAreSaid() {
    let texts = texts(
      """
      model_list:
        - {model_name: w, litellm_params: {model: openai/gpt-4o, weight: 0}}
        - {model_name: w, litellm_params: {model: openai/gpt-4o, weight: 0}}
        - {model_name: l, litellm_params: {model: openai/gpt-4o, rpm: 0, timeout: 5, stream_timeout: 9}, model_info: {id: 1}}
        - {model_name: m, litellm_params: {model: openai/gpt-4o, max_tokens: 1000000}, model_info: {id: 1}}
        - {model_name: n, litellm_params: {model: openai/gpt-4o, max_tokens: 900, thinking: {type: enabled, budget_tokens: 1024}}}
        - {model_name: o, litellm_params: {model: openai/gpt-4o, tpm: 500, max_tokens: 900}, model_info: {max_input_tokens: 800}}
      cicerone: {token_budget: 200000, model: n, max_usd_per_request: 0.1, tasks: {ask: {max_usd: 0.2}}}
      """)
    for (line, part) in [
      (2, "all weights are 0"), (3, "line 2 again"), (4, "limit of 0"), (4, "stream_timeout"),
      (5, "more than the model answers"), (5, "line 4 too"), (6, "thinking.budget_tokens"), (7, "never fits"),
      (7, "leaves nothing"), (8, "less is sent"), (8, "which counts"),
    ] {
      #expect(texts.contains { $0.hasPrefix("\(line):") && $0.contains(part) }, "\(line) \(part): \(texts)")
    }
  }
}
