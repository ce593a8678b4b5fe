public import HTTPTransport
public import Ledger

/// Passages to be put in order of how well they match a query.
public struct RerankRequest: Sendable, Hashable {
  /// The provider's name of the model.
  public var model: String
  /// What is searched for.
  public var query: String
  /// What was found.
  public var documents: [String]
  /// How many of the best to give back; all when `nil`.
  public var topN: Int?

  /// Makes a request.
  public init(model: String, query: String, documents: [String], topN: Int? = nil) {
    self.model = model
    self.query = query
    self.documents = documents
    self.topN = topN
  }
}

/// The order found.
public struct RerankResponse: Sendable, Hashable {
  /// One document's place.
  public struct Result: Sendable, Hashable {
    /// Which document of the request.
    public var index: Int
    /// How well it matches; comparable within one response only.
    public var score: Double

    /// Makes a result.
    public init(index: Int, score: Double) {
      self.index = index
      self.score = score
    }
  }

  /// Best first; each document at most once.
  public var results: [Result]
  /// Tokens used, if the provider says.
  public var usage: TokenUsage?
  /// Queries billed, if the provider bills by query.
  public var searchUnits: Int?

  /// Makes a response.
  public init(results: [Result], usage: TokenUsage? = nil, searchUnits: Int? = nil) {
    self.results = results
    self.usage = usage
    self.searchUnits = searchUnits
  }
}

/// How reranking looks on a provider's wire. Pure.
public protocol RerankFormat: Sendable {
  /// How many documents one request takes at most.
  var maxDocuments: Int { get }
  /// What to send.
  func httpRequest(_ request: RerankRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest
  /// Reads the answer; throws what is wrong with it.
  func response(_ answer: JSONTree, headers: HTTPHeaders, to request: RerankRequest, provider: String)
    throws(ProviderError) -> RerankResponse
  /// What a response that is no success means.
  func error(status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double) -> ProviderError
}

extension RerankFormat {
  /// What every provider takes.
  public var maxDocuments: Int { 1000 }

  /// By the general rules.
  public func error(
    status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double
  ) -> ProviderError {
    ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
      .error(status: status, headers: headers, body: body, now: now)
  }
}
