public import Ledger
public import Providers

/// What happened on the way to an answer, and what it cost.
public struct RouteReport: Sendable {
  /// One attempt.
  public struct Attempt: Sendable {
    /// Where.
    public var deployment: Deployment
    /// The most it could have cost.
    public var reserved: Money
    /// What it cost.
    public var charged: Money
    /// How many tokens it used, as far as is known.
    public var tokens = 0
    /// Why it failed, if it did.
    public var error: ProviderError?
    /// Why this deployment.
    public var reason: ChoiceReason
    /// Whether it was started because another one was slow.
    public var isHedge = false
    /// Whether another one was faster, so that it was cancelled.
    public var wasOvertaken = false
    /// From its start to the first token.
    public var firstToken: Duration?
  }

  /// A deployment that was not asked, and why.
  public struct Skip: Sendable {
    /// Which.
    public var deployment: Deployment
    /// Why.
    public var reason: SkipReason
  }

  /// A group that was left for another.
  public struct Fallback: Sendable, Hashable {
    /// The group that was left.
    public var from: String
    /// The group that followed.
    public var to: String
    /// Why.
    public var cause: FallbackCause
  }

  /// An answer that broke off and was continued elsewhere.
  public struct Continuation: Sendable {
    /// Where it broke off.
    public var from: Deployment
    /// After so many bytes of text, counted from the beginning.
    public var offset: Int
    /// Why.
    public var error: ProviderError
  }

  /// In the order of their start; ``answered`` is the one that answered, if any did.
  public var attempts: [Attempt] = []
  /// Which of the attempts gave the answer, or its last part.
  public var answered: Int?
  /// What was not asked. Each deployment and reason once.
  public var skipped: [Skip] = []
  /// The groups that followed the one asked for.
  public var fallbacks: [Fallback] = []
  /// Where the answer was continued elsewhere; empty unless the request allowed it.
  public var continuations: [Continuation] = []
  /// From the start of the route to the first token.
  public var firstToken: Duration?
  /// How long it waited, before retries and in line.
  public var waited = Duration.zero
  /// From the start of the route to its end.
  public var duration = Duration.zero
  /// Which deployment answered.
  public var deployment: Deployment?
  /// What the answer used; of an answer in parts, the last part.
  public var usage: TokenUsage?
  /// What all attempts cost together. An attempt that may have been charged without saying so counts in full.
  public var cost = Money.zero
  /// Whether `cost` rests on an estimate.
  public var isCostEstimated = false
  /// Why the answer ended; `nil` when it broke off.
  public var finishReason: FinishReason?
  /// Why the answer broke off after it had begun.
  public var interruption: ProviderError?

  /// Nothing has happened yet.
  public init() {}

  /// The most the attempt that answered could have cost.
  public var reserved: Money { (answered.map { attempts[$0] } ?? attempts.last)?.reserved ?? .zero }
  /// Whether a second deployment was asked because the first was slow.
  public var wasHedged: Bool { attempts.contains(where: \.isHedge) }
}
