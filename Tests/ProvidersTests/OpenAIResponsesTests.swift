import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct OpenAIResponsesTests {
  private func body(
    _ request: ChatRequest, base: String = "https://api.openai.com/v1", adapting errors: [ProviderError] = []
  ) throws -> JSONTree {
    var exchange = OpenAIResponsesFormat().exchange(
      request, at: Endpoint(provider: "openai", base: try HTTPURL(base)))
    for error in errors { _ = exchange.adapt(to: error) }
    return try JSONTree(parsing: try exchange.httpRequest().body)
  }

  private func request(_ model: String) -> ChatRequest {
    var request = question
    request.model = model
    request.traits = ModelTraits(PriceCatalogue.embedded.model(provider: "openai", name: model))
    return request
  }

  private func decode(_ pieces: [[UInt8]]) -> (events: [ChatEvent], error: ProviderError?) {
    var decoder: any ChatDecoder = OpenAIResponsesDecoder(
      question, classifier: ErrorClassifier(provider: "openai", secrets: []))
    return decodeAll(&decoder, pieces)
  }

  @Test func readsTheFixtureAtEverySplit() throws {
    let bytes = try fixture("openai.responses.stream.sse")
    let expected: [ChatEvent] = [
      .text("Hello"), .usage(TokenUsage(input: 10, output: 3, provenance: .provider)), .finished(.stop),
    ]
    for split in 0...bytes.count {
      #expect(decode([Array(bytes[..<split]), Array(bytes[split...])]).events == expected, "\(split)")
    }
    #expect(decode(bytes.map { [$0] }).events == expected)
  }

  @Test func sendsInstructionsAndStoresNothing() throws {
    var request = request("gpt-5-codex")
    request.messages.append(ChatMessage(.assistant, "That."))
    request.messages.append(ChatMessage(.system, "Be brief."))
    request.temperature = 0.5
    request.reasoning = .effort(.minimal)
    let sent = try body(request)
    #expect(sent["instructions"]?.string == "Answer.")
    #expect(sent["input"]?.array?.map { $0["role"]?.string } == ["user", "assistant", "developer"])
    #expect(sent["store"] == .bool(false))
    #expect(sent["stream"] == .bool(true))
    #expect(sent["max_output_tokens"]?.int == 64)
    #expect(sent["temperature"] == nil)
    // The catalogue knows no “minimal” of this model.
    #expect(sent["reasoning"]?["effort"]?.string == "low")
  }

  @Test func doesNotStreamWhatCannot() throws {
    let sent = try body(request("gpt-5-pro"))
    #expect(sent["stream"] == .bool(false))
    let endpoint = Endpoint(provider: "openai", base: try HTTPURL("https://api.openai.com/v1"))
    let exchange = OpenAIResponsesFormat().exchange(request("gpt-5-pro"), at: endpoint)
    #expect(try exchange.httpRequest().timeouts.firstByte == .seconds(600))
    let refused = ProviderError(.badRequest, provider: "openai", message: "no", status: 400, parameter: "stream")
    #expect(try body(question, adapting: [refused])["stream"] == .bool(false))
    var again = OpenAIResponsesFormat().exchange(question, at: endpoint)
    let adapted = [again.adapt(to: refused), again.adapt(to: refused)]
    #expect(adapted == [true, false])
  }

  @Test func theNameMayChooseTheInterface() throws {
    let definition = ProviderDefinition.openAI
    #expect(definition.chat("gpt-4o", ModelTraits()) is OpenAIChatFormat)
    #expect(definition.chat("responses/gpt-4o", ModelTraits()) is OpenAIResponsesFormat)
    #expect(definition.chat("gpt-5-pro", ModelTraits(mode: .responses)) is OpenAIResponsesFormat)
    #expect(definition.entry("responses/gpt-4o-mini", in: .embedded)?.name == "gpt-4o-mini")
    var named = question
    named.model = "responses/gpt-4o"
    #expect(try body(named)["model"]?.string == "gpt-4o")
  }

  @Test func readsToolCallsAndWhatCameWithoutDeltas() {
    let call = #"{"type":"function_call","id":"fc","call_id":"c1","name":"f","arguments":"{}"}"#
    let message = #"{"type":"message","content":[{"type":"output_text","text":"Hello"}]}"#
    let streamed =
      #"data: {"type":"response.output_item.done","item":\#(call)}"# + "\n\n"
      + #"data: {"type":"response.completed","response":{"output":[\#(message),\#(call)]}}"# + "\n\n"
    let (events, error) = decode([Array(streamed.utf8)])
    #expect(error == nil)
    #expect(events.text == "Hello")
    #expect(events.calls == [ToolCall(id: "c1", name: "f", arguments: "{}")])
    #expect(events.finish == .toolCalls)
    let refused =
      #"{"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"No."}]}]}"#
    #expect(decode([Array(refused.utf8)]).events.finish == .contentFilter)
    #expect(decode([Array(refused.utf8)]).events.first == .refusal("No."))
  }

  @Test func aFailedDocumentIsAnError() {
    let failed = #"{"status":"failed","error":{"code":"rate_limit_exceeded","message":"x"},"output":[]}"#
    #expect(decode([Array(failed.utf8)]).error?.kind == .rateLimit)
    #expect(decode([Array(#"{"object":"list"}"#.utf8)]).error?.code == "invalid_response")
  }

  @Test func aSummaryThatCameAsDeltasIsNotRepeated() {
    let summary = #"{"type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}]}"#
    let message = #"{"type":"message","content":[{"type":"output_text","text":"Hello"}]}"#
    let delta = #"data: {"type":"response.reasoning_summary_text.delta","delta":"Hm."}"# + "\n\n"
    let end = #"data: {"type":"response.completed","response":{"output":[\#(summary),\#(message)]}}"# + "\n\n"
    for text in [delta + end, end] {
      let (events, error) = decode([Array(text.utf8)])
      #expect(error == nil)
      #expect(events.reasoning == "Hm.")
      #expect(events.text == "Hello")
    }
  }
}
