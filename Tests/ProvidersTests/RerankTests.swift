import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct RerankTests {
  let request = RerankRequest(model: "r", query: "q", documents: ["a", "b"], topN: 2)

  func read(_ format: any RerankFormat, _ answer: JSONTree) throws -> RerankResponse {
    try format.response(answer, headers: HTTPHeaders(), to: request, provider: "p")
  }

  @Test func cohereIsSpokenTo() throws {
    let sent = try JSONRerankFormat.cohere.httpRequest(
      request, at: endpoint("cohere", "https://api.cohere.com/v2", credential: key()))
    #expect(sent.url.description == "https://api.cohere.com/v2/rerank")
    #expect(sent.header("authorization") == "Authorization: Bearer sk-test-key")
    #expect(
      try sameJSON(
        sent.text, #"{"model":"r","query":"q","documents":["a","b"],"top_n":2,"max_tokens_per_doc":4096}"#))
    let answer = try read(JSONRerankFormat.cohere, JSONTree(parsing: fixture("cohere.rerank.json")))
    #expect(answer.results.map(\.index) == [1, 0])
    #expect(answer.results.map(\.score) == [0.97, 0.12])
    #expect(answer.searchUnits == 1)
    #expect(answer.usage == nil)
  }

  @Test func voyageHasItsOwnWords() throws {
    let sent = try JSONRerankFormat.voyage.httpRequest(request, at: endpoint())
    #expect(
      try sameJSON(
        sent.text,
        #"{"model":"r","query":"q","documents":["a","b"],"top_k":2,"truncation":true,"return_documents":false}"#))
    let answer = try read(JSONRerankFormat.voyage, JSONTree(parsing: fixture("voyage.rerank.json")))
    #expect(answer.results == [RerankResponse.Result(index: 0, score: 0.44)])
    #expect(answer.usage == TokenUsage(input: 26, provenance: .provider))
  }

  @Test func scoresMayBeLogits() throws {
    let sent = try JSONRerankFormat.jina.httpRequest(request, at: endpoint("llamacpp", "http://127.0.0.1:1/v1"))
    #expect(sent.url.path == "/v1/rerank")
    let answer = try read(
      JSONRerankFormat.jina,
      json(
        #"{"results":[{"index":0,"relevance_score":-7.25},{"index":1,"relevance_score":-3}],"usage":{"prompt_tokens":9,"total_tokens":9}}"#
      ))
    #expect(answer.results.map(\.index) == [1, 0])
    #expect(answer.usage?.input == 9)
    // Equal scores stay in the order of the documents.
    let equal = try read(
      JSONRerankFormat.jina, json(#"{"data":[{"index":1,"score":2},{"index":0,"score":2}]}"#))
    #expect(equal.results.map(\.index) == [0, 1])
  }

  @Test(arguments: [
    #"{"results":[]}"#, #"{}"#, #"{"results":[{"index":2,"relevance_score":1}]}"#,
    #"{"results":[{"index":-1,"relevance_score":1}]}"#, #"{"results":[{"relevance_score":1}]}"#,
    #"{"results":[{"index":0}]}"#, #"{"results":[{"index":0,"relevance_score":"high"}]}"#,
    #"{"results":[{"index":0,"relevance_score":1},{"index":0,"relevance_score":2}]}"#,
  ])
  func whatIsNoOrderIsAnError(_ text: String) throws {
    let error = #expect(throws: ProviderError.self) { try read(JSONRerankFormat.jina, json(text)) }
    #expect(error?.code == ProviderError.invalidResponse)
  }

  @Test func ranksOverARealConnection() async throws {
    try await withServer { request, connection in
      switch request.json["model"] as? String {
      case "cut":
        try connection.head(200, length: 99)
        try connection.send("{")
        connection.finishNow()
      case "busy": try connection.respond(429, ["retry-after-ms": "250"], body: #"{"message":"slow down"}"#)
      case "broken": try connection.respond(500, body: "{")
      case "garbage": try connection.respond(200, body: "ok")
      default: try connection.respond(200, body: String(decoding: try fixture("cohere.rerank.json"), as: UTF8.self))
      }
    } _: { server, transport, endpoint in
      let provider = RerankProvider(endpoint, format: .jina, transport: transport)
      func ask(_ model: String, _ documents: [String] = ["a", "b"]) async -> ProviderError? {
        await failure { () async throws(ProviderError) in
          try await provider.rerank(RerankRequest(model: model, query: "q", documents: documents))
        }
      }
      #expect(await ask("fine") == nil)
      #expect(server.requests.first?.target == "/v1/rerank")
      #expect(await ask("cut")?.kind == .truncated)
      let busy = await ask("busy")
      #expect(busy?.kind == .rateLimit)
      #expect(busy?.retryAfter == .milliseconds(250))
      #expect(await ask("broken")?.kind == .server)
      #expect(await ask("garbage")?.code == ProviderError.invalidResponse)
      let count = server.requests.count
      #expect(await ask("fine", [])?.kind == .badRequest)
      #expect(await ask("fine", Array(repeating: "a", count: 1001))?.kind == .badRequest)
      #expect(server.requests.count == count)
    }
  }
}
