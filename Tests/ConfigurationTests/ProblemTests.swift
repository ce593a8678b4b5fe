import HTTPTransport
import Testing

@testable import Configuration

/// Everything that is wrong is said, at its place, and costs as little as possible.
@Suite struct ProblemTests {
  @Test func collectsErrorsAndReadsTheRest() {
    let configuration = readConfiguration(
      """
      model_list:
        - model_name: a
          litellm_params: {model: openai/x, rpm: many, temperature: 3, timeout: 30s}
        - 5
        - model_name: b
          litellm_params: {model: openai/y, weight: -1, tags: {a: b}}
      router_settings:
        routing_strategy: least-bussy
        retry_policy: [1]
        fallbacks: [a]
        num_retries: 1.5
      cicerone: {token_budget: 0, tasks: {explain: [x]}}
      """)
    #expect(configuration.models.map(\.name) == ["a", "b"])
    #expect(
      configuration.texts(.error) == [
        "3:44: litellm_params.rpm must be a whole number from 0 to 1000000000, not “many”",
        "3:63: litellm_params.temperature must be a number from 0 to 2, not “3”",
        "3:75: litellm_params.timeout must be a number of seconds from 0.001 to 86400, not “30s”",
        "4:5: an entry of model_list must be a mapping, not “5”",
        "6:47: litellm_params.weight must be a number from 0 to 1000000000, not “-1”",
        "6:57: litellm_params.tags must be text or a list of texts, not a mapping",
        "8:21: router_settings.routing_strategy must be one of simple-shuffle, least-busy, latency-based-routing, "
          + "cost-based-routing, usage-based-routing, usage-based-routing-v2, not “least-bussy”",
        "9:17: retry_policy must be a mapping, not a list",
        "10:15: an element of fallbacks must be a mapping, not “a”",
        "11:16: router_settings.num_retries must be a whole number from 0 to 100, not “1.5”",
        "12:26: cicerone.token_budget must be a whole number from 1 to 10000000, not “0”",
        "12:46: cicerone.tasks[] must be a mapping, not a list",
      ])
    #expect(configuration.problems.first { $0.message.contains("timeout") }?.hint?.hasSuffix(": 30") == true)
    #expect(configuration.problems.first { $0.message.contains("bussy") }?.hint == "did you mean least-busy?")
    #expect(configuration.firstError?.position.line == 3)
  }

  @Test(arguments: [
    ("tempreature", "temperature"), ("max_token", "max_tokens"), ("apiKey", "api_key"), ("api-base", "api_base"),
    ("stream_timout", "stream_timeout"), ("xyzzy", nil), ("zzzzzzzzzz", nil), ("rmp", "rpm"),
  ])
  func suggestsWhatWasMeant(_ written: String, _ meant: String?) {
    let configuration = readConfiguration("model_list: [{litellm_params: {model: openai/x, \(written): 1}}]")
    #expect(configuration.problems.map(\.hint) == [meant.map { "did you mean \($0)?" }])
    #expect(configuration.texts(.warning).count == 1)
  }

  @Test func twoNamesOfOneKey() {
    let configuration = readConfiguration(
      "model_list: [{litellm_params: {model: openai/x, api_base: 'http://a', base_url: 'http://b'}}]")
    #expect(configuration.models.first?.apiBase == "http://a")
    #expect(configuration.texts(.warning) == ["1:71: litellm_params.base_url says the same as api_base, which counts"])
  }

  @Test func unsetVariablesAreNamedOnce() {
    let configuration = readConfiguration(
      """
      router_settings: {default_litellm_params: {api_key: os.environ/SHARED}}
      model_list:
        - litellm_params: {model: openai/x, tags: [a, os.environ/TAG], extra_body: {a: [{b: os.environ/DEEP}]}}
        - litellm_params: {model: openai/y, timeout: os.environ/TIME, drop_params: os.environ/FLAG}
      """, ["SHARE": "1"])
    #expect(
      configuration.texts(.warning) == [
        "1:53: the environment variable SHARED is not set", "3:49: the environment variable TAG is not set",
        "3:87: the environment variable DEEP is not set", "4:48: the environment variable TIME is not set",
        "4:78: the environment variable FLAG is not set",
      ])
    #expect(configuration.problems.first?.hint == "did you mean SHARE?")
    #expect(configuration.models.map(\.tags) == [["a"], []])
    #expect(configuration.texts(.error).isEmpty)
  }

  @Test func neitherSecretsNorValuesOfVariablesAreShown() {
    let configuration = readConfiguration(
      """
      model_list:
        - litellm_params:
            model: openai/x
            api_key: {a: sk-written-out}
            rpm: os.environ/SECRET
            extra_headers: {"bad header": os.environ/SECRET, X-A: "with\\nnewline-secret"}
        - litellm_params: {model: openai/y, api_key: sk-written-out-and-long}
      """, ["SECRET": "sk-of-the-environment"])
    let all = configuration.problems.map { "\($0) \($0.hint ?? "")" }.joined(separator: "\n")
    #expect(!all.contains("sk-"))
    #expect(!all.contains("newline-secret"))
    #expect(
      configuration.texts(.error) == [
        "4:16: litellm_params.api_key must be text, not a mapping",
        "5:12: litellm_params.rpm must be a whole number from 0 to 1000000000, not the value of SECRET",
        "6:23: “bad header” is no name of a header", "6:61: the value of the header X-A has control characters",
      ])
    #expect(configuration.texts(.note) == ["7:48: the key is written out"])
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!dumped.contains("sk-"))
  }

  @Test(arguments: [
    ("model_list:\n\t- a", "indent with spaces: YAML takes no tabs there"),
    ("a:\n  b: 1\n\tc: 2", "indent with spaces: YAML takes no tabs there"),
    ("model_name: *", "a text that begins with * needs quotes: \"*\""),
    ("a: b: c", "a text with “: ” in it needs quotes; else compare the indentation with the lines above"),
    ("a: @b", "a text that begins with @, ` or % needs quotes"), ("a: [1, 2", "a bracket is not closed"),
    ("a: \"b", "a quotation mark is not closed"),
  ])
  func saysWhatToDoAboutTextThatIsNoYAML(_ text: String, _ hint: String) {
    let configuration = readConfiguration(text)
    #expect(configuration.texts(.error).count == 1)
    #expect(configuration.firstError?.hint == hint, "\(configuration.texts(.error))")
  }

  @Test func theLastOfEqualKeysCounts() {
    let configuration = readConfiguration("cicerone:\n  token_budget: 1\n  model: a\n  token_budget: 2\n")
    #expect(configuration.tokenBudget == 2)
    #expect(configuration.texts(.warning) == ["4:3: token_budget stands here twice, first in line 2; this one counts"])
  }

  @Test func knownSectionsOfLiteLLMsAreNotes() {
    let configuration = readConfiguration(
      """
      general_settings: {master_key: sk-1}
      guardrails: []
      modellist: []
      litellm_settings: {cache: true, cache_params: {type: redis, host: os.environ/REDIS}, langfuse_default_tags: [a]}
      """)
    #expect(configuration.texts(.note).count == 5)
    #expect(configuration.texts(.warning) == ["3:1: modellist is not known and has no effect"])
    #expect(configuration.warnings.first?.hint == "did you mean model_list?")
  }

  @Test func manyMistakesAreBounded() {
    let text = "model_list:\n" + String(repeating: "  - 1\n", count: 1500)
    let configuration = readConfiguration(text)
    #expect(configuration.problems.count <= 1000)
    #expect(configuration.texts(.error).contains { $0.contains("more than 1000 entries") })
  }
}
