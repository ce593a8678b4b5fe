import CurlTransport
import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

struct BedrockEmbeddingTests {
  let format = BedrockEmbeddingFormat { 1_795_348_800 }

  func place(_ credential: Credential? = nil) throws -> Endpoint {
    var place = try endpoint("bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com")
    place.values["aws_region_name"] = "us-east-1"
    place.credential =
      try credential
      ?? .aws(AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: #require(Secret("wJalrXUtnFEMI"))))
    return place
  }

  @Test func titanTakesOneTextASignedRequest() throws {
    let request = try format.httpRequest(
      embedding(["a"], model: "amazon.titan-embed-text-v2:0", dimensions: 512), at: place())
    #expect(request.url.path == "/model/amazon.titan-embed-text-v2%3A0/invoke")
    #expect(try sameJSON(request.text, #"{"inputText":"a","dimensions":512,"normalize":true}"#))
    #expect(request.header("authorization")?.contains("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") == true)
    let old = try format.httpRequest(embedding(["a"], model: "amazon.titan-embed-text-v1", dimensions: 9), at: place())
    #expect(try sameJSON(old.text, #"{"inputText":"a"}"#))
    let bearer = try format.httpRequest(embedding(["a"], model: "amazon.titan-embed-text-v1"), at: place(key("token")))
    #expect(bearer.header("authorization") == "Authorization: Bearer token")
    #expect(throws: ProviderError.self) {
      try format.httpRequest(embedding(["a", "b"], model: "amazon.titan-embed-text-v1"), at: place())
    }
    #expect(throws: ProviderError.self) {
      try format.httpRequest(embedding(["a"], model: "twelvelabs.marengo-embed-3-0-v1:0"), at: place())
    }
    let answer = try format.response(
      json(#"{"embedding":[0.6,0.8],"embeddingsByType":{"float":[0.6,0.8]},"inputTextTokenCount":5}"#),
      headers: HTTPHeaders(), to: embedding(["a"], model: "amazon.titan-embed-text-v2:0"), provider: "bedrock")
    #expect(answer.vectors == [[0.6, 0.8]])
    #expect(answer.usage?.input == 5)
  }

  @Test func cohereOnBedrockIsCohere() throws {
    let asked = embedding(["a", "b"], .query, model: "us.cohere.embed-v4:0")
    let request = try format.httpRequest(asked, at: place())
    #expect(request.url.path == "/model/us.cohere.embed-v4%3A0/invoke")
    #expect(
      try sameJSON(
        request.text,
        #"{"texts":["a","b"],"input_type":"search_query","embedding_types":["float"],"truncate":"END"}"#))
    for body in [#"{"embeddings":{"float":[[1,2],[3,4]]}}"#, #"{"embeddings":[[1,2],[3,4]]}"#] {
      let answer = try format.response(
        json(body), headers: HTTPHeaders(["x-amzn-bedrock-input-token-count": "4"]), to: asked, provider: "bedrock")
      #expect(answer.vectors == [[1, 2], [3, 4]])
      #expect(answer.usage?.input == 4)
    }
    #expect(format.limits("us.cohere.embed-v4:0").texts == 96)
    #expect(format.limits("amazon.titan-embed-text-v2:0").texts == 1)
  }

  @Test func severalTextsAreSeveralRequests() async throws {
    try await withServer { request, connection in
      let count = (request.json["inputText"] as? String)?.utf8.count ?? 0
      try connection.respond(200, body: #"{"embedding":[\#(count),1],"inputTextTokenCount":\#(count)}"#)
    } _: { server, transport, endpoint in
      let provider = EmbeddingProvider(endpoint, format: .bedrock, transport: transport)
      let (response, usage) = try await provider.embed(
        embedding(["a", "bb", "ccc"], model: "amazon.titan-embed-text-v2:0"))
      #expect(response.vectors == [[1, 1], [2, 1], [3, 1]])
      #expect(usage == TokenUsage(input: 6, provenance: .provider))
      #expect(server.requests.count == 3)
    }
  }

  @Test func rerankersAreAskedAlike() throws {
    let asked = RerankRequest(model: "cohere.rerank-v3-5:0", query: "q", documents: ["a", "b"])
    let request = try BedrockRerankFormat { 0 }.httpRequest(asked, at: place())
    #expect(request.url.path == "/model/cohere.rerank-v3-5%3A0/invoke")
    #expect(try sameJSON(request.text, #"{"query":"q","documents":["a","b"],"api_version":2}"#))
    let amazon = RerankRequest(model: "amazon.rerank-v1:0", query: "q", documents: ["a"])
    #expect(
      try sameJSON(
        BedrockRerankFormat { 0 }.httpRequest(amazon, at: place()).text, #"{"query":"q","documents":["a"]}"#))
    let answer = try BedrockRerankFormat().response(
      json(#"{"results":[{"index":0,"relevance_score":0.1},{"index":1,"relevance_score":0.9}]}"#),
      headers: HTTPHeaders(), to: asked, provider: "bedrock")
    #expect(answer.results.map(\.index) == [1, 0])
  }

  @Test func failuresAreAmazons() throws {
    let error = format.error(
      status: 429, headers: HTTPHeaders(["x-amzn-errortype": "ThrottlingException:http://x"]),
      body: Array(#"{"message":"slow"}"#.utf8), at: try place(), now: 0)
    #expect(error.kind == .rateLimit)
    #expect(ProviderRegistry.standard["bedrock"]?.embeddings is BedrockEmbeddingFormat)
    #expect(
      ProviderRegistry.standard["bedrock"]?.entry("amazon.titan-embed-text-v2:0", in: .embedded)?.price
        == .known(ModelPrice(base: ModelPrice.Rates(input: Money(picoUSD: 20_000), output: .zero))))
  }
}
