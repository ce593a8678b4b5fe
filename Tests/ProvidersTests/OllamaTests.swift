import CurlTransport
import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct OllamaTests {
  private func body(_ request: ChatRequest, values: [String: String] = [:], without error: ProviderError? = nil) throws
    -> JSONTree
  {
    var exchange = OllamaChatFormat().exchange(
      request, at: Endpoint(provider: "ollama", base: try HTTPURL("http://127.0.0.1:11434"), values: values))
    if let error { _ = exchange.adapt(to: error) }
    return try JSONTree(parsing: exchange.httpRequest().body)
  }

  private func decode(_ pieces: [[UInt8]]) -> (events: [ChatEvent], error: ProviderError?) {
    var decoder: any ChatDecoder = OllamaChatDecoder(
      question, classifier: ErrorClassifier(provider: "ollama", secrets: []))
    return decodeAll(&decoder, pieces)
  }

  @Test func readsTheFixtureAtEverySplit() throws {
    let bytes = try fixture("ollama.stream.ndjson")
    let expected: [ChatEvent] = [
      .text("It opens"), .toolCall(ToolCall(id: "call_1", name: "read_file", arguments: #"{"path":"a.py"}"#)),
      .usage(TokenUsage(input: 120, output: 24, provenance: .provider)), .finished(.toolCalls),
    ]
    for split in 0...bytes.count {
      #expect(decode([Array(bytes[..<split]), Array(bytes[split...])]).events == expected, "\(split)")
    }
  }

  @Test func anErrorLineAfterSuccessIsAnError() {
    let (events, error) = decode([
      Array(#"{"message":{"content":"a"},"done":false}"#.utf8),
      Array("\n{\"error\":\"an error was encountered\"}\n".utf8),
    ])
    #expect(events.text == "a")
    #expect(events.usage?.output == 1)
    #expect(error?.kind == .server)
    #expect(error?.message == "an error was encountered")
  }

  @Test func aPromptOutOfTheCacheIsEstimated() {
    for counts in [#""eval_count":5"#, #""prompt_eval_count":0,"eval_count":5"#] {
      let (events, error) = decode([Array(#"{"message":{"content":"a"},"done":true,\#(counts)}"#.utf8)])
      #expect(error == nil)
      #expect(events.usage == TokenUsage(input: 10, output: 5, provenance: .estimated))
    }
    let loaded = decode([Array(#"{"message":{"content":""},"done":true,"done_reason":"load"}"#.utf8)])
    #expect(loaded.events.last == .finished(.other("load")))
  }

  // MARK: Requests

  @Test func writesTheRequestOfTheFixture() throws {
    var expected = try JSONTree(parsing: try fixture("ollama.request.json"))
    var request = ChatRequest(
      model: "qwen3-coder:30b",
      messages: [ChatMessage(.system, "Answer briefly."), ChatMessage(.user, "What does open() do?")],
      maxOutputTokens: 512, temperature: 0.2, reasoning: .effort(.none), estimatedInputTokens: 20_000)
    request.traits.contextTokens = 262_144
    let sent = try body(request, values: ["keep_alive": "10m"])
    guard case .object(var members) = expected else { return }
    members["tools"] = nil
    members["truncate"] = .bool(false)
    expected = .object(members)
    #expect(sent == expected)
  }

  @Test(arguments: [
    // Small prompts share one size; the same size serves many; the model's own bound holds.
    (10, 64, nil, nil, 8192), (7000, 2000, nil, nil, 16_384), (12_000, 512, nil, nil, 16_384),
    (30_000, 2000, nil, nil, 32_768), (31_500, 2000, nil, nil, 49_152), (60_000, 5000, nil, nil, 65_536),
    (7000, 2000, 4096, nil, 4096), (100, 100, 6000, nil, 6000), (100, 100, nil, 4096, 4096),
    (7000, 2000, nil, 4096, 16_384), (7000, 2000, nil, 65_536, 65_536),
  ])
  func leavesRoomForPromptAndAnswer(_ input: Int, _ output: Int, _ most: Int?, _ configured: Int?, _ size: Int) throws {
    var request = question
    request.estimatedInputTokens = input
    request.maxOutputTokens = output
    request.traits.contextTokens = most
    var values: [String: String] = [:]
    values["num_ctx"] = configured.map(String.init)
    #expect(try body(request, values: values)["options"]?["num_ctx"]?.int == size)
    if let configured {
      request.extraBody = ["num_ctx": .integer(configured)]
      #expect(try body(request)["options"]?["num_ctx"]?.int == size)
    }
    request.maxOutputTokens = nil
    #expect(try body(request)["options"]?["num_predict"] == nil)
  }

  @Test func sortsParametersIntoTheirPlaces() throws {
    var request = question
    request.stop = ["a"]
    request.seed = 7
    request.extraBody = [
      "format": .string("json"), "options": .object(["num_gpu": .integer(1)]), "mirostat": .integer(2),
    ]
    let sent = try body(request, values: ["top_k": "40", "min_p": "0.1", "keep_alive": "-1", "organization": "x"])
    #expect(sent["format"]?.string == "json")
    #expect(sent["keep_alive"]?.int == -1)
    #expect(sent["options"]?["top_k"]?.int == 40)
    #expect(sent["options"]?["min_p"] == .number(0.1))
    #expect(sent["options"]?["num_gpu"]?.int == 1)
    #expect(sent["options"]?["mirostat"]?.int == 2)
    #expect(sent["options"]?["seed"]?.int == 7)
    #expect(sent["options"]?["organization"] == nil)
  }

  @Test(arguments: [
    ("qwen3", ChatRequest.Reasoning?.none, JSONTree?.none), ("qwen3", .effort(.none), .bool(false)),
    ("qwen3", .effort(.high), .bool(true)), ("qwen3", .adaptive, .bool(true)), ("qwen3", .budget(100), .bool(true)),
    ("gpt-oss:20b", .effort(.none), .string("low")), ("gpt-oss:20b", .effort(.max), .string("high")),
  ])
  func saysWhetherToThink(_ model: String, _ reasoning: ChatRequest.Reasoning?, _ think: JSONTree?) throws {
    var request = question
    request.model = model
    request.reasoning = reasoning
    #expect(try body(request)["think"] == think)
    let refused = ProviderError(
      .badRequest, provider: "ollama", message: "\"m\" does not support thinking", status: 400)
    #expect(try body(request, without: refused)["think"] == nil)
  }

  // MARK: Addresses

  @Test(arguments: [
    ("localhost", "http://localhost:11434"), ("192.168.1.5:8000", "http://192.168.1.5:8000"),
    ("0.0.0.0", "http://127.0.0.1:11434"), ("0.0.0.0:1234", "http://127.0.0.1:1234"), (":5", "http://127.0.0.1:5"),
    ("http://box", "http://box"), ("https://box:9/ollama/", "https://box:9/ollama"), ("[::]:7", "http://[::1]:7"),
    ("[::1]", "http://[::1]:11434"), ("::1", "http://[::1]:11434"), ("ollama.com", "https://ollama.com"),
    ("http://localhost:11434/v1", "http://localhost:11434"), ("http://localhost:11434/v1/", "http://localhost:11434"),
    ("http://localhost:11434/api/chat", "http://localhost:11434"), ("\"127.0.0.1\"", "http://127.0.0.1:11434"),
  ])
  func readsAddressesAsOllamaDoes(_ text: String, _ base: String) throws {
    let definition = ProviderDefinition.ollama
    let configured = try definition.endpoint(ProviderSettings(apiBase: text))
    #expect(configured.base.description == base)
    let host = try definition.endpoint(ProviderSettings(environment: ["OLLAMA_HOST": text]))
    #expect(host.base.description == base)
    let first = try definition.endpoint(
      ProviderSettings(environment: ["OLLAMA_HOST": "other", "OLLAMA_API_BASE": text]))
    #expect(first.base.description == base)
  }

  @Test func theKeyGoesToTheCloudOrWhereTheEnvironmentSays() throws {
    func credential(_ base: String?, _ environment: [String: String]) throws -> Credential {
      try ProviderDefinition.ollama.endpoint(
        ProviderSettings(
          apiBase: base, environment: environment.merging(["OLLAMA_API_KEY": "k"]) { $1 })
      ).credential
    }
    let key = Credential.key(try #require(Secret("k")))
    #expect(try credential("https://ollama.com", [:]) == key)
    #expect(try credential(nil, ["OLLAMA_HOST": "box:1"]) == key)
    #expect(try credential("http://box:1", ["OLLAMA_HOST": "box:1"]) == key)
    #expect(try credential("http://elsewhere", [:]) == .none)
  }

  // MARK: Models

  @Test func listsAndDescribesModels() async throws {
    let tags = try fixture("ollama.tags.json")
    let show = try fixture("ollama.show.json")
    let server = try TestHTTPServer { request, connection in
      connection.keepsAlive = true
      try connection.respond(200, body: String(decoding: request.target == "/api/tags" ? tags : show, as: UTF8.self))
    }
    let transport = CurlTransport()
    defer {
      transport.shutDown()
      server.stop()
    }
    // A base that was meant for the other interface.
    let endpoint = Endpoint(provider: "ollama", base: try HTTPURL(server.base + "/v1"))
    let models = try await ProviderDefinition.ollama.models(at: endpoint, transport: transport)
    #expect(models.map(\.id) == ["qwen3-coder:30b"])
    let details = try await OllamaModelDetails.of("qwen3-coder:30b", at: endpoint, transport: transport)
    #expect(details.contextTokens == 262_144)
    #expect(details.embeddingLength == 2048)
    #expect(details.isChat == true)
    #expect(server.requests.map(\.target) == ["/api/tags", "/api/show"])
    #expect(server.requests.last?.json["model"] as? String == "qwen3-coder:30b")
  }

  @Test func onlyTheServersOwnSentenceTurnsThinkingOff() throws {
    let endpoint = Endpoint(provider: "ollama", base: try HTTPURL("http://127.0.0.1:1"))
    func adapts(_ message: String) -> Bool {
      var exchange = OllamaChatFormat().exchange(question, at: endpoint)
      return exchange.adapt(to: ProviderError(.badRequest, provider: "ollama", message: message, status: 400))
    }
    #expect(adapts("\"m:7b\" does not support thinking"))
    #expect(!adapts("you said: m does not support thinking"))
  }
}
