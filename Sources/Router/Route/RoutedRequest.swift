public import Providers

/// A question for whichever deployment is to answer it.
public struct RoutedRequest: Sendable {
  /// The name asked for; `nil` for whatever comes first.
  public var model: String?
  /// In order.
  public var messages: [ChatMessage]
  /// An upper bound of the input in tokens, counted by the caller.
  public var estimatedInputTokens: Int
  /// The same for each deployment, where the caller can tell; takes the place of ``estimatedInputTokens``.
  public var inputSize: (@Sendable (Deployment) -> InputSize)?
  /// The most tokens to answer with.
  public var maxOutputTokens: Int?
  /// 0 to 2.
  public var temperature: Double?
  /// Texts that end the answer.
  public var stop: [String]
  /// What it may use.
  public var limit: RequestLimit
  /// Deployments must have one of these; see ``RoutingPolicy/needsAllTags``.
  public var tags: [String]
  /// What it is for: told in events, nothing is decided by it here.
  public var task: ModelTask?
  /// How much the model is to think; as the deployment says when `nil`.
  public var reasoning: ChatRequest.Reasoning?
  /// Whether another deployment may continue an answer that broke off. It is told to, and the report says so.
  public var allowsContinuation: Bool

  /// Makes a request.
  public init(
    model: String? = nil, messages: [ChatMessage], estimatedInputTokens: Int, maxOutputTokens: Int? = nil,
    temperature: Double? = nil, stop: [String] = [], limit: RequestLimit = RequestLimit(), tags: [String] = [],
    task: ModelTask? = nil, reasoning: ChatRequest.Reasoning? = nil, allowsContinuation: Bool = false
  ) {
    self.model = model
    self.messages = messages
    self.estimatedInputTokens = estimatedInputTokens
    self.maxOutputTokens = maxOutputTokens
    self.temperature = temperature
    self.stop = stop
    self.limit = limit
    self.tags = tags
    self.task = task
    self.reasoning = reasoning
    self.allowsContinuation = allowsContinuation
  }
}

extension RoutedRequest {
  /// How much input this is for a deployment.
  func size(for deployment: Deployment) -> InputSize {
    inputSize?(deployment) ?? InputSize(likely: estimatedInputTokens, most: estimatedInputTokens)
  }
}

/// What comes back from a route: deltas, then the report as the last.
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
    /// The providers failed, or none can be asked now; see `cause`.
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
