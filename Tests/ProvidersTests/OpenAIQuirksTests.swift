import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct OpenAIQuirksTests {
  private func exchange(_ definition: ProviderDefinition, _ request: ChatRequest) throws -> any ChatExchange {
    let endpoint = try definition.endpoint(ProviderSettings(apiKey: Secret("k")))
    return try #require(definition.chat(request.model, request.traits)).exchange(request, at: endpoint)
  }

  private func body(_ definition: ProviderDefinition, _ change: (inout ChatRequest) -> Void = { _ in }) throws
    -> JSONTree
  {
    var request = question
    change(&request)
    return try JSONTree(parsing: exchange(definition, request).httpRequest().body)
  }

  private func usage(
    _ definition: ProviderDefinition, _ chunks: String..., headers: KeyValuePairs<String, String> = [:]
  ) throws -> TokenUsage? {
    var decoder = try exchange(definition, question).decoder(HTTPHeaders(headers))
    let text = chunks.map { "data: \($0)\n\n" }.joined() + "data: [DONE]\n\n"
    let (events, error) = decodeAll(&decoder, [Array(text.utf8)])
    #expect(error == nil)
    return events.usage
  }

  // MARK: What is sent

  @Test func mistralHasWordsOfItsOwn() throws {
    let sent = try body(.mistral) { $0.seed = 7 }
    #expect(sent["random_seed"]?.int == 7)
    #expect(sent["seed"] == nil)
    #expect(sent["stream_options"] == nil)
    #expect(sent["max_tokens"]?.int == 64)
  }

  @Test func cohereRefusesStreamOptions() throws {
    #expect(try body(.cohere)["stream_options"] == nil)
    #expect(try body(.cohere) { $0.reasoning = .effort(.low) }["reasoning_effort"]?.string == "high")
    #expect(try body(.cohere) { $0.reasoning = .effort(.none) }["reasoning_effort"]?.string == "none")
  }

  @Test func fireworksNamesModelsByAccount() throws {
    #expect(try body(.fireworks) { $0.model = "x" }["model"]?.string == "accounts/fireworks/models/x")
    #expect(try body(.fireworks) { $0.model = "accounts/me/models/x" }["model"]?.string == "accounts/me/models/x")
  }

  @Test func eachSaysItsWayHowMuchToThink() throws {
    let off = try body(.deepSeek) { $0.reasoning = .effort(.none) }
    #expect(off["thinking"]?["type"]?.string == "disabled")
    #expect(off["reasoning_effort"] == nil)
    let on = try body(.deepSeek) { $0.reasoning = .effort(.medium) }
    #expect(on["thinking"]?["type"]?.string == "enabled")
    #expect(on["reasoning_effort"]?.string == "high")
    #expect(try body(.openRouter) { $0.reasoning = .budget(500) }["reasoning"]?["max_tokens"]?.int == 500)
    #expect(try body(.openRouter) { $0.reasoning = .effort(.low) }["reasoning"]?["effort"]?.string == "low")
    let template = try body(.llamaCpp) { $0.reasoning = .effort(.none) }
    #expect(template["chat_template_kwargs"]?["enable_thinking"] == .bool(false))
    #expect(try body(.groq) { $0.reasoning = .effort(.max) }["reasoning_effort"]?.string == "high")
    #expect(try body(.groq)["reasoning_effort"] == nil)
  }

  @Test(arguments: [
    // What the catalogue says of each: no words; up to `high`; `none` and beyond.
    ("gpt-4o-mini", ChatRequest.Reasoning.effort(.low), nil), ("gpt-5-mini", .effort(.none), "minimal"),
    ("gpt-5-mini", .effort(.max), "high"), ("gpt-6.1-terra", .effort(.none), "none"),
    ("gpt-6.1-terra", .budget(3000), "medium"), ("gpt-6.1-terra", .adaptive, nil), ("unheard-of", .effort(.max), "max"),
  ])
  func openAIsModelsAreToldWhatTheyKnow(_ model: String, _ reasoning: ChatRequest.Reasoning, _ word: String?) throws {
    let sent = try body(.openAI) {
      $0.model = model
      $0.traits = ModelTraits(PriceCatalogue.embedded.model(provider: "openai", name: model))
      $0.reasoning = reasoning
    }
    #expect(sent["reasoning_effort"]?.string == word)
  }

  @Test func requestsThatShareTheirBeginningNameItAlike() throws {
    func key(_ last: String, first: String = "Rules.", marks: Bool = true, caches: Bool = true) throws -> String? {
      try body(.openAI) {
        $0.messages = [ChatMessage(.system, first, endsCachedPrefix: marks), ChatMessage(.user, last)]
        $0.cachesPrompt = caches
      }["prompt_cache_key"]?.string
    }
    let one = try key("a")
    #expect(one != nil)
    #expect(try key("b") == one)
    #expect(try key("a", first: "Others.") != one)
    #expect(try key("a", marks: false) == nil)
    #expect(try key("a", caches: false) == nil)
    #expect(
      try body(.groq) { $0.messages = [ChatMessage(.system, "x", endsCachedPrefix: true)] }["prompt_cache_key"] == nil)
  }

  @Test func leavesOutWhatASentenceRefuses() throws {
    var request = question
    request.reasoning = .effort(.low)
    var changed = try exchange(.xAI, request)
    let refused = ProviderError(
      .badRequest, provider: "xai", message: "Argument not supported on this model: reasoningEffort", status: 400)
    let adapted = [changed.adapt(to: refused), changed.adapt(to: refused)]
    #expect(adapted == [true, false])
    #expect(try JSONTree(parsing: changed.httpRequest().body)["reasoning_effort"] == nil)
    var long = try exchange(.xAI, request)
    let context = long.adapt(
      to: ProviderError(.context, provider: "xai", message: "too long: lower max_tokens", status: 400))
    #expect(!context)
  }

  @Test func passesOnWhatAnEntrySaysForItsServer() throws {
    let values = [
      "top_k": "40", "min_p": "0.1", "user": "17", "provider": #"{"order":["a"]}"#, "safe_prompt": "true",
      "reasoning_format": "parsed", "api_version": "x",
    ]
    let endpoint = try ProviderDefinition.openRouter.endpoint(ProviderSettings(apiKey: Secret("k"), values: values))
    let sent = try JSONTree(parsing: OpenAIChatFormat().exchange(question, at: endpoint).httpRequest().body)
    #expect(sent["top_k"] == .integer(40))
    #expect(sent["min_p"] == .number(0.1))
    #expect(sent["user"] == .string("17"))
    #expect(sent["provider"]?["order"]?[0]?.string == "a")
    #expect(sent["safe_prompt"] == .bool(true))
    #expect(sent["reasoning_format"]?.string == "parsed")
    #expect(sent["api_version"] == nil)
  }

  @Test func openRouterIsToldWhoAsks() throws {
    let endpoint = try ProviderDefinition.openRouter.endpoint(
      ProviderSettings(
        apiKey: Secret("k"), headers: [HTTPRequestHeader("x-title", "mine")],
        environment: ["OR_SITE_URL": "https://example.com", "OR_APP_NAME": "theirs"]))
    #expect(endpoint.headers.map(\.name) == ["x-title", "HTTP-Referer"])
  }

  // MARK: What comes back

  @Test func whatTheProviderSaysItCostIsTheTruth() throws {
    let plain =
      #"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"cost":0.00014}}"#
    #expect(try usage(.openRouter, plain)?.reportedCost == Money(picoUSD: 140_000_000))
    // Others are not asked: a server must not be able to say that it is free.
    #expect(try usage(.groq, plain)?.reportedCost == nil)
    let ownKey =
      #"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"cost":1e-7,"is_byok":true,"cost_details":{"upstream_inference_cost":0.001}}}"#
    #expect(try usage(.openRouter, ownKey)?.reportedCost == Money(picoUSD: 1_000_100_000))
    let ticks =
      #"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"cost_in_usd_ticks":318319000}}"#
    #expect(try usage(.xAI, ticks)?.reportedCost == Money(picoUSD: 31_831_900_000))
    let object =
      #"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"cost":{"total_cost":0.006}}}"#
    #expect(try usage(.perplexity, object)?.reportedCost == Money(picoUSD: 6_000_000_000))
    for (header, cost) in [("0.0021", Money(picoUSD: 2_100_000_000)), ("0.0", nil), ("None", nil), ("-1", nil)] {
      let found = try usage(.liteLLMProxy, chunk("a", finish: "stop"), headers: ["x-litellm-response-cost": header])
      #expect(found?.reportedCost == cost)
    }
    #expect(
      try usage(.groq, chunk("a", finish: "stop"), headers: ["x-litellm-response-cost": "9"])?.reportedCost == nil)
  }

  @Test func llamaCppCountsItsCacheElsewhere() throws {
    let timings = #""timings":{"cache_n":900,"prompt_n":100,"predicted_n":7}"#
    let both = #"{"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":7,"total_tokens":1007},\#(timings)}"#
    let expected = TokenUsage(input: 100, cacheRead: 900, output: 7, provenance: .provider)
    #expect(try usage(.llamaCpp, chunk("a", finish: "stop"), both) == expected)
    #expect(try usage(.llamaCpp, chunk("a", finish: "stop"), #"{"choices":[],\#(timings)}"#) == expected)
  }

  @Test func absurdCountsAreNoCounts() throws {
    let absurd =
      #"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9223372036854775807,"completion_tokens":-9223372036854775808}}"#
    #expect(try usage(.groq, absurd)?.provenance == .estimated)
  }

  @Test func deepSeeksBlankLinesAndCommentsAreNoAnswer() throws {
    var stream = try exchange(.deepSeek, question).decoder(HTTPHeaders())
    let text = ": keep-alive\n\n: keep-alive\n\ndata: \(chunk("a", finish: "stop"))\n\ndata: [DONE]\n\n"
    #expect(decodeAll(&stream, Array(text.utf8).map { [$0] }).events.text == "a")
    var document = try exchange(.deepSeek, question).decoder(HTTPHeaders())
    let blank = "\n\n\n\n" + #"{"choices":[{"message":{"content":"b"},"finish_reason":"stop"}]}"#
    #expect(decodeAll(&document, Array(blank.utf8).map { [$0] }).events.text == "b")
  }

  @Test(arguments: [
    (402, #"{"error":{"message":"Insufficient Balance"}}"#, ProviderError.Kind.billing, Bool?.none),
    (402, #"{"error":{"code":402,"message":"credits"}}"#, .billing, nil),
    (413, #"{"error":{"code":"rate_limit_exceeded","type":"tokens"}}"#, .rateLimit, false),
    (498, #"{"error":{"message":"capacity"}}"#, .overloaded, nil),
    (422, #"{"detail":[{"loc":["body","temperature"],"msg":"bad"}]}"#, .badRequest, nil),
    (422, #"{"error":{"type":"budget_exceeded","message":"x"}}"#, .billing, nil),
    (400, #"{"error":{"type":"budget_exceeded","message":"x"}}"#, .billing, nil),
    (
      403, #"{"error":{"code":403,"message":"x","metadata":{"reasons":["r"],"flagged_input":"y"}}}"#, .contentPolicy,
      nil
    ),
    (400, #"{"message":"too many tokens: size limit exceeded by 9 tokens"}"#, .context, nil),
    (400, #"{"object":"error","message":"Prompt contains 9 tokens, too large","code":"3051"}"#, .context, nil),
    (400, #"{"error":{"message":"This model's maximum prompt length is 9"}}"#, .context, nil),
  ])
  func classifies(_ status: Int, _ body: String, _ kind: ProviderError.Kind, _ shouldRetry: Bool?) {
    let found = ErrorClassifier(provider: "p", secrets: []).error(
      status: status, headers: HTTPHeaders(), body: Array(body.utf8), now: 0)
    #expect(found.kind == kind)
    #expect(found.shouldRetry == shouldRetry)
  }

  @Test func errorsInTheStreamAreClassifiedLikeThoseOfAStatus() throws {
    for (json, kind) in [
      (#"{"error":{"code":429,"message":"x"}}"#, ProviderError.Kind.rateLimit),
      (#"{"error":{"message":"x","status_code":429}}"#, .rateLimit),
      (#"{"error":{"code":402,"message":"x"}}"#, .billing),
      (#"{"error":{"type":"invalid_request_error","message":"x"}}"#, .badRequest),
      (#"{"choices":[{"finish_reason":"error","error":{"code":502,"message":"x"}}]}"#, .server),
    ] {
      var decoder = try exchange(.openRouter, question).decoder(HTTPHeaders())
      let text = "data: \(chunk("a"))\n\ndata: \(json)\n\n"
      let (events, error) = decodeAll(&decoder, [Array(text.utf8)])
      #expect(events.text == "a")
      #expect(error?.kind == kind)
      #expect(error?.mayBeCharged == true)
    }
  }

  @Test(arguments: [
    #""cost":0"#, #""cost":0.0"#, #""cost":{"total_cost":0}"#, #""cost":0.01,"is_byok":true"#,
    #""cost":0.01,"is_byok":true,"cost_details":{"upstream_inference_cost":0}"#,
  ])
  func aCostOfZeroSaysNothing(_ members: String) throws {
    let tree = try JSONTree(parsing: Array(#"{"prompt_tokens":5,"completion_tokens":1,\#(members)}"#.utf8))
    let usage = try #require(OpenAIUsage.read(tree, quirks: OpenAIQuirks(cost: .usage)))
    #expect(usage.reportedCost == nil)
    let ticks = try JSONTree(parsing: Array(#"{"prompt_tokens":5,"cost_in_usd_ticks":0}"#.utf8))
    #expect(OpenAIUsage.read(ticks, quirks: OpenAIQuirks(cost: .ticks))?.reportedCost == nil)
  }

  @Test(
    arguments: [
      ("Unsupported parameter: 'temperature' is not supported with this model.", "temperature"),
      ("Unrecognized request argument supplied: stream_options", "stream_options"),
      ("'seed' is not supported", "seed"), ("property 'reasoning_effort' is unsupported", "reasoning_effort"),
      ("Additional properties are not allowed ('top_p' was unexpected)", "top_p"),
      ("Unknown parameter: 'store'.", nil), ("Where do we store the seed?", nil), ("seed: not known", nil),
      ("you said: Unsupported parameter: 'seed'", nil), ("The parameter seed is bad", nil), ("Unknown field: ", nil),
      ("Unknown parameter: 'seed", nil), ("", nil), ("'", nil),
    ] as [(String, String?)])
  func aRefusalNamesItsParameterAtTheStart(_ message: String, _ name: String?) {
    #expect(RefusedParameter.name(in: message) == name)
  }
}
