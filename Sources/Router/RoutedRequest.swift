public import Ledger
public import Providers

/// A question for whichever deployment is to answer it.
public struct RoutedRequest: Sendable {
  /// The name asked for; `nil` for whatever comes first.
  public var model: String?
  /// In order.
  public var messages: [ChatMessage]
  /// An upper bound of the input in tokens, counted by the caller.
  public var estimatedInputTokens: Int
  /// The most tokens to answer with.
  public var maxOutputTokens: Int?
  /// 0 to 2.
  public var temperature: Double?
  /// Texts that end the answer.
  public var stop: [String]
  /// What it may use.
  public var limit: RequestLimit

  /// Makes a request.
  public init(
    model: String? = nil, messages: [ChatMessage], estimatedInputTokens: Int, maxOutputTokens: Int? = nil,
    temperature: Double? = nil, stop: [String] = [], limit: RequestLimit = RequestLimit()
  ) {
    self.model = model
    self.messages = messages
    self.estimatedInputTokens = estimatedInputTokens
    self.maxOutputTokens = maxOutputTokens
    self.temperature = temperature
    self.stop = stop
    self.limit = limit
  }
}

/// What comes back from a route: deltas of one deployment, then the report as the last.
public enum RoutedEvent: Sendable {
  /// A piece of the answer.
  case text(String)
  /// A piece of what the model thought.
  case reasoning(String)
  /// A piece of a refusal.
  case refusal(String)
  /// A call of a tool.
  case toolCall(ToolCall)
  /// The end.
  case finished(RouteReport)
}

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
    /// Why it failed, if it did.
    public var error: ProviderError?
  }

  /// In order; the last one answered, if any did.
  public var attempts: [Attempt] = []
  /// Which deployment answered.
  public var deployment: Deployment?
  /// What the answer used.
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
  public var reserved: Money { attempts.last?.reserved ?? .zero }
}

/// Why there is no answer.
public struct RouteError: Error, Sendable {
  /// What went wrong.
  public enum Kind: Sendable, Hashable {
    /// No deployment has that name, or there is none at all.
    case noModel
    /// Nobody knows what it costs.
    case unknownPrice
    /// It costs, or takes, more than the limit.
    case budget
    /// The input is longer than every model takes.
    case context
    /// The caller cancelled.
    case cancelled
    /// The providers failed; see `cause`.
    case provider
  }

  /// What went wrong.
  public var kind: Kind
  /// For the user.
  public var message: String
  /// What the user can do.
  public var hint: String?
  /// The last failure of a provider.
  public var cause: ProviderError?
  /// What was tried, and what it cost.
  public var report: RouteReport
}
