public import Providers

/// When a deployment that fails is left alone, and for how long.
public struct CooldownPolicy: Sendable, Hashable {
  /// Whether there are cooldowns at all.
  public var isEnabled = true
  /// So many failures of the server or of the connection within ``window`` make a cooldown.
  public var failures = 3
  /// The same by class. Classes that make a cooldown at once otherwise (limits of the rate, overload, refusals) are
  /// counted when they stand here, unless the provider names a time.
  public var failuresByKind: [ProviderError.Kind: Int] = [:]
  /// Within which failures add up.
  public var window = Duration.seconds(60)
  /// The first cooldown for every class; the numbers below when `nil`.
  public var time: Duration?
  /// After a limit of the rate that names no time.
  public var rateLimitTime = Duration.seconds(5)
  /// After overload.
  public var overloadTime = Duration.seconds(5)
  /// After failures of the server or of the connection.
  public var failureTime = Duration.seconds(30)
  /// When the model is missing, or the key may not use it.
  public var refusalTime = Duration.seconds(60)
  /// When the account is empty. Concerns all deployments of the account.
  public var billingTime = Duration.seconds(600)
  /// Cooldowns double with every probe that fails, up to this.
  public var maxTime = Duration.seconds(600)
  /// The same for accounts. What a provider asks for is not heeded for longer either: it may be wrong about the time.
  public var maxBillingTime = Duration.seconds(6 * 3600)

  /// The values above.
  public init() {}

  /// The first cooldown of a class.
  func first(_ kind: ProviderError.Kind, deployment: Duration?) -> Duration {
    switch kind {
    case .billing: billingTime
    case .rateLimit: deployment ?? time ?? rateLimitTime
    case .overloaded: deployment ?? time ?? overloadTime
    case .permission, .notFound: deployment ?? time ?? refusalTime
    default: deployment ?? time ?? failureTime
    }
  }

  /// How long the provider asks to be left alone, within reason.
  func advised(_ error: ProviderError) -> Duration? { error.retryAfter.map { min($0, maxBillingTime) } }

  /// How many failures of a class make a cooldown.
  func limit(_ kind: ProviderError.Kind) -> Int { max(1, failuresByKind[kind] ?? failures) }
}
