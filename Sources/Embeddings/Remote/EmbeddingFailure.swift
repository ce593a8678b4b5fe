/// Why texts were not embedded.
public struct EmbeddingFailure: Error, Sendable, Hashable {
  /// What kind of failure it is, which decides what follows.
  public enum Kind: Sendable, Hashable {
    /// No connection, no answer in time, or a fault of the server: the same request may succeed later.
    case unavailable
    /// Too many requests or tokens in a time: the same request succeeds later.
    case rateLimited
    /// The key is missing, wrong, or may not use this model.
    case unauthorized
    /// The account has no money or no quota left.
    case quotaExceeded
    /// The provider does not take one of the texts, or so many of them together: fewer at a time may do.
    case rejectedInput
    /// The request as such is wrong: no such model, no such setting.
    case rejectedRequest
    /// The answer is not what it should be: another number of vectors or dimensions, or values that are no numbers.
    case invalidResponse
    /// The allowance does not permit it; nothing was sent.
    case notAllowed
    /// The task was cancelled.
    case cancelled
  }

  /// The kind.
  public var kind: Kind
  /// What happened, for people. It holds no key and no text of the workspace.
  public var message: String
  /// What the user can do, where something can be done.
  public var hint: String?
  /// How long to wait at least before the next request, where the provider said so.
  public var retryAfter: Duration?

  /// Whether the same request may succeed if it is sent again soon.
  public var isRetryable: Bool { kind == .unavailable || kind == .rateLimited }

  /// Makes a failure.
  public init(_ kind: Kind, _ message: String, hint: String? = nil, retryAfter: Duration? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.retryAfter = retryAfter
  }
}
