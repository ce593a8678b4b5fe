/// Why a request could not be done, with what the user can do about it.
public struct EngineError: Error, Sendable, Codable, Hashable {
  /// What went wrong; stable names that clients may compare.
  public enum Kind: String, Sendable, Codable {
    /// A parameter is missing or outside its range.
    case invalidParameters
    /// No model of that name is configured.
    case model
    /// The provider failed.
    case provider
    /// The provider refused the key.
    case authentication
    /// The provider asks to slow down.
    case rateLimit
    /// The request costs more than is allowed.
    case budget
    /// The request is larger than the model takes.
    case context
    /// The index could not be read or written.
    case index
    /// No workspace folder is open.
    case noWorkspace
    /// The caller cancelled.
    case cancelled
  }

  /// What went wrong.
  public var kind: Kind
  /// What happened and why, for the user.
  public var message: String
  /// What the user can do.
  public var hint: String?
  /// Whether the same request may succeed later.
  public var retryable: Bool
  /// When to try again, in milliseconds from now.
  public var retryAfterMs: Int?
  /// The provider concerned.
  public var provider: String?
  /// The model concerned.
  public var model: String?
  /// What was spent in vain, in US dollars.
  public var spentUSD = 0.0
  /// What was tried.
  public var route: RouteSummary?

  /// Makes an error.
  public init(
    _ kind: Kind, _ message: String, hint: String? = nil, retryable: Bool = false, retryAfterMs: Int? = nil,
    provider: String? = nil, model: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.retryable = retryable
    self.retryAfterMs = retryAfterMs
    self.provider = provider
    self.model = model
  }
}
