public import Ledger
public import Providers

/// Something that happened on a route. Holds names, numbers and classes: never a prompt, an answer, a key, or a
/// provider's text.
public struct RouteEvent: Sendable {
  /// A deployment by its names.
  public struct Target: Sendable, Hashable {
    /// The name users ask for.
    public var group: String
    /// The provider.
    public var provider: String
    /// The provider's name of the model.
    public var model: String

    init(_ deployment: Deployment) {
      group = deployment.name
      provider = deployment.endpoint.provider
      model = deployment.model
    }
  }

  /// How a route ended.
  public struct Outcome: Sendable, Hashable {
    /// Who answered.
    public var target: Target?
    /// What failed; `nil` for an answer.
    public var error: ProviderError.Kind?
    /// Whether there is an answer, if only in part.
    public var isAnswered: Bool
    /// How many attempts were made.
    public var attempts: Int
    /// What they cost.
    public var cost: Money
    /// Whether that rests on an estimate.
    public var isCostEstimated: Bool
    /// What the answer used.
    public var usage: TokenUsage?
    /// From the start to the end.
    public var duration: Duration
  }

  /// What happened.
  public enum Kind: Sendable {
    /// A request came for a group (`nil`: for any), for a task.
    case started(group: String?, task: ModelTask?)
    /// A deployment was not asked.
    case skipped(Target, SkipReason)
    /// The request stands in line; so many do.
    case queued(waiting: Int)
    /// A request goes to a deployment: the how-manieth attempt of the route, and how often it was tried before in it.
    case chosen(Target, ChoiceReason, attempt: Int, repeats: Int)
    /// The route waits before it goes on.
    case waiting(Duration)
    /// An attempt failed; it cost so much.
    case failed(Target, ProviderError.Kind, status: Int?, cost: Money)
    /// A deployment is left alone for so long.
    case cooledDown(Target, ProviderError.Kind, Duration)
    /// The account of a deployment is left alone for so long; `nil` until the configuration changes.
    case accountClosed(Target, ProviderError.Kind, Duration?)
    /// A deployment works again.
    case recovered(Target)
    /// The route goes on with another group.
    case fellBack(from: String, to: String, FallbackCause)
    /// The first token, so long after the request left.
    case firstToken(Target, Duration)
    /// A second deployment is asked, for the first has said nothing for so long.
    case hedged(Target, after: Duration)
    /// An attempt was cancelled because another one was faster; it cost so much.
    case overtaken(Target, cost: Money)
    /// An answer broke off and is continued elsewhere.
    case continued(Target, ProviderError.Kind)
    /// The end.
    case finished(Outcome)
  }

  /// The same for all events of a route; counted from 1 in this process.
  public var route: UInt64
  /// What happened.
  public var kind: Kind
}
