import HTTPTransport
import Ledger
import SeededInput
import Testing

@testable import Providers

struct BedrockChatDecoderTests {
  func decode(_ pieces: [[UInt8]]) throws -> (events: [ChatEvent], error: ProviderError?) {
    try ProviderFake.bedrock.decode(pieces)
  }

  func event(_ type: String, _ json: String) -> [UInt8] { EventStreamFrames.event(type, Array(json.utf8)) }

  /// The payloads of the fixture, framed.
  func fixtureStream() throws -> [UInt8] {
    let types = [
      "messageStart", "contentBlockDelta", "contentBlockStop", "contentBlockStart", "contentBlockDelta",
      "contentBlockStop", "messageStop", "metadata",
    ]
    let lines = String(decoding: try fixture("bedrock.stream.payloads.ndjson"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == types.count)
    return zip(types, lines).flatMap { event($0, String($1)) }
  }

  @Test func readsTheFixtureAtEverySplit() throws {
    let bytes = try fixtureStream()
    let expected: [ChatEvent] = [
      .text("It opens"), .toolCall(ToolCall(id: "tu_1", name: "read_file", arguments: #"{"path":"a.py"}"#)),
      .usage(TokenUsage(input: 20, output: 9, provenance: .provider)), .finished(.toolCalls),
    ]
    #expect(try decode([bytes]).events == expected)
    #expect(try decode(bytes.map { [$0] }).events == expected)
    for seed in 0..<60 {
      var generator = SeededGenerator(seed: UInt64(seed))
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Int.random(in: 0...97, using: &generator)
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      let (events, error) = try decode(pieces)
      #expect(events == expected)
      #expect(error == nil)
    }
  }

  @Test func readsTheVectors() throws {
    let lines = String(decoding: try fixture("bedrock.frames.hex"), as: UTF8.self).split(separator: "\n")
    let frames = lines.map { line -> [UInt8] in
      let digits = line.compactMap(\.hexDigitValue)
      return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
    try #require(frames.map(\.count) == [148, 144, 16])
    let (events, error) = try decode([frames[0] + frames[2] + frames[1]])
    #expect(events == [.text("Hi"), .usage(TokenUsage(input: 10, output: 1, provenance: .estimated))])
    #expect(error?.kind == .rateLimit)
    #expect(error?.code == "throttlingException")
    #expect(error?.message == "Too many requests")
    #expect(error?.mayBeCharged == true)
  }

  @Test func readsAnAnswerThatWasNotStreamed() throws {
    let (events, error) = try decode([try fixture("bedrock.response.json")])
    #expect(error == nil)
    #expect(
      events == [
        .text("It opens a file."), .usage(TokenUsage(input: 20, cacheRead: 1800, output: 9, provenance: .provider)),
        .finished(.stop),
      ])
    let thinking =
      #"{"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1}}}]}},"stopReason":"tool_use"}"#
    let tools = try decode([Array(thinking.utf8)])
    #expect(tools.events.reasoning == "hm")
    #expect(tools.events.calls == [ToolCall(id: "t", name: "f", arguments: #"{"a":1}"#)])
    #expect(tools.events.usage?.provenance == .estimated)
  }

  @Test func aDamagedFrameEndsTheAnswerAfterWhatCame() throws {
    let good = event("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"text":"abc"}}"#)
    var bad = event("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"text":"xyz"}}"#)
    bad[bad.count - 12] ^= 1
    for pieces in [[good + bad + good], (good + bad + good).map { [$0] }] {
      let (events, error) = try decode(pieces)
      #expect(events == [.text("abc"), .usage(TokenUsage(input: 10, output: 1, provenance: .estimated))])
      #expect(error?.code == "invalid_response")
      #expect(error?.mayBeCharged == true)
    }
  }

  @Test func namesExceptionsInTheStream() throws {
    let cases: [(String, String, ProviderError.Kind)] = [
      ("throttlingException", "x", .rateLimit), ("internalServerException", "x", .server),
      ("modelStreamErrorException", "x", .server), ("serviceUnavailableException", "x", .overloaded),
      ("validationException", "rate limit", .badRequest), ("modelTimeoutException", "x", .timeout),
      ("validationException", "Input is too long for requested model.", .context),
      ("validationException", "The model returned the following errors: prompt is too long: 9", .context),
      ("brandNewException", "x", .server),
    ]
    for (name, message, kind) in cases {
      #expect(try decode([EventStreamFrames.exception(name, message)]).error?.kind == kind, "\(name)")
    }
    let plain = EventStreamFrames.frame(
      [":message-type": "error", ":error-code": "InternalFailure", ":error-message": "An internal\nerror"], [])
    let error = try decode([plain]).error
    #expect(error?.kind == .server)
    #expect(error?.code == "InternalFailure")
    #expect(error?.message == "An internal error")
  }

  @Test(arguments: [
    ("end_turn", FinishReason.stop), ("stop_sequence", .stop), ("max_tokens", .length), ("tool_use", .toolCalls),
    ("guardrail_intervened", .contentFilter), ("content_filtered", .contentFilter),
    ("model_context_window_exceeded", .length), ("malformed_model_output", .other("malformed_model_output")),
  ])
  func saysWhyItEnded(_ word: String, _ reason: FinishReason) throws {
    let bytes = event("messageStop", #"{"stopReason":"\#(word)"}"#) + event("metadata", "{}")
    #expect(try decode([bytes]).events.finish == reason)
  }

  @Test func sortsUsageIntoBuckets() throws {
    func usage(_ json: String) throws -> TokenUsage? { BedrockUsage.read(try JSONTree(parsing: Array(json.utf8))) }
    #expect(
      try usage(
        #"{"inputTokens":5,"outputTokens":6,"totalTokens":44,"cacheReadInputTokens":3,"cacheWriteInputTokens":30,"cacheDetails":[{"ttl":"1h","inputTokens":10},{"ttl":"5m","inputTokens":20}]}"#
      ) == TokenUsage(input: 5, cacheRead: 3, cacheWrite5m: 20, cacheWrite1h: 10, output: 6, provenance: .provider))
    #expect(try usage(#"{"inputTokens":5,"outputTokens":6,"totalTokens":12}"#)?.isSuspect == true)
    #expect(
      try usage(
        #"{"inputTokens":5,"outputTokens":6,"cacheWriteInputTokens":1,"cacheDetails":[{"ttl":"1h","inputTokens":2}]}"#
      )?.isSuspect == true)
    #expect(try usage("{}") == nil)
  }

  @Test func ignoresWhatItDoesNotKnow() throws {
    let bytes =
      event("brandNew", "not JSON") + event("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"brandNew":1}}"#)
      + event("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"s"}}}"#)
      + event("contentBlockStart", #"{"contentBlockIndex":0,"start":{}}"#)
      + event("metadata", #"{"usage":{"inputTokens":1,"outputTokens":2}}"#) + event("messageStop", "{}")
    let (events, error) = try decode([bytes])
    #expect(error == nil)
    #expect(events == [.usage(TokenUsage(input: 1, output: 2, provenance: .provider)), .finished(.stop)])
    #expect(try decode([event("contentBlockDelta", "[1]")]).error?.code == "invalid_response")
  }

  @Test func aStopCutFromItsCountersIsWholeButACutFrameIsNot() throws {
    let text = event("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"text":"abc"}}"#)
    let stop = event("messageStop", #"{"stopReason":"end_turn"}"#)
    #expect(try decode([text + stop]).events.finish == .stop)
    #expect(try decode([text + stop + event("metadata", "{}").dropLast()]).error?.kind == .truncated)
    #expect(try decode([text + stop.dropLast()]).error?.kind == .truncated)
    #expect(try decode([]).error?.kind == .truncated)
  }

  @Test func namesErrorsAsTheTableHasThem() throws {
    let endpoint = try ProviderFake.bedrock.endpoint("http://127.0.0.1:1")
    func error(_ status: Int, _ name: String?, _ body: String) -> ProviderError {
      var headers = HTTPHeaders(["x-amzn-RequestId": "r-9"])
      if let name { headers.append(name: "x-amzn-ErrorType", value: name) }
      return BedrockErrors(endpoint).error(status: status, headers: headers, body: Array(body.utf8), now: 0)
    }
    let cases: [(Int, String, ProviderError.Kind)] = [
      (403, "AccessDeniedException", .permission), (429, "ThrottlingException", .rateLimit),
      (404, "ResourceNotFoundException", .notFound), (400, "ValidationException", .badRequest),
      (408, "ModelTimeoutException", .timeout), (424, "ModelErrorException", .server),
      (424, "ModelStreamErrorException", .server), (429, "ModelNotReadyException", .rateLimit),
      (400, "ServiceQuotaExceededException", .rateLimit), (500, "InternalServerException", .server),
      (503, "ServiceUnavailableException", .overloaded), (403, "ExpiredTokenException", .authentication),
      (403, "UnrecognizedClientException:http://x/", .authentication),
      (403, "InvalidSignatureException", .authentication), (403, "com.amazon#AccessDeniedException", .permission),
    ]
    for (status, name, kind) in cases {
      let found = error(status, name, #"{"message":"a rate limit"}"#)
      #expect(found.kind == kind, "\(name)")
      #expect(found.message == "a rate limit")
      #expect(found.requestID == "r-9")
    }
    #expect(error(403, "UnrecognizedClientException:http://x/", "{}").code == "UnrecognizedClientException")
    #expect(
      error(400, "ValidationException", #"{"message":"Input is too long for requested model."}"#).kind == .context)
    #expect(error(400, "ValidationException", #"{"message":"You: Input is too long for"}"#).kind == .badRequest)
    #expect(error(429, nil, #"{"Message":"slow"}"#).kind == .rateLimit)
    #expect(error(429, nil, #"{"Message":"slow"}"#).message == "slow")
    #expect(error(400, nil, ##"{"__type":"a#ThrottlingException","message":"m"}"##).kind == .rateLimit)
    #expect(error(403, nil, #"{"message":"key sk-conformance-key"}"#).message == "key •••")
  }

  @Test(arguments: [Int.max, .min, -1, 1_000_000_000_001])
  func countersThatNoRequestHasAreIgnored(_ count: Int) throws {
    let details = #"[{"ttl":"1h","inputTokens":\#(count)},{"ttl":"1h","inputTokens":\#(count)}]"#
    func read(_ input: Int) throws -> TokenUsage? {
      let text =
        #"{"inputTokens":\#(input),"outputTokens":2,"cacheReadInputTokens":\#(count),"cacheWriteInputTokens":\#(count),"cacheDetails":\#(details),"totalTokens":3}"#
      return BedrockUsage.read(try JSONTree(parsing: Array(text.utf8)))
    }
    #expect(try read(count) == nil)
    #expect(try read(1) == TokenUsage(input: 1, output: 2, provenance: .provider))
  }
}
