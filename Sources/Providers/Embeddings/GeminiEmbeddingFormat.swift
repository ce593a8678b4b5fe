public import HTTPTransport

/// Gemini's `:batchEmbedContents`: each text is a request of its own within it.
public struct GeminiEmbeddingFormat: EmbeddingFormat {
  /// Makes the format.
  public init() {}

  /// See ``EmbeddingFormat``.
  public func limits(_ model: String) -> EmbeddingRequestLimits { EmbeddingRequestLimits(texts: 100, cutsTexts: true) }

  /// See ``EmbeddingFormat``.
  public func dialect(_ model: String) -> String { "g1" }

  /// See ``EmbeddingFormat``.
  public func httpRequest(_ request: EmbeddingRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    let name = request.model.hasPrefix("models/") ? request.model : "models/" + request.model
    // A question about code is embedded to lie near the code that answers it.
    let task = request.purpose == .query ? "CODE_RETRIEVAL_QUERY" : "RETRIEVAL_DOCUMENT"
    let requests = request.texts.map { text in
      // Several parts of one content would give one vector: a content for each text.
      var entry: [String: JSONTree] = [
        "model": .string(name), "taskType": .string(task),
        "content": .object(["parts": .array([.object(["text": .string(text)])])]),
      ]
      if let dimensions = request.dimensions { entry["outputDimensionality"] = .integer(dimensions) }
      return JSONTree.object(entry)
    }
    return HTTPRequest(
      .post, try endpoint.url("\(name):batchEmbedContents"),
      headers: endpoint.geminiHeaders + [HTTPRequestHeader("Content-Type", "application/json")],
      body: JSONTree.object(["requests": .array(requests)]).bytes, timeouts: endpoint.timeouts)
  }

  /// By Google's own words.
  public func error(
    status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double
  ) -> ProviderError {
    GeminiErrorClassifier(endpoint).error(status: status, headers: headers, body: body, now: now)
  }

  /// See ``EmbeddingFormat``. Vectors of fewer dimensions than the model's own are not of unit length: they are made so.
  public func response(
    _ answer: JSONTree, headers: HTTPHeaders, to request: EmbeddingRequest, provider: String
  ) throws(ProviderError) -> EmbeddingResponse {
    guard let embeddings = answer["embeddings"]?.array else {
      throw .invalidAnswer(provider, "there are no vectors")
    }
    let rows = JSONTree.array(embeddings.map { $0["values"] ?? .null })
    return EmbeddingResponse(
      vectors: try EmbeddingVectors.rows(rows, count: request.texts.count, provider: provider).map(
        EmbeddingVectors.normalized),
      usage: EmbeddingUsage.tokens(answer["usageMetadata"]?["promptTokenCount"]?.int))
  }
}

extension EmbeddingFormat where Self == GeminiEmbeddingFormat {
  /// Gemini's own.
  public static var gemini: Self { Self() }
}
