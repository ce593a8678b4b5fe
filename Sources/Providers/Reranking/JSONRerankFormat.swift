public import HTTPTransport
import Ledger

/// Reranking as Cohere began it and everyone took it over, with the differences as values.
public struct JSONRerankFormat: RerankFormat {
  /// What the number of results to give back is called.
  var topKey: String
  /// What is said besides.
  var members: [String: JSONTree]
  /// How the server names models.
  var quirks = OpenAIQuirks()
  /// Where to send.
  var address: @Sendable (Endpoint) throws(ProviderError) -> HTTPURL

  /// See ``RerankFormat``.
  public func httpRequest(_ request: RerankRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    var body = members
    body["model"] = .string(quirks.modelName(request.model))
    body["query"] = .string(request.query)
    body["documents"] = .array(request.documents.map(JSONTree.string))
    if let topN = request.topN { body[topKey] = .integer(topN) }
    return HTTPRequest(
      .post, try address(endpoint),
      headers: endpoint.openAIHeaders + [HTTPRequestHeader("Content-Type", "application/json")],
      body: JSONTree.object(body).bytes, timeouts: endpoint.timeouts, limits: HTTPLimits(bodyBytes: 16 << 20))
  }

  /// See ``RerankFormat``.
  public func response(
    _ answer: JSONTree, headers: HTTPHeaders, to request: RerankRequest, provider: String
  ) throws(ProviderError) -> RerankResponse {
    let units = answer["meta"]?["billed_units"]
    return RerankResponse(
      results: try RerankResults.read(answer, of: request.documents.count, provider: provider),
      usage: answer["usage"].flatMap { EmbeddingUsage.read($0, provider: provider) }
        ?? EmbeddingUsage.tokens(units?["input_tokens"]?.int),
      searchUnits: units?["search_units"]?.int)
  }
}

extension RerankFormat where Self == JSONRerankFormat {
  /// Cohere's own.
  public static var cohere: Self {
    Self(topKey: "top_n", members: ["max_tokens_per_doc": .integer(4096)]) { (endpoint) throws(ProviderError) in
      try endpoint.cohereURL("v2/rerank")
    }
  }

  /// Voyage's.
  public static var voyage: Self {
    Self(topKey: "top_k", members: ["truncation": .bool(true), "return_documents": .bool(false)]) {
      (endpoint) throws(ProviderError) in try endpoint.url("rerank")
    }
  }

  /// Jina's, which llama.cpp, vLLM, Together, Fireworks and LiteLLM's proxy offer too. Scores may be raw logits.
  public static var jina: Self { jina(OpenAIQuirks()) }

  /// The same, where models have names of another kind.
  static func jina(_ quirks: OpenAIQuirks) -> Self {
    Self(topKey: "top_n", members: ["return_documents": .bool(false)], quirks: quirks) {
      (endpoint) throws(ProviderError) in try endpoint.url("rerank")
    }
  }
}
