import CurlTransport
import Foundation
import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct OpenAIChatProviderTests {
  @Test func streamsOverARealConnectionHoweverItIsCut() async throws {
    let bytes = try fixture("openai.stream.sse")
    let utf8 = Array(stream(chunk("größe → 🙂", finish: "stop")).replacingOccurrences(of: "\n", with: "\r\n").utf8)
    try await withProvider { request, connection in
      try connection.eventStream()
      if request.json["model"] as? String == "bytes" {
        try connection.send(utf8, pieces: Array(repeating: 1, count: utf8.count))
      } else {
        try connection.send(bytes, pieces: (0..<400).map { ($0 * 37) % 101 })
      }
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider)
      #expect(error == nil)
      #expect(events.text == "It opens")
      #expect(events.calls.count == 1)
      #expect(events.usage?.cacheRead == 1024)
      var second = question
      second.model = "bytes"
      #expect(await collect(provider, second).0.text == "größe → 🙂")
    }
  }

  @Test func sendsWhatCompatibleServersUnderstand() async throws {
    try await withProvider { _, connection in
      try connection.eventStream()
      try connection.send(stream(chunk("a", finish: "stop")))
    } _: { (server, provider) async throws in
      var request = question
      request.temperature = 0.2
      request.stop = ["a", "b", "c", "d", "e"]
      _ = await collect(provider, request)
      let sent = try #require(server.requests.first)
      #expect(sent.target == "/v1/chat/completions")
      #expect(sent.headers["authorization"] == "Bearer sk-test-key")
      #expect(sent.headers["content-type"] == "application/json")
      #expect(
        String(decoding: sent.body, as: UTF8.self)
          == #"{"max_tokens":64,"messages":[{"content":"Answer.","role":"system"},{"content":"What?","role":"user"}],"model":"m","stop":["a","b","c","d"],"stream":true,"stream_options":{"include_usage":true},"temperature":0.2}"#
      )
    }
  }

  @Test func sendsNoAuthorizationWithoutAKey() async throws {
    try await withProvider(key: nil) { _, connection in
      try connection.eventStream()
      try connection.send(stream(chunk("a", finish: "stop")))
    } _: { (server, provider) async throws in
      #expect(await collect(provider).1 == nil)
      #expect(server.requests.first?.headers["authorization"] == nil)
    }
  }

  @Test func speaksTheNewerWordsToOpenAI() throws {
    func members(_ model: String) throws -> JSONTree {
      var request = question
      request.model = model
      request.temperature = 0
      let endpoint = Endpoint(provider: "openai", base: try HTTPURL("https://api.openai.com/v1"))
      let traits = ModelTraits(PriceCatalogue.embedded.model(provider: "openai", name: model))
      let shape = OpenAIRequestShape(ChatRequest(model: model, messages: [], traits: traits), at: endpoint)
      return try JSONTree(parsing: shape.body(request))
    }
    let terra = try members("gpt-6.1-terra")
    #expect(terra["max_completion_tokens"]?.int == 64)
    #expect(terra["max_tokens"] == nil)
    #expect(terra["messages"]?[0]?["role"]?.string == "developer")
    #expect(terra["temperature"] == nil)
    #expect(terra["store"] == .bool(false))
    #expect(terra["stream_options"]?["include_obfuscation"] == .bool(false))
    let early = try members("gpt-4o-mini")
    #expect(early["messages"]?[0]?["role"]?.string == "system")
    #expect(early["temperature"] == .number(0))
  }

  @Test func sendsOrganizationAndProject() throws {
    let endpoint = Endpoint(
      provider: "openai", base: try HTTPURL("https://api.openai.com/v1"), credential: .key(try #require(Secret("k"))),
      values: ["organization": "o", "project": "p"])
    #expect(endpoint.isOpenAI)
    #expect(endpoint.openAIHeaders.map(\.name) == ["Authorization", "OpenAI-Organization", "OpenAI-Project"])
    #expect(!String(describing: endpoint).contains("\"k\""))
  }

  @Test func leavesOutWhatTheServerRefusesByName() async throws {
    try await withProvider { request, connection in
      connection.keepsAlive = true
      if request.json["stream_options"] != nil {
        return try connection.respond(422, body: #"{"detail":[{"loc":["body","stream_options"],"msg":"extra"}]}"#)
      }
      if request.json["max_tokens"] != nil {
        return try connection.respond(400, body: #"{"error":{"code":"unsupported_parameter","param":"max_tokens"}}"#)
      }
      connection.keepsAlive = false
      try connection.eventStream()
      try connection.send(stream(chunk("a", finish: "stop")))
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider)
      #expect(error == nil)
      #expect(events.text == "a")
      #expect(server.requests.count == 3)
      #expect(server.requests.last?.json["max_completion_tokens"] as? Int == 64)
    }
  }

  @Test func doesNotAdaptForever() async throws {
    try await withProvider { _, connection in
      try connection.respond(400, body: #"{"error":{"code":"unsupported_parameter","param":"max_tokens"}}"#)
    } _: { (server, provider) async throws in
      #expect(await collect(provider).1?.kind == .badRequest)
      #expect(server.requests.count == 2)
    }
  }

  @Test func failsWithTheClassOfTheStatus() async throws {
    try await withProvider { _, connection in
      try connection.respond(
        429, ["Retry-After": "1.5", "x-request-id": "req_1"],
        body: #"{"error":{"message":"key sk-test-key","type":"requests","code":"rate_limit_exceeded"}}"#)
    } _: { (server, provider) async throws in
      let error = await collect(provider).1
      #expect(error?.kind == .rateLimit)
      #expect(error?.status == 429)
      #expect(error?.code == "rate_limit_exceeded")
      #expect(error?.retryAfter == .milliseconds(1500))
      #expect(error?.requestID == "req_1")
      #expect(error?.message.contains("sk-test") == false)
    }
  }

  @Test func aHugeErrorBodyIsNotReadToItsEnd() async throws {
    try await withProvider { _, connection in
      try connection.head(500)
      while true { try connection.send([UInt8](repeating: 0x61, count: 1 << 16)) }
    } _: { (server, provider) async throws in
      #expect(await collect(provider).1?.kind == .server)
    }
  }

  @Test func redirectsAreErrorsAndTheKeyStays() async throws {
    let other = try TestHTTPServer { _, connection in try connection.respond(200) }
    defer { other.stop() }
    let target = other.base
    try await withProvider { _, connection in
      try connection.respond(307, ["Location": target])
    } _: { (server, provider) async throws in
      #expect(await collect(provider).1?.kind == .notFound)
      #expect(other.requests.isEmpty)
    }
  }

  @Test func aCutConnectionIsTruncatedAndCharged() async throws {
    try await withProvider { request, connection in
      try connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
      let data = stream(chunk("abc"), done: false)
      try connection.send(String(data.utf8.count, radix: 16) + "\r\n" + data + "\r\n")
      connection.finishNow()
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider)
      #expect(events.text == "abc")
      #expect(events.usage?.provenance == .estimated)
      #expect(error?.kind == .truncated)
      #expect(error?.mayBeCharged == true)
    }
  }

  @Test func aStallIsATimeoutAfterWhatCame() async throws {
    try await withProvider { _, connection in
      try connection.eventStream()
      try connection.send(stream(chunk("abc"), done: false))
      connection.waitForClose()
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider)
      #expect(events.text == "abc")
      #expect(error?.kind == .timeout)
    }
  }

  @Test func keepAlivesOutlastTheIdleTimeout() async throws {
    try await withProvider { _, connection in
      try connection.eventStream()
      for _ in 0..<12 {
        try connection.send(": PROCESSING\n\n")
        usleep(100_000)
      }
      try connection.send(stream(chunk("late", finish: "stop")))
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider)
      #expect(error == nil)
      #expect(events.text == "late")
    }
  }

  @Test func endsAtTheMarkerThoughTheServerKeepsTheStreamOpen() async throws {
    try await withProvider { _, connection in
      try connection.eventStream()
      try connection.send(stream(chunk("a", finish: "stop")))
      connection.waitForClose()
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider)
      #expect(error == nil)
      #expect(events.finish == .stop)
      for _ in 0..<1000 where !server.connections.allSatisfy(\.sawClose) {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(server.connections.allSatisfy { $0.sawClose })
    }
  }

  @Test func cancellingAfterSomeTokensClosesTheConnection() async throws {
    try await withProvider { _, connection in
      try connection.eventStream()
      while true {
        try connection.send(stream(chunk("tok"), done: false))
        usleep(2000)
      }
    } _: { (server, provider) async throws in
      let (seen, signal) = AsyncStream<Void>.makeStream()
      let task = Task { () -> (ProviderError?, Bool) in
        var count = 0
        var usage = false
        do throws(ProviderError) {
          for try await event in try await provider.stream(question) {
            if case .usage = event { usage = true }
            count += 1
            if count == 5 { signal.yield() }
          }
          return (nil, usage)
        } catch { return (error, usage) }
      }
      for await _ in seen { break }
      task.cancel()
      let (error, usage) = await task.value
      #expect(error?.kind == .cancelled)
      #expect(usage)
      for _ in 0..<1000 where !server.connections.allSatisfy(\.sawClose) {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(server.connections.allSatisfy { $0.sawClose })
    }
  }

  @Test func listsModels() async throws {
    try await withProvider { request, connection in
      connection.keepsAlive = true
      try connection.respond(
        200,
        body: request.headers["authorization"] == nil
          ? "{}"
          : #"{"object":"list","data":[{"id":"nomic-embed-text"},{"id":"qwen","meta":{"n_ctx_train":4096}},{"id":"v","max_model_len":9}]}"#
      )
    } _: { (server, provider) async throws in
      let models = try await models(of: provider)
      #expect(models.map(\.id) == ["nomic-embed-text", "qwen", "v"])
      #expect(models.map(\.contextTokens) == [nil, 4096, 9])
      #expect(models.first(where: \.isProbablyChat)?.id == "qwen")
      #expect(server.requests.first?.target == "/v1/models")
    }
    try await withProvider(key: nil) { _, connection in
      try connection.respond(200, body: "<html>a web server</html>")
    } _: { (server, provider) async throws in
      var found: ProviderError?
      do throws(ProviderError) { _ = try await models(of: provider) } catch { found = error }
      #expect(found?.code == "invalid_response")
    }
  }

  /// Against a real server: its port is in `CICERONE_LLAMA_PORT`, see Tests/Integration/llama_server.py.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["CICERONE_LLAMA_PORT"] != nil))
  func talksToLlamaCpp() async throws {
    let port = ProcessInfo.processInfo.environment["CICERONE_LLAMA_PORT"] ?? ""
    let transport = CurlTransport()
    let endpoint = Endpoint(provider: "llamacpp", base: try HTTPURL("http://127.0.0.1:\(port)/v1"))
    let provider = HTTPChatProvider(endpoint, format: OpenAIChatFormat(), transport: transport)
    let models = try await models(of: provider)
    let model = try #require(models.first)
    let request = ChatRequest(
      model: model.id, messages: [ChatMessage(.user, "Count from one to fifty in words.")], maxOutputTokens: 24,
      temperature: 0)
    let (events, error) = await collect(provider, request)
    #expect(error == nil)
    #expect(!events.text.isEmpty)
    #expect(events.usage?.provenance == .provider)
    #expect(events.usage?.output ?? 0 > 0)
    #expect(events.finish == .length || events.finish == .stop)

    var long = request
    long.maxOutputTokens = 4000
    let started = ContinuousClock.now
    var deltas = 0
    for try await event in try await provider.stream(long) where event.isDelta {
      deltas += 1
      if deltas == 3 { break }
    }
    // Leaving the loop closed the connection: the server is free for the next request at once.
    _ = await collect(provider, request)
    #expect(deltas == 3)
    #expect(started.duration(to: .now) < .seconds(60))
  }

  @Test(arguments: [true, false])
  func anAnswerThatSaidWhyItEndedIsWholeThoughItsStreamIsNot(_ saysWhy: Bool) async throws {
    try await withProvider { _, connection in
      try connection.eventStream()
      try connection.send(stream(chunk("a", finish: saysWhy ? "stop" : nil), done: false))
      connection.waitForClose()
    } _: { (_, provider) async throws in
      let (events, error) = await collect(provider)
      #expect(events.text == "a")
      #expect(events.usage?.provenance == .estimated)
      #expect(error?.kind == (saysWhy ? nil : .timeout))
      #expect(events.finish == (saysWhy ? .stop : nil))
    }
  }
}
