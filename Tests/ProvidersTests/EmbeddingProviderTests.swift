import Foundation
import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

/// The executor over a real connection to a server that misbehaves.
struct EmbeddingProviderTests {
  static func rows(_ rows: [String]) -> String {
    let data = rows.enumerated().map { #"{"index":\#($0),"embedding":\#($1)}"# }
    return #"{"data":[\#(data.joined(separator: ","))],"usage":{"prompt_tokens":7,"total_tokens":7}}"#
  }

  func embed(
    _ texts: [String], dimensions: Int? = nil, format: any EmbeddingFormat = .openAI,
    _ handler: @escaping TestHTTPServer.Handler
  ) async throws -> (vectors: [[Float]]?, usage: TokenUsage?, error: ProviderError?, requests: Int) {
    try await withServer(handler) { server, transport, endpoint in
      let provider = EmbeddingProvider(endpoint, format: format, transport: transport)
      do throws(ProviderError) {
        let (response, usage) = try await provider.embed(embedding(texts, dimensions: dimensions))
        return (response.vectors, usage, nil, server.requests.count)
      } catch {
        return (nil, nil, error, server.requests.count)
      }
    }
  }

  @Test func embedsOverARealConnection() async throws {
    let bytes = try fixture("openai.embed.response.json")
    let result = try await embed(["a", "b"]) { request, connection in
      try connection.head(200, length: bytes.count)
      try connection.send(bytes, pieces: Array(repeating: 3, count: bytes.count / 3))
    }
    #expect(result.vectors == [[1, 0], [0, 1]])
    #expect(result.usage == TokenUsage(input: 11, provenance: .provider))
    #expect(result.requests == 1)
  }

  @Test(arguments: [
    ("[0,0]", "all zeros"), ("[1e39,1]", "no number"), ("[]", "0 dimensions"), ("[1,2,3]", "3 dimensions"),
    (#""AADAfwAAgD8=""#, "no number"), (#""AACAfwAAgD8=""#, "no number"),
  ])
  func vectorsThatAreNoneAreErrors(_ row: String, _ part: String) async throws {
    let result = try await embed(["a", "b"]) { _, connection in
      try connection.respond(200, body: Self.rows(row == "[]" ? [row, row] : ["[1,1]", row]))
    }
    #expect(result.error?.code == ProviderError.invalidResponse)
    #expect(result.error?.message.contains(part) == true, "\(String(describing: result.error?.message))")
    #expect(result.error?.mayBeCharged == true)
  }

  @Test func dimensionsAreThoseAskedForAndDoNotChange() async throws {
    let asked = try await embed(["a"], dimensions: 3) { _, connection in
      try connection.respond(200, body: Self.rows(["[1,1]"]))
    }
    #expect(asked.error?.message.contains("2 dimensions instead of 3") == true)
    try await withServer { request, connection in
      let long = request.body.count > 60
      try connection.respond(200, body: Self.rows([long ? "[1,1,1]" : "[1,1]"]))
    } _: { server, transport, endpoint in
      let provider = EmbeddingProvider(endpoint, format: .openAICompatible, transport: transport)
      _ = try await provider.embed(embedding(["a"]))
      let error = await failure { () async throws(ProviderError) in
        try await provider.embed(embedding([String(repeating: "a", count: 99)]))
      }
      #expect(error?.code == ProviderError.invalidResponse)
      _ = try await provider.embed(embedding(["a"]))
    }
  }

  @Test(arguments: [
    (429, #"{"error":{"type":"requests","code":"rate_limit_exceeded"}}"#, ProviderError.Kind.rateLimit),
    (429, #"{"error":{"code":"insufficient_quota"}}"#, .billing), (500, "oops", .server), (503, "", .overloaded),
    (401, #"{"detail":"Provided API key is invalid."}"#, .authentication), (400, #"{"detail":"no"}"#, .badRequest),
    (404, #"{"error":"model 'x' not found"}"#, .notFound),
  ])
  func failuresAreNamed(_ status: Int, _ body: String, _ kind: ProviderError.Kind) async throws {
    let result = try await embed(["a"]) { _, connection in
      try connection.respond(status, ["Retry-After": "1.5"], body: body)
    }
    #expect(result.error?.kind == kind)
    #expect(result.error?.retryAfter == .milliseconds(1500))
    #expect(result.error?.mayBeCharged == false)
    #expect(result.requests == 1)
  }

  @Test func answersThatBreakOffOrAreGarbageAreErrors() async throws {
    let cut = try await embed(["a"]) { _, connection in
      try connection.head(200, length: 500)
      try connection.send(#"{"data":["#)
      connection.finishNow()
    }
    #expect(cut.error?.kind == .truncated)
    #expect(cut.error?.mayBeCharged == true)
    let garbage = try await embed(["a"]) { _, connection in try connection.respond(200, body: "<html>") }
    #expect(garbage.error?.code == ProviderError.invalidResponse)
    let error = try await embed(["a"]) { _, connection in
      try connection.respond(200, body: #"{"error":{"message":"no"}}"#)
    }
    #expect(error.error?.code == ProviderError.invalidResponse)
  }

  @Test func aSlowServerIsGivenUp() async throws {
    try await withServer { _, connection in
      connection.waitForClose()
    } _: { server, transport, endpoint in
      var endpoint = endpoint
      endpoint.timeouts.total = .milliseconds(100)
      let provider = EmbeddingProvider(endpoint, format: .openAI, transport: transport)
      #expect(
        await failure { () async throws(ProviderError) in try await provider.embed(embedding(["a"])) }?.kind == .timeout
      )
    }
  }

  @Test func cancellingClosesTheConnection() async throws {
    try await withServer { _, connection in
      connection.waitForClose()
    } _: { server, transport, endpoint in
      let provider = EmbeddingProvider(endpoint, format: .openAI, transport: transport)
      let task = Task { await failure { () async throws(ProviderError) in try await provider.embed(embedding(["a"])) } }
      while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      task.cancel()
      #expect(await task.value?.kind == .cancelled)
      while server.connections.first?.sawClose != true { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  @Test func usageThatIsNotToldIsEstimated() async throws {
    let result = try await embed(["twelve bytes", "x"], format: .ollama) { _, connection in
      try connection.respond(200, body: #"{"embeddings":[[1,0],[0,1]],"prompt_eval_count":0}"#)
    }
    #expect(result.usage == TokenUsage(input: 4 + 2 + 1 + 2, provenance: .estimated))
  }

  @Test func moreTextsThanARequestTakesGoInSeveral() async throws {
    let texts = (0..<200).map { "text \($0)" }
    let result = try await embed(texts, format: .cohere) { request, connection in
      let count = (request.json["texts"] as? [String])?.count ?? 0
      let first = (request.json["texts"] as? [String])?.first?.split(separator: " ").last.flatMap { Int($0) } ?? 0
      let rows = (0..<count).map { "[\(first + $0 + 1),1]" }
      try connection.respond(
        200,
        body:
          #"{"embeddings":{"float":[\#(rows.joined(separator: ","))]},"meta":{"billed_units":{"input_tokens":\#(count)}}}"#
      )
    }
    #expect(result.requests == 3)
    #expect(result.vectors?.map { $0[0] } == (1...200).map(Float.init))
    #expect(result.usage == TokenUsage(input: 200, provenance: .provider))
  }

  @Test func whatWasAnsweredBeforeAFailureIsCharged() async throws {
    let result = try await embed((0..<100).map(String.init), format: .cohere) { request, connection in
      let count = (request.json["texts"] as? [String])?.count ?? 0
      guard count == 96 else { return try connection.respond(400, body: #"{"message":"no"}"#) }
      let rows = Array(repeating: "[1,1]", count: count).joined(separator: ",")
      try connection.respond(200, body: #"{"embeddings":{"float":[\#(rows)]}}"#)
    }
    #expect(result.error?.kind == .badRequest)
    #expect(result.error?.mayBeCharged == true)
  }

  @Test func noTextIsNotSent() async throws {
    for texts in [[], ["a", ""]] {
      let result = try await embed(texts) { _, connection in try connection.respond(500) }
      #expect(result.error?.kind == .badRequest)
      #expect(result.requests == 0)
    }
  }

  // MARK: Definitions

  @Test func keysOfMongoDBGoToItsAddress() throws {
    let mine = try ProviderDefinition.voyage.endpoint(ProviderSettings(environment: ["VOYAGE_API_KEY": "al-x"]))
    #expect(mine.base.description == "https://ai.mongodb.com/v1")
    #expect(mine.credential.secret == Secret("al-x"))
    let own = try ProviderDefinition.voyage.endpoint(ProviderSettings(environment: ["VOYAGE_API_KEY": "pa-x"]))
    #expect(own.base.description == "https://api.voyageai.com/v1")
    let set = try ProviderDefinition.voyage.endpoint(
      ProviderSettings(apiBase: "https://example.com/v1", apiKey: Secret("al-x")))
    #expect(set.base.host == "example.com")
    #expect(throws: ProviderSetupError.self) { try ProviderDefinition.jina.endpoint(ProviderSettings()) }
  }

  @Test func providersThatEmbedAndRerankAreRegistered() {
    let registry = ProviderRegistry.standard
    #expect(registry.split("voyage/voyage-code-4")?.definition.embeddings != nil)
    #expect(registry.split("jina_ai/jina-reranker-v3")?.definition.reranking != nil)
    #expect(registry["openai"]?.embeddings != nil)
    #expect(registry["ollama"]?.embeddings is OllamaEmbeddingFormat)
    #expect(registry["llamacpp"]?.reranking != nil)
    #expect(
      registry["voyage"]?.entry("voyage-code-4", in: .embedded)?.price
        == .known(
          ModelPrice(base: ModelPrice.Rates(input: Money(picoUSD: 120_000), output: .zero))))
  }
}
