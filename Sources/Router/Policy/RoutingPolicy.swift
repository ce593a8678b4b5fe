import Providers

/// Everything that decides how requests are routed, besides what stands at each deployment.
public struct RoutingPolicy: Sendable, Hashable {
  /// How to choose within a group; `nil` for ``RoutingStrategy/simpleShuffle`` in groups where a deployment has a weight
  /// or a limit of the rate, and ``RoutingStrategy/preference`` elsewhere.
  public var strategy: RoutingStrategy?
  /// By latency: how much slower than the fastest (0.1 is 10 %) still counts as equal.
  public var latencyBuffer = 0.0
  /// By latency: for how long a measurement counts.
  public var latencyLife = Duration.seconds(600)
  /// How patient a route is.
  public var retry = RetryPolicy()
  /// How often requests are repeated within a group.
  public var repeats = RepeatLimits()
  /// The same by group.
  public var groupRepeats: [String: RepeatLimits] = [:]
  /// When deployments are left alone.
  public var cooldown = CooldownPolicy()
  /// Groups to go on with when one fails, by its name; `*` for every group that is not named.
  public var fallbacks: [String: [String]] = [:]
  /// The same when the input is longer than the group reads.
  public var contextWindowFallbacks: [String: [String]] = [:]
  /// The same when a filter refused. Nothing else is tried then.
  public var contentPolicyFallbacks: [String: [String]] = [:]
  /// For every group, after its own.
  public var defaultFallbacks: [String] = []
  /// How many groups may follow the one asked for.
  public var maxFallbacks = 5
  /// Other names of groups.
  public var aliases: [String: String] = [:]
  /// Whether requests without tags go to deployments that have the tag `default`, where there are such.
  public var filtersByTag = false
  /// Whether a deployment must have all of a request's tags; one suffices otherwise.
  public var needsAllTags = false
  /// Whether, and when, a second deployment is asked.
  public var hedging: HedgingPolicy?
  /// How many requests may wait for capacity.
  public var maxQueueLength = 128
  /// How long the first token may take where the deployment does not say; `nil` leaves it to the transport.
  public var firstTokenTimeout: Duration? = .seconds(180)

  /// The values above.
  public init() {}

  /// The group of a name.
  public func group(_ name: String) -> String {
    var name = name
    // Aliases of aliases; a circle ends where it began.
    for _ in 0..<8 {
      guard let next = aliases[name], next != name else { break }
      name = next
    }
    return name
  }

  /// The groups that follow `group` when it fails for `cause`, in order.
  func successors(of group: String, cause: FallbackCause) -> [String] {
    let plain = (fallbacks[group] ?? fallbacks["*"] ?? []) + defaultFallbacks
    return switch cause {
    case .contentPolicy: contentPolicyFallbacks[group] ?? contentPolicyFallbacks["*"] ?? []
    case .context: (contextWindowFallbacks[group] ?? contextWindowFallbacks["*"] ?? []) + plain
    case .failure: plain
    }
  }

  /// How often a request may be repeated in `group` after a failure of `kind`; `nil` when nothing is configured.
  func repeatLimit(_ kind: ProviderError.Kind, in group: String) -> Int? {
    let limits = groupRepeats[group].map { $0.over(repeats) } ?? repeats
    return switch kind {
    case .timeout, .network, .truncated: limits.timeout ?? limits.any
    case .rateLimit: limits.rateLimit ?? limits.any
    case .server, .overloaded: limits.server ?? limits.any
    // A request that is wrong stays wrong: only who says so by name has it repeated.
    case .badRequest: limits.badRequest
    case .authentication, .billing, .permission, .notFound, .context, .contentPolicy, .cancelled: 0
    }
  }
}

/// Why a route leaves a group for another.
public enum FallbackCause: String, Sendable, Hashable {
  /// Its deployments failed, or none can be used now.
  case failure
  /// The input is longer than they read.
  case context
  /// A filter refused.
  case contentPolicy = "content_policy"
}
