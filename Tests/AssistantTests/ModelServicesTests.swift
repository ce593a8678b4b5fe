import Configuration
import CurlTransport
import Embeddings
import Foundation
import HTTPTransport
import Ledger
import Providers
import Synchronization
import TestHTTPServer
import Testing

@testable import Assistant
@testable import Router

/// The embedder and the reranker of a configuration, over a real connection.
struct ModelServicesTests {
  /// What a configuration gives, whose models are at `base`.
  struct Services {
    var actor: ModelServices
    var embedding: EmbeddingService?
    var reranker: (any PassageReranker)?
    var warnings: [String]

    /// Another configuration takes effect.
    mutating func apply(_ configuration: Configuration, limit: Money) async {
      await actor.apply(configuration, limit: SpendLimit(limit, isDefault: true))
      embedding = await actor.embedding
      reranker = await actor.reranker
    }
  }

  static func configuration(_ yaml: String, base: String = "http://127.0.0.1:1") throws -> Configuration {
    try Configuration(yaml: Array(yaml.replacingOccurrences(of: "BASE", with: base).utf8), environment: [:])
  }

  static func services(
    _ yaml: String, base: String = "http://127.0.0.1:1", environment: [String: String] = [:],
    transport: any HTTPTransport, limit: Money = Money(picoUSD: 250_000_000_000)
  ) async throws -> Services {
    let warnings = Mutex<[String]>([])
    var services = Services(
      actor: ModelServices(
        environment: environment, transport: transport, warn: { text in warnings.withLock { $0.append(text) } }),
      warnings: [])
    await services.apply(try configuration(yaml, base: base), limit: limit)
    services.warnings = warnings.withLock { $0 }
    return services
  }

  /// A dollar for a million tokens.
  static let paid = """
    model_list:
      - model_name: vectors
        litellm_params: {model: openai/e, api_base: 'BASE/v1', api_key: k, input_cost_per_token: 1e-6}
      - model_name: order
        litellm_params: {model: jina_ai/r, api_base: 'BASE/v1', api_key: k, input_cost_per_query: 0.002}
    """

  static func vectors(_ request: TestRequest) -> String {
    let texts = request.json["input"] as? [String] ?? []
    let rows = texts.indices.map { #"{"index":\#($0),"embedding":[1,\#($0 + 1)]}"# }.joined(separator: ",")
    let tokens = texts.reduce(0) { $0 + $1.utf8.count / 4 }
    return #"{"data":[\#(rows)],"usage":{"prompt_tokens":\#(tokens),"total_tokens":\#(tokens)}}"#
  }

  func withServices<Result>(
    _ yaml: String, limit: Money = Money(picoUSD: 250_000_000_000), _ handler: @escaping TestHTTPServer.Handler,
    _ body: (TestHTTPServer, Services) async throws -> Result
  ) async throws -> Result {
    let server = try TestHTTPServer(handler)
    let transport = CurlTransport()
    defer {
      transport.shutDown()
      server.stop()
    }
    return try await body(server, await Self.services(yaml, base: server.base, transport: transport, limit: limit))
  }

  func failure<Value>(_ body: () async throws(EmbeddingFailure) -> Value) async -> EmbeddingFailure? {
    do throws(EmbeddingFailure) {
      _ = try await body()
      return nil
    } catch {
      return error
    }
  }

  // MARK: Embedding

  @Test func secretsDoNotLeave() async throws {
    let secret = "ghp_" + "Zq81LmWx0TbRk5Vn2YcPd7HsJf4GaE3uQo9X"
    try await withServices(Self.paid + "\ncicerone: {embedding: vectors}") { request, connection in
      try connection.respond(200, body: Self.vectors(request))
    } _: { server, services in
      let embedder = try #require(services.embedding).embedder
      let passages = try await embedder.embed(passages: ["let key = \"\(secret)\"", "let b = 2"])
      #expect(passages == [[1, 1], [1, 2]])
      #expect(try await embedder.embed(query: "what is \(secret)?") == [1, 1])
      #expect(server.requests.count == 2)
      for request in server.requests {
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(!body.contains(secret))
        #expect(body.contains("⟨secret:"))
      }
    }
  }

  @Test func manyCallsAtOnceSpendNoMoreThanIsAllowed() async throws {
    // Each costs 250 millionths of a dollar at most a few tokens less, 62.5 in truth: a fraction of 64 fits.
    let text = String(repeating: "some words ", count: 23).prefix(250)
    let yaml = Self.paid + "\ncicerone: {embedding: {model: vectors, max_usd: 0.001}}"
    try await withServices(yaml) { request, connection in
      Thread.sleep(forTimeInterval: 0.01)
      try connection.respond(200, body: Self.vectors(request))
    } _: { server, services in
      let embedder = try #require(services.embedding).embedder
      let kinds = await withTaskGroup(of: EmbeddingFailure.Kind?.self) { group in
        for _ in 0..<64 {
          group.addTask {
            do throws(EmbeddingFailure) {
              _ = try await embedder.embed(passages: [String(text)])
              return nil
            } catch {
              return error.kind
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      let served = kinds.count { $0 == nil }
      #expect(served == server.requests.count)
      #expect(kinds.allSatisfy { $0 == nil || $0 == .notAllowed })
      #expect(served >= 3)
      // What was truly charged, and what it can have been at most at any time.
      #expect(served * (250 / 4) <= 1000)
      // One after the other, what is not spent is given back, until a request could cost more than is left.
      var last: EmbeddingFailure?
      while last == nil, server.requests.count < 64 {
        last = await failure { () async throws(EmbeddingFailure) in try await embedder.embed(passages: [String(text)]) }
      }
      #expect(last?.kind == .notAllowed)
      #expect(last?.hint?.contains("cicerone.embedding.max_usd") == true)
      let charged = server.requests.count * (250 / 4)
      #expect(charged <= 950)
      #expect(charged > 950 - 282 - 62)
      // Questions have a share that passages leave alone.
      #expect(await failure { () async throws(EmbeddingFailure) in try await embedder.embed(query: "how?") } == nil)
    }
  }

  @Test func whatMayHaveBeenChargedCountsInFull() async throws {
    let yaml = Self.paid + "\ncicerone: {embedding: {model: vectors, max_usd: 0.0002}}"
    try await withServices(yaml) { request, connection in
      if request.body.count > 90 { return try connection.respond(200, body: "garbage") }
      try connection.respond(500, body: "no")
    } _: { server, services in
      let embedder = try #require(services.embedding).embedder
      // A refusal costs nothing, however often it comes.
      for _ in 0..<20 {
        #expect(
          await failure { () async throws(EmbeddingFailure) in try await embedder.embed(passages: ["a"]) }?.kind
            == .unavailable)
      }
      let long = String(repeating: "a", count: 100)
      #expect(
        await failure { () async throws(EmbeddingFailure) in try await embedder.embed(passages: [long]) }?.kind
          == .invalidResponse)
      #expect(
        await failure { () async throws(EmbeddingFailure) in try await embedder.embed(passages: [long]) }?.kind
          == .notAllowed)
      #expect(server.requests.count == 21)
    }
  }

  @Test func aModelOfUnknownPriceIsNotUsed() async throws {
    let transport = NoTransport()
    let elsewhere = """
      model_list:
        - model_name: vectors
          litellm_params: {model: openai/e, api_base: 'https://example.com/v1', api_key: k}
      cicerone: {embedding: vectors, rerank: vectors}
      """
    let services = try await Self.services(elsewhere, transport: transport)
    #expect(services.embedding == nil)
    #expect(services.reranker == nil)
    #expect(services.warnings.contains { $0.contains("input_cost_per_token") })
    #expect(services.warnings.contains { $0.contains("offers no reranking") })
    let known = try await Self.services(
      "cicerone: {embedding: voyage/voyage-code-4, rerank: {model: voyage/rerank-3}}",
      environment: ["VOYAGE_API_KEY": "pa-x"], transport: transport)
    #expect(known.warnings == [])
    #expect(known.embedding?.embedder.space.id == "voyage/voyage-code-4+v1")
    #expect(known.embedding?.embedder.space.dimensions == nil)
    #expect(known.embedding?.embedder.limits.bytesPerRequest == 200_000)
    #expect(known.reranker?.name == "voyage/rerank-3")
    #expect(known.reranker?.candidates == 40)
    let local = try await Self.services(
      "cicerone: {embedding: {model: ollama/nomic-embed-text, dimensions: 256}, rerank: llamacpp/x}",
      transport: transport)
    #expect(local.warnings == [])
    #expect(local.embedding?.embedder.space.id.hasPrefix("ollama/nomic-embed-text@127.0.0.1:11434") == true)
    #expect(local.embedding?.embedder.space.id.hasSuffix("#256+n1") == true)
    let nothing = try await Self.services("cicerone: {embedding: {dimensions: 3}}", transport: transport)
    #expect(nothing.embedding == nil)
    #expect(nothing.warnings.count == 1)
    #expect(try await Self.services("{}", transport: transport).warnings.isEmpty)
    let keyless = try await Self.services("cicerone: {embedding: voyage/voyage-code-4}", transport: transport)
    #expect(keyless.embedding == nil)
    #expect(keyless.warnings.first?.contains("VOYAGE_API_KEY") == true)
  }

  @Test func aTextThatIsNotTakenIsToldFromARequestThatIsNot() async throws {
    let yaml = Self.paid + "\ncicerone: {embedding: vectors}"
    try await withServices(yaml) { request, connection in
      let body = String(decoding: request.body, as: UTF8.self)
      if body.contains("poison") { return try connection.respond(400, body: #"{"error":{"message":"poison"}}"#) }
      try connection.respond(200, body: Self.vectors(request))
    } _: { server, services in
      let embedder = try #require(services.embedding).embedder
      for count in [2, 3] {
        let error = await failure { () async throws(EmbeddingFailure) in try await embedder.embed(passages: ["poison"])
        }
        #expect(error?.kind == .rejectedInput)
        #expect(error?.message.contains("poison") == false)
        // One trial, and none once something was taken.
        #expect(server.requests.count == count)
      }
    }
    try await withServices(yaml) { _, connection in
      try connection.respond(400, body: #"{"error":{"message":"no such dimensions"}}"#)
    } _: { _, services in
      let embedder = try #require(services.embedding).embedder
      let error = await failure { () async throws(EmbeddingFailure) in try await embedder.embed(passages: ["a"]) }
      #expect(error?.kind == .rejectedRequest)
      #expect(error?.message.contains("no such dimensions") == true)
    }
  }

  @Test(arguments: [
    (401, EmbeddingFailure.Kind.unauthorized), (402, .quotaExceeded), (404, .rejectedRequest), (413, .rejectedInput),
    (429, .rateLimited), (500, .unavailable), (503, .unavailable),
  ])
  func failuresKeepTheirMeaning(_ status: Int, _ kind: EmbeddingFailure.Kind) async throws {
    try await withServices(Self.paid + "\ncicerone: {embedding: vectors}") { _, connection in
      try connection.respond(status, ["retry-after": "3"], body: "")
    } _: { _, services in
      let embedder = try #require(services.embedding).embedder
      let error = await failure { () async throws(EmbeddingFailure) in try await embedder.embed(query: "a") }
      #expect(error?.kind == kind)
      if kind == .rateLimited { #expect(error?.retryAfter == .seconds(3)) }
    }
  }

  @Test func servicesFollowTheConfigurationAndKeepWhatWasSpent() async throws {
    let text = String(repeating: "a", count: 400)
    try await withServices(Self.paid + "\ncicerone: {embedding: {model: vectors, max_usd: 0.001}}") {
      request, connection in
      try connection.respond(200, body: "garbage")
    } _: { server, services in
      var services = services
      let first = try #require(services.embedding)
      func ask() async -> EmbeddingFailure.Kind? {
        await failure { () async throws(EmbeddingFailure) in
          try await first.embedder.embed(passages: [text])
        }?.kind
      }
      // What is no answer is charged in full: 432 of a thousand, and 50 are kept for questions.
      #expect(await ask() == .invalidResponse)
      #expect(await ask() == .invalidResponse)
      #expect(await ask() == .notAllowed)
      let more = try Self.configuration(
        Self.paid + "\ncicerone: {embedding: {model: vectors, max_usd: 0.0014}}", base: server.base)
      await services.apply(more, limit: .zero)
      #expect(services.embedding === first)
      #expect(await ask() == .invalidResponse)
      #expect(await ask() == .notAllowed)
      #expect(server.requests.count == 3)
      let other = try Self.configuration(
        Self.paid + "\ncicerone: {embedding: {model: vectors, dimensions: 3, max_usd: 0.0014}, rerank: order}",
        base: server.base)
      await services.apply(other, limit: .zero)
      #expect(services.embedding !== first)
      #expect(services.embedding?.embedder.space.id != first.embedder.space.id)
      #expect(services.reranker != nil)
      let renewed = try #require(services.embedding).embedder
      #expect(
        await failure { () async throws(EmbeddingFailure) in try await renewed.embed(passages: [text]) }?.kind
          == .notAllowed)
      await services.apply(try Self.configuration("{}"), limit: .zero)
      #expect(services.embedding == nil)
      #expect(services.reranker == nil)
    }
  }

  // MARK: Reranking

  @Test func aRerankerOrdersWithinItsAllowance() async throws {
    let secret = "ghp_" + "Zq81LmWx0TbRk5Vn2YcPd7HsJf4GaE3uQo9X"
    let yaml = Self.paid + "\ncicerone: {rerank: {model: order, candidates: 7, timeout: 1.5, max_usd: 0.005}}"
    try await withServices(yaml) { request, connection in
      let count = (request.json["documents"] as? [String])?.count ?? 0
      let rows = (0..<count).map { #"{"index":\#($0),"relevance_score":\#($0)}"# }.joined(separator: ",")
      try connection.respond(200, body: #"{"results":[\#(rows)],"meta":{"billed_units":{"search_units":1}}}"#)
    } _: { server, services in
      let reranker = try #require(services.reranker)
      #expect(reranker.candidates == 7)
      #expect(reranker.timeout == .milliseconds(1500))
      #expect(try await reranker.order("q", ["a", "b \(secret)", "c"]) == [2, 1, 0])
      #expect(!String(decoding: server.requests[0].body, as: UTF8.self).contains(secret))
      #expect(try await reranker.order("q", ["a"]) == [0])
      let error = await #expect(throws: EngineError.self) { try await reranker.order("q", ["a"]) }
      #expect(error?.kind == .budget)
      #expect(error?.hint?.contains("cicerone.rerank.max_usd") == true)
      #expect(server.requests.count == 2)
    }
    let one = Self.paid + "\ncicerone: {rerank: order}"
    try await withServices(one, limit: Money(picoUSD: 1_000_000_000)) { _, connection in
      try connection.respond(500)
    } _: { server, services in
      let reranker = try #require(services.reranker)
      let error = await #expect(throws: EngineError.self) { try await reranker.order("q", ["a"]) }
      #expect(error?.hint?.contains("max_usd_per_request") == true)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func aQueryOfManyPiecesCostsSeveral() throws {
    let deployment = ServiceDeployment(
      name: "r", definition: .jina, endpoint: Endpoint(provider: "jina_ai", base: try HTTPURL("https://example.com")),
      model: "r", price: .unknown, pricePerQuery: Money(picoUSD: 10))
    func cost(_ sizes: [Int]) -> Money? {
      ProviderReranker.maximumCost(
        of: RerankRequest(model: "r", query: "q", documents: sizes.map { String(repeating: "a", count: $0) }),
        at: deployment)
    }
    #expect(cost([100]) == Money(picoUSD: 10))
    #expect(cost(Array(repeating: 100, count: 100)) == Money(picoUSD: 10))
    #expect(cost(Array(repeating: 600, count: 100)) == Money(picoUSD: 20))
    var unknown = deployment
    unknown.pricePerQuery = nil
    #expect(
      ProviderReranker.maximumCost(of: RerankRequest(model: "r", query: "q", documents: ["a"]), at: unknown) == nil)
  }
}

private struct NoTransport: HTTPTransport {
  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse { throw .connect("no transport") }
}
