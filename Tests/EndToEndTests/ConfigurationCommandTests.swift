import Foundation
import Testing

/// `models`, `models check` and `init`, and settings from all their layers, as a shell and an editor see them.
@Suite(.serialized) struct ConfigurationCommandTests {
  private func sample() throws -> Scratch {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    return scratch
  }

  @Test func checkExplainsEveryProblem() async throws {
    let scratch = try Scratch()
    let file = try scratch.configuration(
      """
      model_list:
        - model_name: own
          litellm_params: {model: openai/own, api_base: 'http://127.0.0.1:9/v1', timeout: 30s, rmp: 4}
      router_settings: {fallbacks: [{own: [gone]}]}
      general_settings: {}
      """)
    let result = try await scratch.run(["models", "check", file])
    #expect(result.ending == .exited(1))
    #expect(
      result.text == """
        \(file):3:85: error: litellm_params.timeout must be a number of seconds from 0.001 to 86400, not “30s”
          seconds are written without a unit: 30
        \(file):3:90: warning: litellm_params.rmp is not known and has no effect
          did you mean rpm?
        \(file):4:38: warning: fallbacks: gone is not in model_list
          there are: own
        \(file):5:1: note: general_settings has no effect: it configures LiteLLM's server

        """)
    #expect(result.errors == "\(file): 1 error, 2 warnings, 1 note.\n")
    let json = try JSON(parsing: try await scratch.run(["models", "check", "--json", file]).output)
    #expect(json["errors"] == 1)
    #expect(json["problems"]?.items.map { $0["line"] } == [3, 3, 4, 5])
    #expect(json["problems"]?.items.first?["severity"] == "error")
    #expect(json["problems"]?.items.first?["file"]?.text == file)
    #expect(try await scratch.run(["models", "check", file + ".none"]).ending == .exited(2))
    // The file is not used as it is, and says so.
    let ask = try await scratch.run(["ask", "what", "--config", file, "--workspace", scratch.workspace])
    #expect(ask.ending == .exited(2))
    #expect(ask.errors.contains("\(file):3:85: "))
  }

  @Test func modelsAreListed() async throws {
    let scratch = try Scratch()
    let file = try scratch.configuration(
      """
      model_list:
        - model_name: own
          litellm_params: {model: openai/own-model, api_base: 'http://127.0.0.1:9/v1', api_key: sk-hidden-from-all}
          model_info: {max_input_tokens: 32000}
      """)
    let table = try await scratch.run(["models", "--config", file])
    #expect(table.ending == .exited(0), "\(table.errors)")
    #expect(table.text.contains("own"))
    #expect(table.text.contains("openai/own-model"))
    #expect(table.text.contains("32k"))
    #expect(table.text.contains("free"))
    #expect(!table.text.contains("sk-hidden"))
    let json = try JSON(parsing: try await scratch.run(["models", "--json", "--config", file]).output)
    let own = try #require(json["models"]?.items.first { $0["name"] == "own" })
    #expect(own["contextTokens"] == 32000)
    #expect(own["hasCredential"] == true)
  }

  @Test func initWritesOnceForTheUserAlone() async throws {
    let scratch = try Scratch()
    let environment = scratch.environment.merging(["OPENAI_API_KEY": "sk-not-to-be-written"]) { $1 }
    let file = scratch.path + "/config/cicerone/config.yaml"
    let first = try await scratch.run(["init"], environment: environment)
    #expect(first.ending == .exited(0), "\(first.errors)")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains("os.environ/OPENAI_API_KEY"))
    #expect(!text.contains("sk-not"))
    #expect(try scratch.files(containing: "sk-not").isEmpty)
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let check = try await scratch.run(["models", "check"], environment: environment)
    #expect(check.ending == .exited(0), "\(check.text)")
    #expect(check.text == "")

    try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
    let second = try await scratch.run(["init"], environment: environment)
    #expect(second.ending == .exited(1))
    #expect(second.errors.contains("exists already"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
    #expect(try await scratch.run(["init", "--force"], environment: environment).ending == .exited(0))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/config/cicerone") == ["config.yaml"])
  }

  private func tokenBudget(_ scratch: Scratch, _ environment: [String: String] = [:]) async throws -> JSON? {
    let result = try await scratch.ask(
      "how does raiseApoapsis compute the burn?", environment, options: ["--json", "--model", "extractive"])
    return try JSON(parsing: result.output)["contextSize"]?["tokenBudget"]
  }

  @Test func layersHoldOnTheCommandLine() async throws {
    let scratch = try sample()
    #expect(try await tokenBudget(scratch) == 4000)
    let file = try scratch.configuration("cicerone: {token_budget: 3000}")
    let own = ["CICERONE_CONFIG": file]
    #expect(try await tokenBudget(scratch, own) == 3000)
    try scratch.write(".cicerone.yaml", "cicerone: {token_budget: 3500}")
    #expect(try await tokenBudget(scratch, own) == 3000)
    try scratch.write(".cicerone.yaml", "cicerone: {token_budget: 2000}")
    #expect(try await tokenBudget(scratch, own) == 2000)
    #expect(try await tokenBudget(scratch, own.merging(["CICERONE_TOKEN_BUDGET": "2500"]) { $1 }) == 2500)
  }

  @Test func anEditorsSettingsHoldAtOnce() async throws {
    let scratch = try sample()
    let editor = try await Editor.open(scratch)
    func budget() async throws -> JSON? {
      try await editor.request(
        "rag/ask", ["question": "how does raiseApoapsis compute the burn?", "model": "extractive"])["result"]?[
          "contextSize"]?["tokenBudget"]
    }
    #expect(try await budget() == 4000)
    editor.notify("workspace/didChangeConfiguration", ["settings": ["cicerone": ["tokenBudget": 1500]]])
    #expect(try await budget() == 1500)
    try scratch.write(".cicerone.yaml", "cicerone: {token_budget: 1000}")
    // The editor's word is the user's, and stronger.
    #expect(try await budget() == 1500)
    editor.notify("workspace/didChangeConfiguration", ["settings": ["cicerone": [:]]])
    #expect(try await budget() == 1000)
    #expect(try await editor.shutDown() == .exited(0))
  }
}
