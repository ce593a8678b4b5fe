import CurlTransport
import Foundation
import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct GeminiTests {
  private let classifier: GeminiErrorClassifier

  init() throws {
    classifier = GeminiErrorClassifier(
      Endpoint(provider: "gemini", base: try HTTPURL("https://generativelanguage.googleapis.com/v1beta")))
  }

  private func decode(_ pieces: [[UInt8]]) -> (events: [ChatEvent], error: ProviderError?) {
    var decoder: any ChatDecoder = GeminiDecoder(question, classifier: classifier)
    return decodeAll(&decoder, pieces)
  }

  private func error(_ status: Int, _ body: String, _ headers: KeyValuePairs<String, String> = [:]) -> ProviderError {
    classifier.error(status: status, headers: HTTPHeaders(headers), body: Array(body.utf8), now: 0)
  }

  private func sent(_ request: ChatRequest) throws -> (body: JSONTree, url: String) {
    let endpoint = Endpoint(
      provider: "gemini", base: try HTTPURL("http://127.0.0.1:1/v1beta"), credential: .key(try #require(Secret("k"))))
    let request = try GeminiFormat().exchange(request, at: endpoint).httpRequest()
    return (try JSONTree(parsing: request.body), request.url.description)
  }

  private func request(_ model: String, _ reasoning: ChatRequest.Reasoning? = nil) -> ChatRequest {
    var request = question
    request.model = model
    request.traits = ModelTraits(ProviderDefinition.gemini.entry(model, in: .embedded))
    request.reasoning = reasoning
    return request
  }

  @Test func readsTheFixturesAtEverySplit() throws {
    let bytes = try fixture("gemini.stream.sse")
    let expected: [ChatEvent] = [
      .text("It "), .toolCall(ToolCall(id: "c1", name: "read_file", arguments: #"{"path":"a.py"}"#)),
      .usage(TokenUsage(input: 900, output: 15, reasoning: 80, provenance: .provider)), .finished(.toolCalls),
    ]
    for split in 0...bytes.count {
      #expect(decode([Array(bytes[..<split]), Array(bytes[split...])]).events == expected, "\(split)")
    }
    let whole = decode([try fixture("gemini.response.json")])
    #expect(
      whole.events == [
        .text("It opens a file."),
        .usage(TokenUsage(input: 388, cacheRead: 512, output: 12, reasoning: 80, provenance: .provider)),
        .finished(.stop),
      ])
  }

  @Test func aBlockedPromptIsAnErrorThoughTheStatusIsSuccess() throws {
    for pieces in [[try fixture("gemini.blocked.json")], [Array("data: ".utf8), try fixture("gemini.blocked.json")]] {
      let (events, error) = decode(pieces)
      #expect(error?.kind == .contentPolicy)
      #expect(error?.code == "PROHIBITED_CONTENT")
      #expect(error?.mayBeCharged == true)
      #expect(events == [.usage(TokenUsage(input: 900, provenance: .provider))])
    }
  }

  @Test func aCandidateMayLackEverything() {
    let (events, error) = decode([
      Array(#"[{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]},{"candidates":[{}]}]"#.utf8)
    ])
    #expect(error == nil)
    #expect(events.finish == .other("MALFORMED_FUNCTION_CALL"))
    #expect(events.usage?.provenance == .estimated)
  }

  @Test func theLastCountersCountWhereverTheyCome() {
    let text = #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"#
    let usage =
      #"{"usageMetadata":{"promptTokenCount":7,"toolUsePromptTokenCount":3,"candidatesTokenCount":1,"totalTokenCount":11}}"#
    let expected = TokenUsage(input: 10, output: 1, provenance: .provider)
    #expect(decode([Array("data: \(text)\n\ndata: \(usage)\n\n".utf8)]).events.usage == expected)
    #expect(decode([Array("data: \(usage)\n\ndata: \(text)\n\n".utf8)]).events.usage == expected)
    let odd = #"{"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":1,"totalTokenCount":99}}"#
    #expect(decode([Array("data: \(odd)\n\ndata: \(text)\n\n".utf8)]).events.usage?.isSuspect == true)
  }

  @Test func aDaysQuotaIsBillingAndItsAdviceIsRead() throws {
    let daily = String(decoding: try fixture("gemini.error.json"), as: UTF8.self)
    for body in [daily, "[\(daily)]"] {
      let found = error(429, body)
      #expect(found.kind == .billing)
      #expect(found.code == "RESOURCE_EXHAUSTED")
      #expect(found.retryAfter == .seconds(17))
    }
    let minute = error(
      429, daily.replacingOccurrences(of: "PerDay", with: "PerMinute").replacingOccurrences(of: "17s", with: "0.25s"))
    #expect(minute.kind == .rateLimit)
    #expect(minute.retryAfter == .milliseconds(250))
    #expect(error(429, minuteBody, ["retry-after": "3"]).retryAfter == .seconds(3))
  }

  private let minuteBody = #"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[]}}"#

  @Test(arguments: [
    (400, "INVALID_ARGUMENT", "rate limit", ProviderError.Kind.badRequest),
    (400, "INVALID_ARGUMENT", "you: The input token count (1) exceeds the maximum", .badRequest),
    (400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8).", .context),
    (400, "FAILED_PRECONDITION", "User location is not supported", .permission),
    (401, "UNAUTHENTICATED", "", .authentication),
    (402, "", "", .billing), (404, "NOT_FOUND", "", .notFound), (499, "CANCELLED", "", .server),
    (503, "UNAVAILABLE", "", .overloaded), (504, "DEADLINE_EXCEEDED", "", .server),
  ])
  func classifies(_ status: Int, _ word: String, _ message: String, _ kind: ProviderError.Kind) {
    let body = jsonText(["error": ["code": status, "status": word, "message": message]])
    #expect(error(status, body).kind == kind)
    #expect(error(status, "[\(body)]").kind == kind)
  }

  @Test func writesTheRequestOfTheFixture() throws {
    let expected = try JSONTree(parsing: try fixture("gemini.request.json"))
    var asked = request("gemini-3.5-flash", .effort(.low))
    asked.messages = [ChatMessage(.system, "Answer from the context."), ChatMessage(.user, "What does open() do?")]
    asked.maxOutputTokens = 1024
    asked.temperature = 0.2
    asked.extraBody = ["safety_settings": expected["safetySettings"] ?? .null]
    let (body, url) = try sent(asked)
    #expect(url == "http://127.0.0.1:1/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse")
    for member in ["systemInstruction", "contents", "safetySettings"] { #expect(body[member] == expected[member]) }
    #expect(body["generationConfig"]?["maxOutputTokens"] == expected["generationConfig"]?["maxOutputTokens"])
    #expect(body["generationConfig"]?["temperature"] == .number(0.2))
    #expect(body["generationConfig"]?["thinkingConfig"]?["thinkingLevel"]?.string == "LOW")
  }

  @Test func turnsAlternate() throws {
    var asked = request("gemma-3-27b-it")
    asked.messages = [
      ChatMessage(.system, "Rules."), ChatMessage(.user, "One."), ChatMessage(.user, "Two."),
      ChatMessage(.assistant, "A."),
    ]
    // This model knows no system instruction.
    let (body, _) = try sent(asked)
    #expect(body["systemInstruction"] == nil)
    #expect(body["contents"]?.array?.map { $0["role"]?.string } == ["user", "model"])
    #expect(body["contents"]?[0]?["parts"]?.array?.compactMap { $0["text"]?.string } == ["Rules.", "One.", "Two."])
  }

  @Test(arguments: [
    ("gemini-2.5-flash", ChatRequest.Reasoning.effort(.none), "thinkingBudget", JSONTree.integer(0)),
    ("gemini-2.5-pro", .effort(.none), "thinkingBudget", .integer(128)),
    ("gemini-2.5-flash-lite", .budget(5), "thinkingBudget", .integer(512)),
    ("gemini-2.5-flash", .budget(1_000_000), "thinkingBudget", .integer(24_576)),
    ("gemini-2.5-flash", .adaptive, "thinkingBudget", .integer(-1)),
    ("gemini-3.5-flash", .effort(.none), "thinkingLevel", .string("MINIMAL")),
    ("gemini-3.1-pro-preview", .effort(.none), "thinkingLevel", .string("LOW")),
    ("gemini-4-argon", .effort(.xhigh), "thinkingLevel", .string("HIGH")),
    ("gemini-4-argon", .budget(6000), "thinkingLevel", .string("MEDIUM")),
    ("gemini-flash-latest", .effort(.high), "thinkingLevel", .string("HIGH")),
  ])
  func saysHowMuchToThink(_ model: String, _ reasoning: ChatRequest.Reasoning, _ name: String, _ value: JSONTree) throws
  {
    let settings = try sent(request(model, reasoning)).body["generationConfig"]?["thinkingConfig"]
    #expect(settings?[name] == value)
    #expect(settings?[name == "thinkingLevel" ? "thinkingBudget" : "thinkingLevel"] == nil)
  }

  @Test func leavesOutWhatAModelDoesNotTake() throws {
    var asked = request("gemini-3.8-flash")
    asked.temperature = 0.2
    asked.topP = 0.5
    #expect(try sent(asked).body["generationConfig"]?["temperature"] == nil)
    #expect(try sent(asked).body["generationConfig"]?["topP"] == nil)
    #expect(try sent(request("gemini-4-argon", .adaptive)).body["generationConfig"]?["thinkingConfig"] == nil)
    let endpoint = Endpoint(provider: "gemini", base: try HTTPURL("http://127.0.0.1:1/v1beta"))
    var exchange = GeminiFormat().exchange(request("gemini-9", .effort(.low)), at: endpoint)
    let refused = error(
      400,
      #"{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"generation_config.thinking_config.thinking_level"}]}]}}"#
    )
    let adapted = [exchange.adapt(to: refused), exchange.adapt(to: refused)]
    #expect(adapted == [true, false])
    #expect(try JSONTree(parsing: exchange.httpRequest().body)["generationConfig"]?["thinkingConfig"] == nil)
  }

  @Test func listsModels() async throws {
    let server = try TestHTTPServer { _, connection in
      try connection.respond(
        200,
        body:
          #"{"models":[{"name":"models/gemini-x","inputTokenLimit":1000,"supportedGenerationMethods":["generateContent"]},{"name":"models/imagen","supportedGenerationMethods":["predict"]}]}"#
      )
    }
    let transport = CurlTransport()
    defer {
      transport.shutDown()
      server.stop()
    }
    let endpoint = Endpoint(
      provider: "gemini", base: try HTTPURL(server.base + "/v1beta"), credential: .key(try #require(Secret("k"))))
    let models = try await ProviderDefinition.gemini.models(at: endpoint, transport: transport)
    #expect(models == [ListedModel(id: "gemini-x", contextTokens: 1000)])
    #expect(server.requests.first?.target == "/v1beta/models?pageSize=1000")
    #expect(server.requests.first?.headers["x-goog-api-key"] == "k")
  }

  @Test func countersBeforeTheEndAreNotTheLast() {
    let first =
      #"{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":1,"totalTokenCount":8}}"#
    let second = #"{"candidates":[{"content":{"parts":[{"text":"\#(String(repeating: "b", count: 299))"}]}}]}"#
    let (events, error) = decode([Array("data: \(first)\n\ndata: \(second)\n\n".utf8)])
    #expect(error?.kind == .truncated)
    #expect(events.usage == TokenUsage(input: 7, output: 100, provenance: .estimated))
    let many = first.replacingOccurrences(of: "sTokenCount\":1", with: "sTokenCount\":500")
    #expect(decode([Array("data: \(many)\n\n".utf8)]).events.usage?.output == 500)
  }
}
