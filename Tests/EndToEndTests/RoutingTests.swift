import Foundation
import TestHTTPServer
import Testing

/// How the built program chooses among models, and what it tells of that.
@Suite(.serialized) struct RoutingTests {
  private func sample() throws -> Scratch {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    return scratch
  }

  private func entry(_ name: String, _ fake: FakeModel, usdPerMillion: Double) -> String {
    """
      - model_name: \(name)
        litellm_params:
          model: openai/\(name)-1
          api_base: \(fake.base)
          input_cost_per_token: \(usdPerMillion / 4 * 1e-6)
          output_cost_per_token: \(usdPerMillion * 1e-6)
    """
  }

  @Test func autoTakesTheModelThatSuitsTheQuestion() async throws {
    let scratch = try sample()
    let small = try FakeModel(.says(["The small one [1]."]))
    let large = try FakeModel(.says(["The large one [1]."]))
    let file = try scratch.configuration(
      """
      model_list:
      \(entry("large", large, usdPerMillion: 15))
      \(entry("small", small, usdPerMillion: 0.6))
      cicerone:
        model: auto
      """)
    let editor = try await Editor.open(scratch, options: ["--config", file])
    try await editor.synchronize()
    let easy = try await editor.ask("where is raiseApoapsis?")
    #expect(easy.model == "small")
    #expect(easy.result["route"]?["reason"]?.text?.hasPrefix("auto: the cheapest") == true)
    #expect(easy.result["route"]?["attempts"]?.items.first?["outcome"] == "answered")
    let hard = try await editor.ask(
      "why does raiseApoapsis compute the burn as it does, and how does that differ from what the other parts of the "
        + "flight computer do with the mass, the thrust and the time that is left between two passages?")
    #expect(hard.model == "large")
    // A request may say otherwise, and so may its budget.
    let named = try await editor.ask("where is raiseApoapsis?", ["model": "large"])
    #expect(named.model == "large")
    #expect(named.result["route"]?["reason"] == "named by the request")
    let poor = try await editor.ask(
      "why does raiseApoapsis compute the burn as it does, and how does that differ from the rest?",
      ["budget": .object(["maxUSD": .number(0.002)])])
    #expect(poor.model == "small")
    // When the one that was chosen fails, another is.
    small.reply = .responds(500, [:], #"{"error":{"message":"It is down."}}"#)
    let other = try await editor.ask("where is raiseApoapsis?")
    #expect(other.model == "large")
    #expect(other.result["route"]?["attempts"]?.items.last?["model"] == "large")
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func aRouteMayEndAtTheOfflineAnswerer() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.responds(500, [:], #"{"error":{"message":"It is down."}}"#))
    let file = try scratch.configuration(
      """
      model_list:
      \(entry("only", fake, usdPerMillion: 1))
        - model_name: offline
          litellm_params: {model: extractive}
      router_settings:
        num_retries: 0
        fallbacks: [{only: [offline]}]
      """)
    let failed = try JSON(
      parsing: try await scratch.ask(
        "how does raiseApoapsis compute the burn?", [:], options: ["--config", file, "--json", "--model", "only"]
      ).output)
    #expect(failed["model"] == "extractive")
    #expect(failed["degraded"]?["reason"]?.text?.contains("It is down.") == true)
    #expect(failed["citations"]?.items.isEmpty == false)
    let chosen = try JSON(
      parsing: try await scratch.ask(
        "how does raiseApoapsis compute the burn?", [:], options: ["--config", file, "--json", "--model", "offline"]
      ).output)
    #expect(chosen["model"] == "extractive")
    #expect(chosen["degraded"] == nil)
  }

  @Test func modelsAreListedWithTheirHealth() async throws {
    let scratch = try sample()
    let fake = try FakeModel()
    let other = try FakeModel(.responds(429, ["Retry-After": "60"], #"{"error":{"code":"rate_limit_exceeded"}}"#))
    let file = try scratch.configuration(
      """
      model_list:
      \(entry("good", fake, usdPerMillion: 1))
      \(entry("busy", other, usdPerMillion: 1))
      """)
    let editor = try await Editor.open(scratch, options: ["--config", file])
    try await editor.synchronize()
    func models() async throws -> [String: JSON] {
      let items = try await editor.request("rag/models")["result"]?["models"]?.items ?? []
      return Dictionary(uniqueKeysWithValues: items.compactMap { item in item["name"]?.text.map { ($0, item) } })
    }
    let before = try await models()
    #expect(before["good"]?["health"]?["state"] == "unused")
    #expect(before["good"]?["price"]?["outputPerMillion"] == 1)
    #expect(before["extractive"]?["health"]?["state"] == "healthy")
    _ = try await editor.ask("where is raiseApoapsis?", ["model": "good"])
    _ = try await editor.ask("where is raiseApoapsis?", ["model": "busy"])
    let after = try await models()
    #expect(after["good"]?["health"]?["state"] == "healthy")
    #expect(after["good"]?["health"]?["successes"] == 1)
    #expect(after["busy"]?["health"]?["state"] == "coolingDown")
    #expect(after["busy"]?["health"]?["reason"] == "rateLimit")
    let status = try await editor.request("rag/status")["result"]?["models"]?.items ?? []
    #expect(status.first { $0["name"] == "busy" }?["state"] == "coolingDown")
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func aWildcardStandsForWhatIsAskedFor() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.says(["It is wild [1]."]))
    let file = try scratch.configuration(
      """
      model_list:
        - model_name: "mine/*"
          litellm_params:
            model: "openai/*"
            api_base: \(fake.base)
      """)
    let result = try await scratch.ask(
      "where is raiseApoapsis?", [:], options: ["--config", file, "--json", "--model", "mine/parrot-7"])
    let answer = try JSON(parsing: result.output)
    #expect(answer["model"] == "mine/parrot-7")
    #expect(try JSON(parsing: try #require(fake.questions.first).body)["model"] == "parrot-7")
    let other = try await scratch.ask(
      "where is raiseApoapsis?", [:], options: ["--config", file, "--model", "yours/parrot-7"])
    #expect(other.ending == .exited(1))
  }

  @Test func routesAreLogged() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.says(["It is logged [1]."]))
    var environment = fake.environment
    environment["CICERONE_LOG"] = "trace"
    let result = try await scratch.ask("where is raiseApoapsis?", environment)
    #expect(result.ending == .exited(0))
    for word in ["chosen", "first token", "provider=openai"] {
      #expect(result.errors.contains(word), "\(result.errors)")
    }
    #expect(!result.errors.contains(FakeModel.key))
  }
}
