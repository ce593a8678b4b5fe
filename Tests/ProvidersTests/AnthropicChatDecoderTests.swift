import HTTPTransport
import Ledger
import SeededInput
import Testing

@testable import Providers

struct AnthropicChatDecoderTests {
  func decode(_ pieces: [[UInt8]]) -> (events: [ChatEvent], error: ProviderError?) {
    var decoder: any ChatDecoder = AnthropicChatDecoder(
      question, classifier: ErrorClassifier(provider: "anthropic", secrets: []))
    return decodeAll(&decoder, pieces)
  }

  func decode(_ text: String) -> (events: [ChatEvent], error: ProviderError?) { decode([Array(text.utf8)]) }

  /// Events without names: the type in the data suffices.
  func stream(_ objects: String...) -> String { objects.map { "data: \($0)\n\n" }.joined() }

  func text(_ text: String) -> String {
    #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\#(text)"}}"#
  }

  let stop = #"{"type":"message_stop"}"#

  @Test func readsTheFixtureAtEverySplit() throws {
    let bytes = try fixture("anthropic.stream.sse")
    let expected: [ChatEvent] = [
      .text("Reading it."), .toolCall(ToolCall(id: "toolu_1", name: "read_file", arguments: #"{"path":"a.py"}"#)),
      .usage(TokenUsage(input: 25, cacheRead: 1800, output: 42, provenance: .provider)), .finished(.toolCalls),
    ]
    #expect(decode([bytes]).events == expected)
    #expect(decode(bytes.map { [$0] }).events == expected)
    let crlf = Array(
      String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        .joined(separator: "\r\n").utf8)
    #expect(decode(crlf.map { [$0] }).events == expected)
    for seed in 0..<60 {
      var generator = SeededGenerator(seed: UInt64(seed))
      var pieces: [[UInt8]] = []
      var rest = crlf[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...97, using: &generator)
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      let (events, error) = decode(pieces)
      #expect(events == expected)
      #expect(error == nil)
    }
  }

  @Test func readsAnAnswerThatWasNotStreamed() throws {
    let (events, error) = decode([try fixture("anthropic.response.json")])
    #expect(error == nil)
    #expect(
      events == [
        .text("It opens a file."), .usage(TokenUsage(input: 21, cacheWrite1h: 1800, output: 14, provenance: .provider)),
        .finished(.stop),
      ])
    let tools = decode(
      #"{"type":"message","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"x"},{"type":"tool_use","id":"a","name":"f","input":{"k":[1]}},{"type":"tool_use","id":"b","name":"g","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}"#
    )
    #expect(tools.events.reasoning == "hm")
    #expect(
      tools.events.calls == [
        ToolCall(id: "a", name: "f", arguments: #"{"k":[1]}"#), ToolCall(id: "b", name: "g", arguments: "{}"),
      ])
    #expect(decode(#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#).error?.kind == .overloaded)
    #expect(decode(#"{"id":1}"#).error?.code == "invalid_response")
  }

  @Test func reportsErrorsInTheStreamByTheirTypes() throws {
    let (events, error) = decode([try fixture("anthropic.stream.error.sse")])
    #expect(events.isEmpty)
    #expect(error?.kind == .overloaded)
    #expect(error?.mayBeCharged == true)
    #expect(error?.code == "overloaded_error")
    let cases: [(String, ProviderError.Kind)] = [
      ("invalid_request_error", .badRequest), ("authentication_error", .authentication), ("billing_error", .billing),
      ("permission_error", .permission), ("not_found_error", .notFound), ("request_too_large", .badRequest),
      ("rate_limit_error", .rateLimit), ("api_error", .server), ("timeout_error", .server), ("new_error", .server),
    ]
    for (type, kind) in cases {
      let data = #"{"type":"error","error":{"type":"\#(type)","message":"x"}}"#
      #expect(decode("event: error\ndata: \(data)\n\n").error?.kind == kind, "\(type)")
    }
    let limit =
      #"{"type":"error","error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}}"#
    #expect(decode(stream(limit)).error?.kind == .billing)
  }

  @Test(arguments: [
    ("end_turn", FinishReason.stop), ("stop_sequence", .stop), ("max_tokens", .length), ("tool_use", .toolCalls),
    ("refusal", .contentFilter), ("model_context_window_exceeded", .length), ("pause_turn", .other("pause_turn")),
  ])
  func saysWhyItEnded(_ word: String, _ reason: FinishReason) {
    let delta = #"{"type":"message_delta","delta":{"stop_reason":"\#(word)"},"usage":{"output_tokens":1}}"#
    #expect(decode(stream(text("a"), delta, stop)).events.finish == reason)
  }

  @Test func countsTheWholeSoFarAndNotTheSum() {
    let start =
      #"{"type":"message_start","message":{"usage":{"input_tokens":10,"cache_creation_input_tokens":8,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":3},"cache_read_input_tokens":7,"output_tokens":2}}}"#
    let delta = { (usage: String) in #"{"type":"message_delta","delta":{},"usage":\#(usage)}"# }
    let counted = TokenUsage(
      input: 10, cacheRead: 7, cacheWrite5m: 5, cacheWrite1h: 3, output: 20, reasoning: 11, provenance: .provider)
    let end = #"{"output_tokens":31,"output_tokens_details":{"thinking_tokens":11}}"#
    #expect(decode(stream(start, delta(#"{"output_tokens":9}"#), delta(end), stop)).events.usage == counted)
    // Zeros at one end stand for what a proxy does not know there.
    let early = #"{"type":"message_start","message":{"usage":{"input_tokens":0,"output_tokens":0}}}"#
    let late = delta(#"{"input_tokens":10,"output_tokens":20,"cache_read_input_tokens":3}"#)
    #expect(
      decode(stream(early, late, stop)).events.usage
        == TokenUsage(input: 10, cacheRead: 3, output: 20, provenance: .provider))
    let zeros = delta(#"{"input_tokens":0,"output_tokens":0}"#)
    #expect(decode(stream(early, text("abc"), zeros, stop)).events.usage?.provenance == .estimated)
    // The total alone was written for five minutes.
    let plain = delta(#"{"input_tokens":1,"output_tokens":2,"cache_creation_input_tokens":4}"#)
    #expect(decode(stream(plain, stop)).events.usage?.cacheWrite5m == 4)
    let wrong = delta(
      #"{"input_tokens":1,"output_tokens":2,"cache_creation_input_tokens":4,"cache_creation":{"ephemeral_1h_input_tokens":1,"ephemeral_5m_input_tokens":1}}"#
    )
    #expect(decode(stream(wrong, stop)).events.usage?.isSuspect == true)
    #expect(decode(stream(wrong, stop)).events.usage?.totalInput == 5)
  }

  @Test func chargesWhatWasDeliveredBeforeTheCut() {
    let start = #"{"type":"message_start","message":{"usage":{"input_tokens":500,"output_tokens":1}}}"#
    let (events, error) = decode(stream(start, text(String(repeating: "x", count: 300))))
    #expect(error?.kind == .truncated)
    #expect(events.usage == TokenUsage(input: 500, output: 100, provenance: .estimated))
    // The reason is not the end: without the marker something is missing.
    let delta = #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}"#
    let cut = decode(stream(start, text("abc"), delta))
    #expect(cut.error?.kind == .truncated)
    #expect(cut.events.usage == TokenUsage(input: 500, output: 5, provenance: .provider))
  }

  @Test func ignoresWhatItDoesNotKnow() {
    let (events, error) = decode(
      stream(
        #"{"type":"ping"}"#, #"{"type":"brand_new","x":1}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"n","input":{}}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"signature_delta","signature":"x"}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{}}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"brand_new_delta"}}"#,
        #"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":"from the start"}}"#, stop,
        "[DONE]"))
    #expect(error == nil)
    #expect(events.text == "from the start")
    #expect(events.calls.isEmpty)
  }

  @Test func putsToolCallsTogetherByteByByte() {
    let start = { (index: Int, id: String) in
      #"{"type":"content_block_start","index":\#(index),"content_block":{"type":"tool_use","id":"\#(id)","name":"f","input":{}}}"#
    }
    let piece = { (index: Int, text: String) in
      #"{"type":"content_block_delta","index":\#(index),"delta":{"type":"input_json_delta","partial_json":"\#(text)"}}"#
    }
    let objects =
      [start(1, "a"), piece(1, "")] + ["{", #"\""#, "k", #"\""#, ":", "1", "}"].map { piece(1, $0) } + [
        start(4, "b"), stop,
      ]
    let (events, error) = decode(objects.map { "data: \($0)\n\n" }.joined())
    #expect(error == nil)
    #expect(
      events.calls == [
        ToolCall(id: "a", name: "f", arguments: #"{"k":1}"#), ToolCall(id: "b", name: "f", arguments: "{}"),
      ])
  }

  @Test func refusesALineWithoutEnd() {
    var decoder = AnthropicChatDecoder(question, classifier: ErrorClassifier(provider: "anthropic", secrets: []))
    var error: ProviderError?
    for _ in 0..<10 where error == nil {
      error = decoder.push(Array("data: ".utf8) + Array(repeating: 0x61, count: 1 << 20)).error
    }
    #expect(error?.code == "invalid_response")
    #expect(decoder.isOver)
    var document = AnthropicChatDecoder(question, classifier: ErrorClassifier(provider: "anthropic", secrets: []))
    error = nil
    for _ in 0..<20 where error == nil { error = document.push(Array(repeating: 0x7B, count: 1 << 20)).error }
    #expect(error?.code == "invalid_response")
  }

  @Test func namesErrorsAsTheTableHasThem() throws {
    let classifier = ErrorClassifier(provider: "anthropic", secrets: [])
    func error(_ status: Int, _ type: String, _ message: String, code: String? = nil) -> ProviderError {
      let details = code.map { #","details":{"error_code":"\#($0)"}"# } ?? ""
      let body = #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"\#(details)},"request_id":"r"}"#
      return classifier.error(
        status: status, headers: HTTPHeaders(["request-id": "req_7"]), body: Array(body.utf8), now: 0)
    }
    #expect(error(400, "invalid_request_error", "prompt is too long: 5 tokens > 3 maximum").kind == .context)
    #expect(
      error(400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 1").kind == .context)
    #expect(error(400, "invalid_request_error", "you wrote: prompt is too long: 5").kind == .badRequest)
    #expect(error(400, "invalid_request_error", "Your credit balance is too low to access").kind == .billing)
    #expect(error(400, "invalid_request_error", "You have reached your specified API usage limits.").kind == .billing)
    #expect(error(400, "invalid_request_error", "echo: Your credit balance is too low").kind == .badRequest)
    #expect(error(402, "billing_error", "x").kind == .billing)
    #expect(error(409, "conflict_error", "x").kind == .server)
    #expect(error(413, "request_too_large", "x").kind == .badRequest)
    #expect(error(429, "rate_limit_error", "x", code: "ramp_limit_exceeded").kind == .rateLimit)
    #expect(error(429, "rate_limit_error", "x", code: "enforced_spend_limit_reached").kind == .billing)
    #expect(error(504, "timeout_error", "x").kind == .server)
    #expect(error(529, "overloaded_error", "x").requestID == "req_7")
    let found = classifier.error(status: 429, headers: HTTPHeaders(), body: try fixture("anthropic.error.json"), now: 0)
    #expect(found.kind == .rateLimit)
    #expect(found.code == "ramp_limit_exceeded")
  }

  @Test(arguments: [Int.max, .min, -1, 1_000_000_000_001])
  func countersThatNoRequestHasAreIgnored(_ count: Int) {
    let usage =
      #"{"input_tokens":\#(count),"cache_read_input_tokens":\#(count),"cache_creation_input_tokens":\#(count),"output_tokens":\#(count),"output_tokens_details":{"thinking_tokens":\#(count)},"cache_creation":{"ephemeral_5m_input_tokens":\#(count),"ephemeral_1h_input_tokens":\#(count)}}"#
    let (events, error) = decode(
      stream(
        #"{"type":"message_start","message":{"usage":\#(usage)}}"#, text("abc"),
        #"{"type":"message_delta","usage":\#(usage)}"#, stop))
    #expect(error == nil)
    #expect(events.usage == TokenUsage(input: 10, output: 1, provenance: .estimated))
  }

  @Test func whatIsCountedAtTheEndCountsWithoutABeginning() {
    let end =
      #"{"type":"message_delta","usage":{"output_tokens":70,"output_tokens_details":{"thinking_tokens":20}}}"#
    #expect(
      decode(stream(text("abc"), end, stop)).events.usage
        == TokenUsage(input: 10, output: 50, reasoning: 20, provenance: .estimated))
    let start = #"{"type":"message_start","message":{"usage":{"input_tokens":4,"cache_read_input_tokens":9}}}"#
    #expect(
      decode(stream(start, text("abc"), stop)).events.usage
        == TokenUsage(input: 4, cacheRead: 9, output: 1, provenance: .estimated))
  }
}
