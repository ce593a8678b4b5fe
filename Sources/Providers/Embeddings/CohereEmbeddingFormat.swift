public import HTTPTransport

/// Cohere's `/v2/embed`.
public struct CohereEmbeddingFormat: EmbeddingFormat {
  /// Makes the format.
  public init() {}

  /// See ``EmbeddingFormat``.
  public func limits(_ model: String) -> EmbeddingRequestLimits { EmbeddingRequestLimits(texts: 96, cutsTexts: true) }

  /// See ``EmbeddingFormat``.
  public func dialect(_ model: String) -> String { "c1" }

  /// See ``EmbeddingFormat``.
  public func httpRequest(_ request: EmbeddingRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    var body = Self.members(request)
    body["model"] = .string(request.model)
    return HTTPRequest(
      .post, try endpoint.cohereURL("v2/embed"),
      headers: endpoint.openAIHeaders + [HTTPRequestHeader("Content-Type", "application/json")],
      body: JSONTree.object(body).bytes, timeouts: endpoint.timeouts)
  }

  /// What is the same on Bedrock.
  static func members(_ request: EmbeddingRequest) -> [String: JSONTree] {
    var body: [String: JSONTree] = [
      "texts": .array(request.texts.map(JSONTree.string)),
      "input_type": .string(request.purpose == .query ? "search_query" : "search_document"),
      "embedding_types": .array([.string("float")]), "truncate": .string("END"),
    ]
    if let dimensions = request.dimensions { body["output_dimension"] = .integer(dimensions) }
    return body
  }

  /// See ``EmbeddingFormat``.
  public func response(
    _ answer: JSONTree, headers: HTTPHeaders, to request: EmbeddingRequest, provider: String
  ) throws(ProviderError) -> EmbeddingResponse {
    let units = answer["meta"]?["billed_units"]?["input_tokens"]?.int
    return EmbeddingResponse(
      vectors: try Self.vectors(answer, count: request.texts.count, provider: provider),
      usage: EmbeddingUsage.tokens(units))
  }

  /// Vectors by type, or, where no type was asked for, a list of them.
  static func vectors(_ answer: JSONTree, count: Int, provider: String) throws(ProviderError) -> [[Float]] {
    try EmbeddingVectors.rows(
      answer["embeddings"]?["float"] ?? answer["embeddings"], count: count, provider: provider)
  }
}

extension EmbeddingFormat where Self == CohereEmbeddingFormat {
  /// Cohere's own.
  public static var cohere: Self { Self() }
}

extension Endpoint {
  /// A path of Cohere's own interface, whichever of its interfaces the base names.
  func cohereURL(_ path: String) throws(ProviderError) -> HTTPURL {
    try root(without: ["/compatibility/v1", "/v1", "/v2"], path: path)
  }
}
