public import HTTPTransport
public import Ledger

/// Texts to be turned into vectors.
public struct EmbeddingRequest: Sendable, Hashable {
  /// What the texts are.
  public enum Purpose: Sendable, Hashable {
    /// What is searched.
    case passage
    /// What is searched for.
    case query
  }

  /// The provider's name of the model.
  public var model: String
  /// At least one, none empty.
  public var texts: [String]
  /// What they are: models embed questions and passages differently.
  public var purpose: Purpose
  /// How many dimensions to ask for; the model's own number when `nil`.
  public var dimensions: Int?

  /// Makes a request.
  public init(model: String, texts: [String], purpose: Purpose, dimensions: Int? = nil) {
    self.model = model
    self.texts = texts
    self.purpose = purpose
    self.dimensions = dimensions
  }

  /// What was probably used when the provider does not say: three bytes a token, which is more tokens than text or code
  /// has in practice, and a few for each text.
  var estimatedUsage: TokenUsage {
    TokenUsage(input: texts.reduce(0) { $0 + ($1.utf8.count + 2) / 3 + 2 }, provenance: .estimated)
  }
}

/// Vectors, and what they cost.
public struct EmbeddingResponse: Sendable, Hashable {
  /// One for each text, in order; as the provider gives them, of any length (norm).
  public var vectors: [[Float]]
  /// What was used, if the provider says.
  public var usage: TokenUsage?

  /// Makes a response.
  public init(vectors: [[Float]], usage: TokenUsage? = nil) {
    self.vectors = vectors
    self.usage = usage
  }
}

/// What one request for embeddings may hold.
public struct EmbeddingRequestLimits: Sendable, Hashable {
  /// Texts at most, at least 1.
  public var texts: Int
  /// Tokens of all texts together at most, if there is a limit.
  public var tokens: Int?
  /// Whether the provider cuts a text that is longer than the model takes, instead of refusing it.
  public var cutsTexts: Bool

  /// Makes limits.
  public init(texts: Int, tokens: Int? = nil, cutsTexts: Bool = false) {
    self.texts = max(1, texts)
    self.tokens = tokens
    self.cutsTexts = cutsTexts
  }
}

/// How embeddings look on a provider's wire. Pure.
public protocol EmbeddingFormat: Sendable {
  /// What one request to a model may hold.
  func limits(_ model: String) -> EmbeddingRequestLimits
  /// What tells questions from passages for this model: it changes whenever what is put to texts, or said of them, does,
  /// since vectors made before and after are not comparable. Holds no text of the workspace.
  func dialect(_ model: String) -> String
  /// What to send.
  func httpRequest(_ request: EmbeddingRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest
  /// Reads the answer; throws what is wrong with it. That the vectors are some, is looked at by the caller.
  func response(_ answer: JSONTree, headers: HTTPHeaders, to request: EmbeddingRequest, provider: String)
    throws(ProviderError) -> EmbeddingResponse
  /// What a response that is no success means.
  func error(status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double) -> ProviderError
}

extension EmbeddingFormat {
  /// Nothing is put to texts.
  public func dialect(_ model: String) -> String { "" }

  /// By the general rules.
  public func error(
    status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double
  ) -> ProviderError {
    ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
      .error(status: status, headers: headers, body: body, now: now)
  }
}
