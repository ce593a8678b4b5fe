import HTTPTransport
import Ledger
import Testing

@testable import Providers

struct AnthropicRequestTests {
  func body(_ request: ChatRequest, _ base: String = "https://api.anthropic.com") throws -> JSONTree {
    AnthropicRequestBody(request, at: Endpoint(provider: "anthropic", base: try HTTPURL(base))).streaming
  }

  func request(_ model: String, _ change: (inout ChatRequest) -> Void = { _ in }) -> ChatRequest {
    var request = question
    request.model = model
    request.traits = ModelTraits(ProviderDefinition.anthropic.entry(model, in: .embedded))
    change(&request)
    return request
  }

  @Test func writesWhatTheInterfaceWants() throws {
    let body = try body(
      request("claude-haiku-4-5") {
        $0.temperature = 0.2
        $0.topP = 0.9
        $0.stop = ["END", " ", "a", "b", "c", "d"]
        $0.extraBody = ["metadata": .object(["user_id": .string("u")]), "stream": .bool(false)]
      })
    #expect(
      String(decoding: body.bytes, as: UTF8.self)
        == #"{"max_tokens":64,"messages":[{"content":[{"text":"What?","type":"text"}],"role":"user"}],"metadata":{"user_id":"u"},"model":"claude-haiku-4-5","stop_sequences":["END","a","b","c"],"stream":true,"system":[{"text":"Answer.","type":"text"}],"temperature":0.2}"#
    )
  }

  @Test func alwaysSaysHowLongTheAnswerMayBe() throws {
    func maxTokens(_ model: String, _ asked: Int?) throws -> Int? {
      try body(request(model) { $0.maxOutputTokens = asked })["max_tokens"]?.int
    }
    #expect(try maxTokens("claude-haiku-4-5", nil) == 64000)
    #expect(try maxTokens("claude-haiku-4-5", 100) == 100)
    #expect(try maxTokens("claude-haiku-4-5", 100_000) == 64000)
    #expect(try maxTokens("unheard-of", nil) == 4096)
    #expect(try maxTokens("unheard-of", 9999) == 9999)
  }

  @Test func leavesOutWhatModelsRefuse() throws {
    func sampling(_ model: String, _ values: [String: String] = [:]) throws -> [String] {
      let request = request(model) {
        $0.temperature = 1.7
        $0.topP = 0.5
        $0.seed = 3
      }
      let endpoint = Endpoint(
        provider: "anthropic", base: try HTTPURL("https://api.anthropic.com"), values: values)
      let body = AnthropicRequestBody(request, at: endpoint).streaming
      return ["temperature", "top_p", "seed"].filter { body[$0] != nil }
    }
    #expect(try sampling("claude-sonnet-5-5") == [])
    #expect(try sampling("claude-haiku-4-5") == ["temperature"])
    #expect(try sampling("claude-haiku-4-5", ["anthropic_version": "2026-10-21"]) == [])
    #expect(try body(request("claude-haiku-4-5") { $0.temperature = 1.7 })["temperature"] == .number(1))
    #expect(try body(request("claude-haiku-4-5") { $0.topP = 0.5 })["top_p"] == .number(0.5))
  }

  @Test func passesOnWhatEntriesSay() throws {
    var request = request("claude-haiku-4-5")
    request.extraBody = [
      "presence_penalty": .number(1), "frequency_penalty": .number(1), "inference_geo": .string("us"),
    ]
    let endpoint = Endpoint(
      provider: "anthropic", base: try HTTPURL("https://api.anthropic.com"),
      values: ["top_k": "5", "service_tier": "standard_only"])
    let body = AnthropicRequestBody(request, at: endpoint).streaming
    #expect(body["top_k"] == .integer(5))
    #expect(body["service_tier"] == .string("standard_only"))
    #expect(body["inference_geo"] == .string("us"))
    #expect(body["presence_penalty"] == nil)
    #expect(body["frequency_penalty"] == nil)
    request.traits.flags.insert("noSampling")
    #expect(AnthropicRequestBody(request, at: endpoint).streaming["top_k"] == nil)
    let members = BedrockRequestBody(request).members
    #expect(members["presence_penalty"] == nil)
    #expect(members["inference_geo"] == .string("us"))
  }

  @Test func marksPrefixesThatTheCacheCanKeep() throws {
    func marks(_ model: String, _ sizes: [(ChatMessage.Role, Int, Bool)], caches: Bool = true) throws -> [Bool] {
      let request = request(model) {
        $0.messages = sizes.map { ChatMessage($0.0, String(repeating: "x", count: $0.1), endsCachedPrefix: $0.2) }
        $0.cachesPrompt = caches
      }
      let body = try body(request)
      let blocks =
        (body["system"]?.array ?? []) + (body["messages"]?.array ?? []).flatMap { $0["content"]?.array ?? [] }
      for block in blocks where block["cache_control"] != nil {
        #expect(block["cache_control"] == .object(["type": .string("ephemeral")]))
      }
      return blocks.map { $0["cache_control"] != nil }
    }
    // 512 tokens at least, by at least two bytes each.
    #expect(
      try marks("claude-sonnet-5-5", [(.system, 1023, true), (.user, 1, true), (.user, 1, false)]) == [
        false, true, false,
      ])
    // 4,096 at least.
    #expect(try marks("claude-haiku-4-5", [(.system, 5000, true), (.user, 5000, true)]) == [false, true])
    #expect(
      try marks("claude-sonnet-5-5", [(.system, 9000, true), (.user, 10, false)], caches: false) == [false, false])
    let many = (0..<7).map { ($0 % 2 == 0 ? ChatMessage.Role.user : .assistant, 2000, true) }
    #expect(try marks("claude-sonnet-5-5", many) == [true, false, false, false, true, true, true])
    // A server of one's own: nothing is known of its models.
    #expect(try marks("unheard-of", [(.user, 2048, true), (.user, 1, false)]) == [true, false])
  }

  @Test func tellsModelsHowMuchToThink() throws {
    func members(_ model: String, _ reasoning: ChatRequest.Reasoning?, _ maxTokens: Int = 8000) throws -> String {
      let body = try body(
        request(model) {
          $0.reasoning = reasoning
          $0.maxOutputTokens = maxTokens
          $0.temperature = 0.5
        })
      var members: [String: JSONTree] = [:]
      for name in ["thinking", "output_config", "temperature"] { members[name] = body[name] }
      return String(decoding: JSONTree.object(members).bytes, as: UTF8.self)
    }
    let warm = #"{"temperature":0.5}"#
    #expect(try members("claude-haiku-4-5", nil) == warm)
    // By a budget: at least 1,024 and below the limit of the whole; and no temperature beside it.
    #expect(
      try members("claude-haiku-4-5", .effort(.high)) == #"{"thinking":{"budget_tokens":4096,"type":"enabled"}}"#)
    #expect(
      try members("claude-haiku-4-5", .effort(.max)) == #"{"thinking":{"budget_tokens":6000,"type":"enabled"}}"#)
    #expect(try members("claude-haiku-4-5", .budget(10)) == #"{"thinking":{"budget_tokens":1024,"type":"enabled"}}"#)
    #expect(
      try members("claude-haiku-4-5", .budget(99999), 1025) == #"{"thinking":{"budget_tokens":1024,"type":"enabled"}}"#)
    #expect(try members("claude-haiku-4-5", .budget(2000), 1024) == warm)
    #expect(try members("claude-haiku-4-5", .adaptive) == #"{"thinking":{"budget_tokens":2048,"type":"enabled"}}"#)
    #expect(
      try members("claude-haiku-4-5", .effort(.none)) == #"{"temperature":0.5,"thinking":{"type":"disabled"}}"#)
    // As the model finds right, with an effort that it knows.
    #expect(
      try members("claude-sonnet-5", .effort(.xhigh))
        == #"{"output_config":{"effort":"xhigh"},"thinking":{"type":"adaptive"}}"#)
    #expect(
      try members("claude-sonnet-4-6", .effort(.xhigh))
        == #"{"output_config":{"effort":"high"},"thinking":{"type":"adaptive"}}"#)
    #expect(
      try members("claude-sonnet-4-6", .effort(.max))
        == #"{"output_config":{"effort":"max"},"thinking":{"type":"adaptive"}}"#)
    #expect(
      try members("claude-sonnet-5", .effort(.minimal))
        == #"{"output_config":{"effort":"low"},"thinking":{"type":"adaptive"}}"#)
    #expect(
      try members("claude-sonnet-5", .budget(5000))
        == #"{"output_config":{"effort":"medium"},"thinking":{"type":"adaptive"}}"#)
    #expect(try members("claude-sonnet-5", .adaptive) == #"{"thinking":{"type":"adaptive"}}"#)
    #expect(try members("claude-sonnet-5", .effort(.none)) == #"{"thinking":{"type":"disabled"}}"#)
    // What cannot be turned off is turned down.
    #expect(try members("claude-sonnet-5-5", .effort(.none)) == #"{"output_config":{"effort":"low"}}"#)
    // Unknown: the newest at Anthropic's own server.
    #expect(
      try members("claude-next", .effort(.low))
        == #"{"output_config":{"effort":"low"},"thinking":{"type":"adaptive"}}"#)
    let own = try body(
      request("qwen") {
        $0.reasoning = .effort(.low); $0.maxOutputTokens = 5000
      }, "http://127.0.0.1:1")
    #expect(own["thinking"]?["budget_tokens"]?.int == 1024)
  }

  @Test func sortsConversations() {
    func turns(_ messages: ChatMessage...) -> String {
      let turns = ConversationTurns(messages)
      let parts = { (parts: [ConversationTurns.Part]) in
        parts.map { $0.text + ($0.endsCachedPrefix ? "*" : "") }.joined(separator: "+")
      }
      return (["s:" + parts(turns.system)] + turns.turns.map { "\($0.role.rawValue.prefix(1)):" + parts($0.parts) })
        .joined(separator: " ")
    }
    #expect(
      turns(.init(.system, "a"), .init(.user, "b"), .init(.assistant, "c"), .init(.user, "d")) == "s:a u:b a:c u:d")
    #expect(turns(.init(.user, "a"), .init(.user, "b"), .init(.assistant, ""), .init(.user, "c")) == "s: u:a+b+c")
    #expect(turns(.init(.user, "a"), .init(.system, "rule"), .init(.user, "b")) == "s:rule u:a+b")
    #expect(turns(.init(.user, "a"), .init(.user, " \n\t", endsCachedPrefix: true), .init(.user, "b")) == "s: u:a*+b")
    #expect(turns(.init(.user, "a"), .init(.assistant, "so\n ")) == "s: u:a a:so")
    #expect(turns() == "s:")
    var merged = ConversationTurns([ChatMessage(.system, "s"), ChatMessage(.user, "a")])
    merged.moveSystemIntoFirstTurn()
    #expect(merged.system.isEmpty)
    #expect(merged.turns.map { $0.parts.map(\.text) } == [["s", "a"]])
  }
}
