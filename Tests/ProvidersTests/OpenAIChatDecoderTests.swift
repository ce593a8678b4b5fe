import Foundation
import Ledger
import SeededInput
import Testing

@testable import Providers

struct OpenAIChatDecoderTests {
  @Test func readsTheFixtureAtEverySplit() throws {
    let bytes = try fixture("openai.stream.sse")
    let expected: [ChatEvent] = [
      .text("It opens"),
      .toolCall(ToolCall(id: "call_1", name: "read_file", arguments: #"{"path":"a.py"}"#)),
      .usage(TokenUsage(input: 176, cacheRead: 1024, output: 25, provenance: .provider)),
      .finished(.toolCalls),
    ]
    #expect(decode([bytes]).events == expected)
    #expect(decode(bytes.map { [$0] }).events == expected)
    for seed in 0..<60 {
      var generator = SeededGenerator(seed: UInt64(seed))
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
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
    let (events, error) = decode([try fixture("openai.response.json")])
    #expect(error == nil)
    #expect(
      events == [
        .text("It opens a file."),
        .usage(TokenUsage(input: 176, cacheRead: 1024, output: 20, reasoning: 40, provenance: .provider)),
        .finished(.stop),
      ])
    let spaced = decode("\n\n " + String(decoding: try fixture("openai.response.json"), as: UTF8.self))
    #expect(spaced.events == events)
  }

  @Test func survivesChunksWithoutChoices() throws {
    let filter = String(decoding: try fixture("azure.chunk.filter.json"), as: UTF8.self)
      .trimmingCharacters(in: .newlines)
    let (events, error) = decode(stream(filter, chunk("a", finish: "stop")))
    #expect(error == nil)
    #expect(events.text == "a")
  }

  @Test func marksUsageThatIsMissing() {
    let (events, error) = decode(stream(chunk("abcdef", finish: "stop")))
    #expect(error == nil)
    #expect(events.usage == TokenUsage(input: 10, output: 2, provenance: .estimated))
    #expect(events.finish == .stop)
  }

  @Test(arguments: [
    // In the finish chunk, before it, after it, in a chunk without choices, and where Groq puts it.
    [
      #"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}}"#
    ],
    [#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}"#, chunk("a", finish: "stop")],
    [chunk("a", finish: "stop"), #"{"usage":{"prompt_tokens":5,"completion_tokens":1}}"#],
    [chunk("a", finish: "stop"), #"{"choices":[],"x_groq":{"usage":{"prompt_tokens":5,"completion_tokens":1}}}"#],
    // Cumulative: the last one counts.
    [
      #"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":0}}"#,
      #"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}}"#,
    ],
  ])
  func findsUsage(_ objects: [String]) {
    let text = objects.map { "data:\($0)\n\n" }.joined() + "data:[DONE]\n\n"
    let (events, error) = decode(text)
    #expect(error == nil)
    #expect(events == [.text("a"), .usage(TokenUsage(input: 5, output: 1, provenance: .provider)), .finished(.stop)])
  }

  @Test func endsWithoutTheMarkerWhenThereIsAReason() {
    let (events, error) = decode(stream(chunk("a", finish: "length"), done: false))
    #expect(error == nil)
    #expect(events.finish == .length)
  }

  @Test func endsWithTheMarkerWhenThereIsNoReason() {
    let (events, error) = decode(stream(chunk("a", finish: "")))
    #expect(error == nil)
    #expect(events.finish == .stop)
  }

  @Test func isTruncatedWithoutEither() {
    let (events, error) = decode(stream(chunk("abc"), done: false))
    #expect(error?.kind == .truncated)
    #expect(error?.mayBeCharged == true)
    #expect(events == [.text("abc"), .usage(TokenUsage(input: 10, output: 1, provenance: .estimated))])
    #expect(decode("").error?.kind == .truncated)
    #expect(decode(": comment\n\n").error?.kind == .truncated)
  }

  @Test func takesALastEventWithoutItsBlankLine() {
    let (events, error) = decode("data: \(chunk("a", finish: "stop"))\n\ndata: [DONE]")
    #expect(error == nil)
    #expect(events.finish == .stop)
    // Cut inside the JSON: nothing of it is believed.
    let cut = decode("data: \(chunk("a"))\n\ndata: {\"choices\":[{\"del")
    #expect(cut.events.text == "a")
    #expect(cut.error?.kind == .truncated)
  }

  @Test func reportsErrorsInTheStream() {
    let plain = decode(
      stream(chunk("a"), #"{"error":{"message":"boom","type":"server_error","code":null}}"#, done: false))
    #expect(plain.events.text == "a")
    #expect(plain.events.usage != nil)
    #expect(plain.error?.kind == .server)
    #expect(plain.error?.mayBeCharged == true)
    let named = decode("event: error\ndata: {\"type\":\"overloaded_error\",\"message\":\"x\"}\n\n")
    #expect(named.error?.kind == .overloaded)
    let router = decode(
      stream(
        #"{"error":{"code":429,"message":"slow"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#))
    #expect(router.error?.kind == .rateLimit)
    let quota = decode(stream(#"{"error":{"message":"x","type":"insufficient_quota"}}"#))
    #expect(quota.error?.kind == .billing)
    let reason = decode(stream(#"{"choices":[{"delta":{},"finish_reason":"error"}]}"#))
    #expect(reason.error?.kind == .server)
    #expect(decode(#"{"error":"busy"}"#).error?.message == "busy")
  }

  @Test func refusesGarbage() {
    for text in ["data: hello\n\n", "data: [1]\n\n", "{\"choices\":", "{}", "[]", "data: {\"a\":}\n\n"] {
      #expect(decode(text).error?.code == "invalid_response", "\(text)")
    }
    #expect(decode("<html>nothing here</html>").error?.kind == .truncated)
    let deep = String(repeating: "[", count: 100_000)
    #expect(decode("data: {\"a\":\(deep)}\n\n").error?.code == "invalid_response")
  }

  @Test func refusesALineWithoutEnd() {
    var decoder = makeDecoder()
    var error: ProviderError?
    for _ in 0..<10 where error == nil {
      error = decoder.push(Array("data: ".utf8) + Array(repeating: 0x61, count: 1 << 20)).error
    }
    #expect(error?.code == "invalid_response")
    #expect(decoder.isOver)
  }

  @Test func readsReasoningUnderEveryName() {
    for member in [
      #""reasoning_content":"hm""#, #""reasoning":"hm""#,
      #""reasoning_details":[{"type":"reasoning.text","text":"hm"}]"#,
      #""content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]"#,
    ] {
      let (events, error) = decode(stream("{\"choices\":[{\"delta\":{\(member)}}]}", chunk("a", finish: "stop")))
      #expect(error == nil)
      #expect(events.reasoning == "hm", "\(member)")
      #expect(events.text == "a")
      #expect(events.usage?.reasoning == 1)
    }
  }

  @Test func readsContentInEveryForm() {
    for content in [#""ab""#, #"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#, #"["a","b"]"#] {
      #expect(decode(stream("{\"choices\":[{\"delta\":{\"content\":\(content)}}]}")).events.text == "ab", "\(content)")
    }
    #expect(decode(stream(#"{"choices":[{"delta":{"content":null}}]}"#)).events.text.isEmpty)
    #expect(
      decode(stream(#"{"choices":[{"delta":{"content":"\u00e9\ud83d\ude42\ud800x"}}]}"#)).events.text == "é🙂\u{FFFD}x")
  }

  @Test func showsARefusal() {
    let (events, error) = decode(stream(#"{"choices":[{"delta":{"refusal":"I cannot."},"finish_reason":"stop"}]}"#))
    #expect(error == nil)
    #expect(events.first == .refusal("I cannot."))
    #expect(events.finish == .contentFilter)
  }

  @Test func assemblesToolCalls() {
    func call(_ json: String) -> String { "{\"choices\":[{\"delta\":{\"tool_calls\":[\(json)]}}]}" }
    // Arguments byte by byte.
    let letters = #"{"a":1}"#.map {
      call(#"{"index":0,"function":{"arguments":"\#($0 == "\"" ? "\\\"" : String($0))"}}"#)
    }
    let slow = ([call(#"{"index":0,"id":"c","function":{"name":"f"}}"#)] + letters).map { "data: \($0)\n\n" }.joined()
    #expect(decode(slow + "data: [DONE]\n\n").events.calls == [ToolCall(id: "c", name: "f", arguments: #"{"a":1}"#)])
    // Without an index: by id, else to the last one. Arguments may be an object.
    let loose = decode(
      stream(
        call(#"{"id":"x","function":{"name":"f","arguments":"1"}}"#), call(#"{"function":{"arguments":"2"}}"#),
        call(#"{"id":"y","function":{"name":"g","arguments":{"b":2}}}"#),
        call(#"{"id":"x","function":{"arguments":"3"}}"#)))
    #expect(
      loose.events.calls == [
        ToolCall(id: "x", name: "f", arguments: "123"), ToolCall(id: "y", name: "g", arguments: #"{"b":2}"#),
      ])
  }

  @Test func sortsUsageIntoBuckets() throws {
    func usage(_ json: String, _ quirks: OpenAIQuirks = OpenAIQuirks()) throws -> TokenUsage? {
      OpenAIUsage.read(try JSONTree(parsing: Array(json.utf8)), quirks: quirks)
    }
    #expect(
      try usage(
        #"{"prompt_tokens":100,"completion_tokens":30,"total_tokens":130,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},"completion_tokens_details":{"reasoning_tokens":20}}"#
      )
        == TokenUsage(input: 30, cacheRead: 60, cacheWrite5m: 10, output: 10, reasoning: 20, provenance: .provider))
    #expect(
      try usage(
        #"{"prompt_tokens":100,"completion_tokens":5,"prompt_cache_hit_tokens":70,"prompt_cache_miss_tokens":30}"#)
        == TokenUsage(input: 30, cacheRead: 70, output: 5, provenance: .provider))
    let grok =
      #"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":22,"completion_tokens_details":{"reasoning_tokens":7}}"#
    #expect(
      try usage(grok, OpenAIQuirks(countsReasoningBeside: true))
        == TokenUsage(input: 10, output: 5, reasoning: 7, provenance: .provider))
    #expect(try usage(#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":99}"#)?.isSuspect == true)
    let absurd = try usage(#"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":50}}"#)
    #expect(absurd?.input == 0)
    #expect(absurd?.isSuspect == true)
    #expect(try usage("{}") == nil)
  }

  @Test func blanksBeforeTheAnswerAreDropped() {
    let blanks = Array(repeating: Array(" \r\n\t".utf8), count: 20_000)
    let document = #"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#
    for text in [stream(chunk("a", finish: "stop")), document] {
      let (events, error) = decode(blanks + [Array(text.utf8)])
      #expect(error == nil)
      #expect(events.text == "a")
      let whole = decode("\n  " + text)
      #expect(whole.events.text == "a")
    }
    var reader = AnswerReader()
    for piece in blanks { #expect((try? reader.push(piece))?.isEmpty == true) }
    #expect((try? reader.push(Array("data: a\n\n".utf8)))?.count == 1)
  }
}
