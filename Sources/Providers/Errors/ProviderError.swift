public import HTTPTransport

/// Why a provider did not answer, or not to the end.
public struct ProviderError: Error, Sendable, Hashable {
  /// The classes on which retries and fallbacks decide.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The key is missing, wrong or expired.
    case authentication
    /// The account is out of money or at its own limit. Never retried.
    case billing
    /// The key may not do this.
    case permission
    /// No such model or deployment.
    case notFound
    /// The input is longer than the model takes.
    case context
    /// The provider's filter refused.
    case contentPolicy
    /// The request is wrong, or we are.
    case badRequest
    /// Too many requests or tokens for now.
    case rateLimit
    /// The provider has too much to do.
    case overloaded
    /// The provider failed.
    case server
    /// Nothing came in time.
    case timeout
    /// No connection.
    case network
    /// The answer broke off.
    case truncated
    /// The caller cancelled.
    case cancelled
  }

  /// The class.
  public var kind: Kind
  /// Which provider.
  public var provider: String
  /// What happened, for the user: bounded, without keys. Never decide on it.
  public var message: String
  /// The HTTP status, if there was an answer.
  public var status: Int?
  /// The provider's own code.
  public var code: String?
  /// The parameter the provider complains of.
  public var parameter: String?
  /// How long the provider asks to wait.
  public var retryAfter: Duration?
  /// What the provider says about retrying, over the rule for the class.
  public var shouldRetry: Bool?
  /// The provider's name of the request, for its support.
  public var requestID: String?
  /// Whether the provider may have worked, and may charge for it.
  public var mayBeCharged: Bool

  /// Makes an error.
  public init(
    _ kind: Kind, provider: String, message: String, status: Int? = nil, code: String? = nil,
    parameter: String? = nil, retryAfter: Duration? = nil, shouldRetry: Bool? = nil, requestID: String? = nil,
    mayBeCharged: Bool = false
  ) {
    self.kind = kind
    self.provider = provider
    self.message = message
    self.status = status
    self.code = code
    self.parameter = parameter
    self.retryAfter = retryAfter
    self.shouldRetry = shouldRetry
    self.requestID = requestID
    self.mayBeCharged = mayBeCharged
  }

  /// What a failure of the transport means.
  public init(_ error: HTTPTransportError, provider: String) {
    let kind: Kind =
      switch error {
      case .invalidRequest: .badRequest
      case .resolve, .connect, .tls, .shutDown, .reset: .network
      case .timeout: .timeout
      case .cancelled: .cancelled
      case .truncated: .truncated
      case .malformed, .headersTooLarge, .bodyTooLarge: .server
      }
    self.init(kind, provider: provider, message: error.description, mayBeCharged: error.mayHaveReachedServer)
  }
}
