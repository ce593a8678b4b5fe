/// How an answer came about: which model was chosen and why, and what was tried.
public struct RouteSummary: Sendable, Codable, Hashable {
  /// One attempt to get an answer.
  public struct Attempt: Sendable, Codable, Hashable {
    /// The name of the model.
    public var model: String
    /// The provider.
    public var provider: String
    /// What came of it: `answered`, or the class of the failure.
    public var outcome: String

    /// Makes an attempt.
    public init(model: String, provider: String, outcome: String) {
      self.model = model
      self.provider = provider
      self.outcome = outcome
    }
  }

  /// Why this model was chosen: a sentence for the user.
  public var reason: String
  /// What was tried, in order.
  public var attempts: [Attempt]
  /// Milliseconds from the request to the first token.
  public var firstTokenMs: Double?

  /// Makes a summary.
  public init(reason: String, attempts: [Attempt], firstTokenMs: Double? = nil) {
    self.reason = reason
    self.attempts = attempts
    self.firstTokenMs = firstTokenMs
  }
}
