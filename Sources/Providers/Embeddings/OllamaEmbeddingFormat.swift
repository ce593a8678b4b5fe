public import HTTPTransport

/// Ollama's `/api/embed`, which also cuts what is too long, and gives vectors of unit length.
public struct OllamaEmbeddingFormat: EmbeddingFormat {
  /// Makes the format.
  public init() {}

  /// See ``EmbeddingFormat``. A batch is computed at once; small ones keep the time to an answer short.
  public func limits(_ model: String) -> EmbeddingRequestLimits { EmbeddingRequestLimits(texts: 64, cutsTexts: true) }

  /// See ``EmbeddingFormat``.
  public func dialect(_ model: String) -> String { EmbeddingPrompt(model: model).version }

  /// See ``EmbeddingFormat``.
  public func httpRequest(_ request: EmbeddingRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    var body: [String: JSONTree] = [
      "model": .string(request.model), "truncate": .bool(true),
      "input": .array(EmbeddingPrompt(model: request.model).applied(to: request).map(JSONTree.string)),
    ]
    if let dimensions = request.dimensions { body["dimensions"] = .integer(dimensions) }
    if let time = endpoint.values["keep_alive"] { body["keep_alive"] = .string(time) }
    return HTTPRequest(
      .post, try endpoint.root(without: ["/v1", "/api"], path: "api/embed"),
      headers: endpoint.openAIHeaders + [HTTPRequestHeader("Content-Type", "application/json")],
      body: JSONTree.object(body).bytes, timeouts: endpoint.timeouts)
  }

  /// See ``EmbeddingFormat``.
  public func response(
    _ answer: JSONTree, headers: HTTPHeaders, to request: EmbeddingRequest, provider: String
  ) throws(ProviderError) -> EmbeddingResponse {
    EmbeddingResponse(
      vectors: try EmbeddingVectors.rows(answer["embeddings"], count: request.texts.count, provider: provider),
      usage: EmbeddingUsage.tokens(answer["prompt_eval_count"]?.int))
  }
}

extension EmbeddingFormat where Self == OllamaEmbeddingFormat {
  /// Ollama's own.
  public static var ollama: Self { Self() }
}

extension Endpoint {
  /// A path from the server's root, where the base may end with the path of another interface of the same server.
  func root(without suffixes: [String], path: String) throws(ProviderError) -> HTTPURL {
    var text = base.description
    while text.hasSuffix("/") { text.removeLast() }
    if let suffix = suffixes.first(where: { text.hasSuffix($0) }) { text.removeLast(suffix.count) }
    do {
      return try HTTPURL(text).appending(path)
    } catch {
      throw ProviderError(.badRequest, provider: provider, message: error.description)
    }
  }
}
