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

/// How embeddings look on a provider's wire. Pure.
public protocol EmbeddingFormat: Sendable {
  /// How many texts one request takes at most.
  var maxTexts: Int { get }
  /// What to send.
  func httpRequest(_ request: EmbeddingRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest
  /// Reads the answer; throws what is wrong with it.
  func response(_ answer: JSONTree, headers: HTTPHeaders, to request: EmbeddingRequest, provider: String)
    throws(ProviderError) -> EmbeddingResponse
  /// What a response that is no success means.
  func error(status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double) -> ProviderError
}
