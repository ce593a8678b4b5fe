import Foundation
import TestHTTPServer
import Testing

/// The built program with models that fail, that cost, and that a configuration names.
@Suite(.serialized) struct ModelTroubleTests {
  private static let question = "how does raiseApoapsis compute the burn?"

  private func sample() throws -> Scratch {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    return scratch
  }

  // MARK: Failures

  /// A way in which a model fails before it has said anything.
  struct Failure: Sendable, CustomTestStringConvertible {
    var name: String
    var reply: FakeModel.Reply
    /// How often the model is asked.
    var attempts: ClosedRange<Int>
    /// What the reason for the lesser answer says.
    var says: String

    var testDescription: String { name }

    static let all = [
      Failure(
        name: "401",
        reply: .responds(
          401, ["Content-Type": "application/json"],
          #"{"error":{"message":"Incorrect API key provided: \#(FakeModel.key).","code":"invalid_api_key"}}"#),
        attempts: 1...1, says: "key"),
      Failure(
        name: "429",
        reply: .responds(
          429, ["Retry-After": "0", "Content-Type": "application/json"],
          #"{"error":{"message":"Rate limit reached for \#(FakeModel.key)","type":"rate_limit_exceeded"}}"#),
        attempts: 2...5, says: "Rate limit reached"),
      Failure(
        name: "500", reply: .responds(500, [:], #"{"error":{"message":"It went wrong."}}"#), attempts: 2...5,
        says: "It went wrong."),
      Failure(
        name: "no JSON at all", reply: .responds(502, ["Content-Type": "text/html"], "<html>\u{0} \(FakeModel.key)"),
        attempts: 2...5, says: ""),
      Failure(
        name: "a page instead of a stream",
        reply: .responds(200, ["Content-Type": "text/html"], "<html>Welcome</html>"),
        attempts: 1...5, says: ""),
      Failure(
        name: "garbage in the stream",
        reply: .responds(200, ["Content-Type": "text/event-stream"], "data: {\"choices\":[{]\n\n\u{1}\u{2}"),
        attempts: 1...5, says: ""),
      Failure(name: "nothing", reply: .breaksOff([]), attempts: 1...5, says: ""),
      Failure(name: "an empty answer", reply: .says([]), attempts: 1...5, says: "empty"),
    ]
  }

  @Test(arguments: Failure.all) func aFailureDegrades(_ failure: Failure) async throws {
    let scratch = try sample()
    let fake = try FakeModel(failure.reply)
    let result = try await scratch.ask(ModelTroubleTests.question, fake.environment, options: ["--json"])
    #expect(result.ending == .exited(0), "\(result.errors)")
    let answer = try JSON(parsing: result.output)
    #expect(answer["model"] == "extractive")
    #expect(answer["abstained"] == false)
    #expect(answer["finishReason"] == "stop")
    #expect(answer["citations"]?.items.isEmpty == false)
    #expect(answer["answer"]?.text?.contains("apoapsis") == true)
    let reason = try #require(answer["degraded"]?["reason"]?.text)
    #expect(!reason.isEmpty)
    #expect(failure.says.isEmpty || reason.contains(failure.says), "\(reason)")
    #expect(failure.attempts.contains(fake.questions.count), "\(fake.questions.count)")
    // The key was shown to the server, which echoed it; nobody else ever sees it.
    #expect(fake.questions.first?.headers["authorization"] == "Bearer \(FakeModel.key)")
    for text in [result.text, result.errors] { #expect(!text.contains(FakeModel.key)) }
    #expect(try scratch.files(containing: FakeModel.key).isEmpty)
  }

  @Test func aServerThatIsGoneDegrades() async throws {
    let scratch = try sample()
    let fake = try FakeModel()
    fake.stop()
    let result = try await scratch.ask(ModelTroubleTests.question, fake.environment)
    #expect(result.ending == .exited(0))
    #expect(result.text.contains("apoapsis"))
    #expect(result.errors.contains("Note: "))
    #expect(!(result.text + result.errors).contains(FakeModel.key))
  }

  @Test func anEditorIsToldWhyAnAnswerIsLess() async throws {
    let scratch = try sample()
    let fake = try FakeModel(Failure.all[0].reply)
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    let asked = try await editor.ask(ModelTroubleTests.question)
    #expect(asked.model == "extractive")
    #expect(asked.reason?.contains("key") == true)
    #expect(asked.text == asked.answer)
    // A key that was refused is not shown again.
    fake.reply = .says(["It works [1]."])
    let again = try await editor.ask(ModelTroubleTests.question)
    #expect(again.model == "extractive")
    #expect(again.reason?.contains("key") == true)
    #expect(fake.questions.count == 1)
    #expect(try await editor.shutDown() == .exited(0))
    #expect(!editor.everything.contains(FakeModel.key))
  }

  @Test func aFailureThatPassesIsForgotten() async throws {
    let scratch = try sample()
    let fake = try FakeModel(Failure.all[2].reply)
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    #expect(try await editor.ask(ModelTroubleTests.question).model == "extractive")
    fake.reply = .says(["It works [1]."])
    #expect(try await editor.ask(ModelTroubleTests.question).answer == "It works [1].")
    #expect(try await editor.shutDown() == .exited(0))
    #expect(!editor.everything.contains(FakeModel.key))
  }

  @Test func whatWasSaidStaysWhenTheRestIsLost() async throws {
    let scratch = try sample()
    let lost = FakeModel.Reply.breaksOff(["The burn is ", "computed [1] and"])
    let failed = FakeModel.Reply.responds(
      200, ["Content-Type": "text/event-stream"],
      """
      data: {"choices":[{"index":0,"delta":{"content":"The burn is computed [1] and"}}]}

      data: {"error":{"message":"The engine broke, \(FakeModel.key).","code":500}}


      """)
    let fake = try FakeModel()
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    for (number, reply) in [lost, failed].enumerated() {
      fake.reply = reply
      let asked = try await editor.ask(ModelTroubleTests.question)
      #expect(asked.answer == "The burn is computed [1] and")
      #expect(asked.text == asked.answer)
      #expect(asked.model == FakeModel.name)
      #expect(asked.result["finishReason"] == "truncated")
      #expect(asked.reason?.isEmpty == false)
      #expect(asked.cited == [1])
      #expect(fake.questions.count == number + 1)
    }
    fake.reply = lost
    let result = try await scratch.ask(ModelTroubleTests.question, fake.environment)
    #expect(result.ending == .exited(0))
    #expect(result.text.hasPrefix("The burn is computed [1] and\n"))
    #expect(result.errors.contains("Note: "))
    #expect(try await editor.shutDown() == .exited(0))
    #expect(!editor.everything.contains(FakeModel.key))
  }

  @Test func aNameThatNoModelHasIsAnError() async throws {
    let scratch = try sample()
    let fake = try FakeModel()
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    let reply = try await editor.request(
      "rag/ask", ["question": .string(ModelTroubleTests.question), "model": "nonsuch-9"])
    #expect(reply["error"]?["code"] == -32803)
    #expect(reply["error"]?["data"]?["kind"] == "model")
    #expect(reply["error"]?["message"]?.text?.contains("nonsuch-9") == true)
    #expect(reply["error"]?["data"]?["hint"]?.text?.contains(FakeModel.name) == true)
    #expect(try await editor.shutDown() == .exited(0))
    let result = try await scratch.ask(
      ModelTroubleTests.question, fake.environment, options: ["--model", "nonsuch-9"])
    #expect(result.ending == .exited(1))
    #expect(result.errors.contains("nonsuch-9"))
    #expect(result.output.isEmpty)
    #expect(fake.questions.isEmpty)
  }

  // MARK: Money

  @Test func theBudgetBoundsWhatIsAskedFor() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.says(["It costs [1]."]))
    let (input, output) = (0.000_001, 0.000_01)
    let file = try scratch.configuration(
      """
      model_list:
        - model_name: dear
          litellm_params:
            model: openai/\(FakeModel.name)
            api_base: \(fake.base)
            input_cost_per_token: \(String(format: "%.6f", input))
            output_cost_per_token: \(String(format: "%.6f", output))
      """)
    func ask(_ usd: Double) async throws -> JSON {
      let result = try await scratch.ask(
        ModelTroubleTests.question, [:], options: ["--config", file, "--json", "--max-cost", "\(usd)"])
      #expect(result.ending == .exited(0), "\(result.errors)")
      return try JSON(parsing: result.output)
    }
    func number(_ value: JSON?) -> Double {
      switch value {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: -1
      }
    }

    let ample = try await ask(0.2)
    #expect(ample["model"] == "dear")
    #expect(ample["degraded"] == nil)
    let cost = Double(FakeModel.usage.input) * input + Double(FakeModel.usage.output) * output
    #expect(abs(number(ample["cost"]?["actual"]) - cost) < 1e-9)
    #expect(abs(number(ample["cost"]?["remaining"]) - (0.2 - cost)) < 1e-9)
    let whole = try JSON(parsing: try #require(fake.questions.first).body)
    let unbounded = try #require(whole["max_tokens"]?.int)
    let texts = (whole["messages"]?.items ?? []).compactMap { $0["content"]?.text }
    let bytes = Double(texts.reduce(0) { $0 + $1.utf8.count })

    // As much as the input can have in tokens, and a hundred tokens of answer.
    let limit = (bytes + 100) * input + 100 * output
    let bounded = try await ask(limit)
    #expect(bounded["model"] == "dear")
    #expect(number(bounded["cost"]?["estimated"]) <= limit)
    let clamped = try JSON(parsing: try #require(fake.questions.last).body)
    #expect(clamped["messages"] == whole["messages"])
    let asked = try #require(clamped["max_tokens"]?.int)
    #expect(asked < unbounded)
    // Less what may stand around the messages.
    #expect((80...110).contains(asked))
    // Even if every byte were a token, it could not cost more.
    #expect(bytes * input + Double(asked) * output <= limit)

    // Too little for any answer: nothing leaves.
    for usd in [0, bytes * input] {
      let refused = try await ask(usd)
      #expect(refused["model"] == "extractive")
      #expect(refused["degraded"]?["reason"]?.text?.contains("dear") == true)
      #expect(number(refused["cost"]?["actual"]) == 0)
      #expect(refused["citations"]?.items.isEmpty == false)
    }
    #expect(fake.questions.count == 2)
  }

  // MARK: Configuration

  @Test func aConfigurationOfLiteLLMIsRead() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.says(["It is configured [1]."]))
    let file = try scratch.configuration(
      """
      model_list:
        - model_name: first
          litellm_params:
            model: openai/\(FakeModel.name)
            api_base: \(fake.base)
            api_key: os.environ/PARROT_KEY
        - model_name: second
          litellm_params:
            model: openai/parrot-2
            api_base: \(fake.base)
            max_tokens: 77
      litellm_settings:
        drop_params: true
      """)
    let key = ["PARROT_KEY": FakeModel.key]
    for (name, model) in [("first", FakeModel.name), ("second", "parrot-2")] {
      let result = try await scratch.ask(
        ModelTroubleTests.question, key, options: ["--config", file, "--model", name, "--json"])
      #expect(result.ending == .exited(0), "\(result.errors)")
      let answer = try JSON(parsing: result.output)
      #expect(answer["answer"] == "It is configured [1].")
      #expect(answer["model"] == .string(name))
      let request = try #require(fake.questions.last)
      #expect(try JSON(parsing: request.body)["model"] == .string(model))
      #expect(request.headers["authorization"] == (name == "first" ? "Bearer \(FakeModel.key)" : nil))
      #expect(!(result.text + result.errors).contains(FakeModel.key))
    }
    // The same for an editor, whose status names the models.
    let editor = try await Editor.open(scratch, options: ["--config", file], environment: key)
    try await editor.synchronize()
    #expect(try await editor.ask(ModelTroubleTests.question).model == "first")
    let status = try await editor.request("rag/status")["result"]
    #expect(status?["models"]?.items.compactMap { $0["name"]?.text }.prefix(2) == ["first", "second"])
    #expect(try await editor.shutDown() == .exited(0))
    #expect(!editor.everything.contains(FakeModel.key))
    #expect(try scratch.files(containing: FakeModel.key).isEmpty)
  }

  @Test(arguments: [
    ("model_list: 3\n", "1:13"), ("model_list:\n  - model_name: [\n", "3:1"),
    ("cicerone:\n  token_budget: many\n", "2:17"),
  ])
  func aMistakeInTheConfigurationIsShownWithItsPlace(text: String, place: String) async throws {
    let scratch = try sample()
    let file = try scratch.configuration(text)
    for command in [["ask", ModelTroubleTests.question, "--workspace", scratch.workspace], ["serve"]] {
      let result = try await scratch.run(command + ["--config", file])
      #expect(result.ending == .exited(2))
      #expect(result.errors.contains("\(file):\(place)"), "\(result.errors)")
      #expect(result.output.isEmpty)
    }
    let missing = try await scratch.ask(ModelTroubleTests.question, [:], options: ["--config", file + ".gone"])
    #expect(missing.ending == .exited(2))
    #expect(missing.errors.contains("models.yaml.gone"))
  }
}
