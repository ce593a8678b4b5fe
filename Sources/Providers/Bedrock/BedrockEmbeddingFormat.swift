public import HTTPTransport

/// Embeddings on Bedrock, which passes requests on to its models as they are: Amazon's Titan and Cohere's.
public struct BedrockEmbeddingFormat: EmbeddingFormat {
  private let clock: @Sendable () -> Double

  /// Makes the format; `clock` gives the seconds since 1970 that requests are signed with.
  public init(clock: @escaping @Sendable () -> Double) { self.clock = clock }

  /// Makes the format, with the system's clock.
  public init() { self.init { RetryAdvice.currentTime } }

  private enum Family {
    /// One text a request.
    case titan(takesDimensions: Bool)
    case cohere
  }

  private static func family(_ model: String) -> Family? {
    let name = BedrockModelName(model).base
    if name.hasPrefix("amazon.titan-embed-text-v2") { return .titan(takesDimensions: true) }
    if name.hasPrefix("amazon.titan-embed-") { return .titan(takesDimensions: false) }
    return name.hasPrefix("cohere.embed-") ? .cohere : nil
  }

  /// See ``EmbeddingFormat``.
  public func limits(_ model: String) -> EmbeddingRequestLimits {
    if case .cohere? = Self.family(model) { return EmbeddingRequestLimits(texts: 96, cutsTexts: true) }
    return EmbeddingRequestLimits(texts: 1)
  }

  /// See ``EmbeddingFormat``.
  public func dialect(_ model: String) -> String {
    if case .cohere? = Self.family(model) { "c1" } else { "" }
  }

  /// See ``EmbeddingFormat``.
  public func httpRequest(_ request: EmbeddingRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    var body: [String: JSONTree]
    switch Self.family(request.model) {
    case .cohere: body = CohereEmbeddingFormat.members(request)
    case .titan(let takesDimensions):
      guard let text = request.texts.first, request.texts.count == 1 else {
        throw ProviderError(.badRequest, provider: endpoint.provider, message: "the model takes one text a request")
      }
      body = ["inputText": .string(text)]
      if takesDimensions {
        body["normalize"] = .bool(true)
        if let dimensions = request.dimensions { body["dimensions"] = .integer(dimensions) }
      }
    case nil:
      throw ProviderError(
        .notFound, provider: endpoint.provider, message: "\(request.model) is none of Titan's or Cohere's embedders")
    }
    return try endpoint.bedrockRequest("invoke", model: BedrockModelName(request.model).id, body: body, clock: clock)
  }

  /// See ``EmbeddingFormat``.
  public func response(
    _ answer: JSONTree, headers: HTTPHeaders, to request: EmbeddingRequest, provider: String
  ) throws(ProviderError) -> EmbeddingResponse {
    let usage = EmbeddingUsage.tokens(
      answer["inputTextTokenCount"]?.int ?? headers["x-amzn-bedrock-input-token-count"].flatMap { Int($0) })
    if case .cohere? = Self.family(request.model) {
      let vectors = try CohereEmbeddingFormat.vectors(answer, count: request.texts.count, provider: provider)
      return EmbeddingResponse(vectors: vectors, usage: usage)
    }
    guard let vector = EmbeddingVectors.vector(answer["embedding"] ?? answer["embeddingsByType"]?["float"]) else {
      throw .invalidAnswer(provider, "there is no vector")
    }
    return EmbeddingResponse(vectors: [vector], usage: usage)
  }

  /// By Amazon's own words.
  public func error(
    status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double
  ) -> ProviderError {
    BedrockErrors(endpoint).error(status: status, headers: headers, body: body, now: now)
  }
}

extension EmbeddingFormat where Self == BedrockEmbeddingFormat {
  /// Bedrock's.
  public static var bedrock: Self { Self() }
}
