import Foundation
import TestHTTPServer
import Testing

/// The built program with a model that says what it is told: answers, what is sent, and what ends early.
@Suite(.serialized) struct ModelTests {
  private static let question = "how does raiseApoapsis compute the burn?"

  private func sample() throws -> Scratch {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    return scratch
  }

  // MARK: Answers

  @Test func aModelsAnswerStreams() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.says(["No citation."]))
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    // What is announced tells which number the passage has that a model would cite.
    let offered = try await editor.ask(ModelTests.question).deltas.flatMap { $0["citations"]?.items ?? [] }
    #expect(!offered.isEmpty)
    let number = try #require(offered.first { $0["path"] == "src/OrbitPlanner.swift" }?["id"]?.int)
    // A citation is cut in two, and another was invented.
    fake.reply = .says([
      "The burn ", "raises the apoapsis [", "\(number)]. It is cheap", " [99]", ". So it", " is done [\(number)].",
    ])
    let asked = try await editor.ask(ModelTests.question)
    #expect(asked.answer == "The burn raises the apoapsis [\(number)]. It is cheap. So it is done [\(number)].")
    #expect(asked.text == asked.answer)
    #expect(asked.model == FakeModel.name)
    #expect(asked.result["finishReason"] == "stop")
    #expect(asked.result["abstained"] == false)
    #expect(asked.result["degraded"] == nil)
    #expect(!asked.result.containsNull)
    let usage = asked.result["usage"]
    #expect(usage?["input"] == .integer(FakeModel.usage.input))
    #expect(usage?["output"] == .integer(FakeModel.usage.output))
    #expect(usage?["estimated"] == false)
    #expect(asked.result["cost"]?["actual"] == 0)
    // Citations come before the text that uses them, and only the one that is used stays.
    let firstText = try #require(asked.deltas.firstIndex { $0["text"] != nil })
    let announced = asked.deltas[..<firstText].flatMap { $0["citations"]?.items ?? [] }.compactMap { $0["id"]?.int }
    #expect(announced == offered.compactMap { $0["id"]?.int })
    #expect(!announced.contains(99))
    #expect(asked.cited == [number])
    let citation = try #require(asked.result["citations"]?.items.first)
    #expect(citation["verified"] == true)
    let place = try #require(Place(citation))
    #expect(place.path == "src/OrbitPlanner.swift")
    #expect(place.text(in: scratch.workspace)?.contains("apoapsis") == true)
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func textIsShownBeforeTheAnswerIsComplete() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.pauses(["The first half [1]"], [" and the second."]))
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    editor.start("rag/ask", ["question": .string(ModelTests.question), "partialResultToken": "t"], id: "ask")
    // The server sends no more until this has arrived.
    #expect("The first half [1]".hasPrefix(try await editor.text("t")))
    #expect(editor.replies("ask").isEmpty)
    fake.letGo()
    #expect(try await editor.reply("ask")["result"]?["answer"] == "The first half [1] and the second.")
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func theCommandPrintsAnAnswerOnce() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.says(["The burn is ", "computed [1]", "[99]."]))
    let result = try await scratch.ask(ModelTests.question, fake.environment, options: ["--limit", "1"])
    #expect(result.ending == .exited(0), "\(result.errors)")
    #expect(result.text.components(separatedBy: "The burn is computed [1].").count == 2, "\(result.text)")
    #expect(result.text.components(separatedBy: "The burn").count == 2)
    #expect(result.text.contains("[1] src/OrbitPlanner.swift:"))
    #expect(!result.text.contains("99"))
    #expect(result.errors.contains(FakeModel.name))
    #expect(fake.questions.count == 1)
  }

  @Test func theModelOfAServerHereIsFound() async throws {
    let scratch = try sample()
    let fake = try FakeModel()
    // No key and no name: the server is asked what it has. It is given a moment only, which is short on a machine
    // that is busy: then it is asked again.
    let editor = try await Editor.open(scratch, environment: ["OPENAI_BASE_URL": fake.base])
    try await editor.synchronize()
    let asked = try await editor.eventually("an answer by the model") {
      let asked = try await editor.ask(ModelTests.question)
      return asked.model == FakeModel.name ? asked : nil
    }
    #expect(asked.answer == "The answer [1].")
    #expect(fake.questions.last?.headers["authorization"] == nil)
    let status = try await editor.request("rag/status")["result"]
    #expect(status?["models"]?.items.compactMap { $0["name"]?.text }.first == FakeModel.name)
    #expect(try await editor.shutDown() == .exited(0))
  }

  // MARK: What is sent

  @Test func theModelIsSentThePassagesWithoutSecrets() async throws {
    let scratch = try sample()
    // Written in two parts, so that no scanner takes this file for one that leaks.
    let secret = "AKIA" + "Z7QX3VJ2M5KTR6WB"
    try scratch.write(
      "src/Uplink.swift",
      """
      /// Connects the uplink of the groundstation.
      func connectUplink() -> Bool {
        let accessKey = "\(secret)"
        return open(accessKey, channel: 17)
      }

      """)
    let fake = try FakeModel(.says(["It opens a channel [1]."]))
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    let question = "how does connectUplink use \(secret)?"
    let first = try await editor.ask(question)
    #expect(first.answer == "It opens a channel [1].")
    let request = try #require(fake.questions.first)
    #expect(request.method == "POST")
    #expect(request.target == "/v1/chat/completions")
    #expect(request.headers["authorization"] == "Bearer \(FakeModel.key)")
    let body = try JSON(parsing: request.body)
    #expect(body["model"] == .string(FakeModel.name))
    #expect(body["stream"] == true)
    #expect(body["stream_options"]?["include_usage"] == true)
    let messages = body["messages"]?.items ?? []
    #expect(messages.map { $0["role"]?.text } == ["system", "user"])
    let prompt = messages.last?["content"]?.text ?? ""
    #expect(prompt.contains("src/Uplink.swift"))
    #expect(prompt.contains("return open(accessKey, channel: 17)"))
    #expect(prompt.contains("how does connectUplink use "))
    // In the passage and in the question: the same placeholder, and the value nowhere.
    let placeholders = prompt.matches(of: /⟨secret:[a-z-]+:[0-9a-f]{4}⟩/).map { String($0.0) }
    #expect(placeholders.count >= 2)
    #expect(Set(placeholders).count == 1)
    #expect(!String(decoding: request.body, as: UTF8.self).contains(secret))

    // What was said before goes along, and no secret with it.
    let conversation = try #require(first.result["conversationId"])
    _ = try await editor.ask("and what does connectUplink return?", ["conversationId": conversation])
    let second = try #require(fake.questions.last)
    let turns = try JSON(parsing: second.body)["messages"]?.items ?? []
    #expect(turns.map { $0["role"]?.text } == ["system", "user", "assistant", "user"])
    // Without its citations, which were numbered otherwise.
    #expect(turns.dropFirst(2).first?["content"] == "It opens a channel.")
    #expect(!String(decoding: second.body, as: UTF8.self).contains(secret))
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func whatNeedsNoModelIsNotSent() async throws {
    let scratch = try sample()
    let fake = try FakeModel()
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    #expect(try await editor.ask(ModelTests.question, ["model": "extractive"]).model == "extractive")
    let foreign = try await editor.ask("who won the championship in 1994?")
    #expect(foreign.result["abstained"] == true)
    #expect(try await editor.search("apoapsis").places.isEmpty == false)
    #expect(fake.requests.isEmpty)
    #expect(try await editor.shutDown() == .exited(0))
  }

  // MARK: What ends early

  @Test(arguments: [["Half of an "], []])
  func cancellingClosesTheConnection(pieces: [String]) async throws {
    let scratch = try sample()
    let fake = try FakeModel(.stalls(pieces))
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    editor.start("rag/ask", ["question": .string(ModelTests.question), "partialResultToken": "t"], id: "ask")
    if pieces.isEmpty { try await fake.receives(1) } else { _ = try await editor.text("t") }
    editor.notify("$/cancelRequest", ["id": "ask"])
    #expect(try await editor.reply("ask")["error"]?["code"] == -32800)
    try await fake.loses(1)
    fake.reply = .says(["Now it answers [1]."])
    let next = try await editor.ask(ModelTests.question)
    #expect(next.answer == "Now it answers [1].")
    #expect(next.model == FakeModel.name)
    #expect(editor.replies("ask").count == 1)
    #expect(fake.questions.count == 2)
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func theDeathOfTheEditorClosesTheConnection() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.stalls(["Half of an "]))
    let editor = try await Editor.open(scratch, environment: fake.environment)
    try await editor.synchronize()
    editor.start("rag/ask", ["question": .string(ModelTests.question), "partialResultToken": "t"], id: "ask")
    _ = try await editor.text("t")
    editor.child.closeInput()
    #expect(await editor.child.ending() == .exited(1))
    try await fake.loses(1)
  }

  @Test func anInterruptedCommandClosesTheConnection() async throws {
    let scratch = try sample()
    let fake = try FakeModel(.stalls(["Half of an "]))
    let child = try scratch.start(
      ["ask", ModelTests.question, "--workspace", scratch.workspace],
      environment: scratch.environment.merging(fake.environment) { $1 })
    try await fake.receives(1)
    child.kill(SIGINT)
    #expect(await child.ending() == .exited(130))
    try await fake.loses(1)
  }
}
