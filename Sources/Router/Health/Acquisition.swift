import Ledger
import Providers

/// A deployment that a request could go to.
struct AcquisitionOption: Sendable {
  /// The caller's number for it.
  var candidate: Int
  /// Its place in the table.
  var slot: Int
  /// The most tokens the request can take there, in and out.
  var tokens: Int
  /// The most it can cost there.
  var cost: Money
}

/// What a request asks of the table: one of several deployments.
struct AcquisitionRequest: Sendable {
  /// In order of preference.
  var options: [AcquisitionOption]
  /// How to choose; `nil` for what the deployments' parameters suggest.
  var strategy: RoutingStrategy?
  /// See ``RoutingPolicy/latencyBuffer``.
  var latencyBuffer = 0.0
  /// See ``RoutingPolicy/latencyLife``.
  var latencyLife = Duration.seconds(600)
  /// Whether the request has nowhere else to go: cooldowns that no provider asked for do not hold then.
  var isOnlyChance = false
  /// From 0 up to 1: decides where chance does.
  var random: @Sendable () -> Double
}

/// Why a deployment was chosen.
public enum ChoiceReason: String, Sendable, Hashable {
  /// It was the only one that could be used.
  case only
  /// It stands first.
  case preference
  /// By chance.
  case shuffle
  /// Fewest requests under way.
  case leastBusy = "least_busy"
  /// It answers soonest.
  case latency
  /// It costs least.
  case cost
  /// It has used the least share of its limits.
  case usage
  /// It finds out whether the deployment works again.
  case probe
}

/// The right to send one request to a deployment.
struct AcquisitionGrant: Sendable {
  var candidate: Int
  var slot: Int
  var tokens: Int
  /// As which probe of the deployment it goes, if it finds out whether that works again; see ``Cooldown/probe()``.
  var probe: Int?
  /// The same for the account.
  var accountProbe: Int?
  var started: Duration
  var reason: ChoiceReason
  /// Where the window noted it.
  var stamp: Int64
}

/// Why a deployment cannot be used now.
struct AcquisitionObstacle: Sendable {
  var candidate: Int
  var reason: SkipReason
  /// When it may be usable; `nil` when only another request's end can tell, or nothing can.
  var until: Duration?
  /// Whether waiting is of no use.
  var isFinal = false
}

/// What came of asking.
enum Acquisition: Sendable {
  /// Go.
  case granted(AcquisitionGrant)
  /// None of them, and why.
  case unavailable([AcquisitionObstacle])
}

/// How a request at a deployment ended.
enum AttemptOutcome: Sendable {
  /// It answered, using so many tokens if it said so, and so many of them out since the first token.
  case answered(tokens: Int?, output: Int, streaming: Duration?)
  /// It failed. `tokens` is what the request used of the limits: nothing when it was refused.
  case failed(ProviderError, tokens: Int)
  /// The caller let go of it.
  case abandoned(tokens: Int)
}

/// What changed for a deployment, for events.
enum HealthChange: Sendable, Hashable {
  /// It is left alone for so long.
  case coolingDown(ProviderError.Kind, Duration)
  /// Its account is: for so long, or until the configuration changes.
  case accountClosed(ProviderError.Kind, Duration?)
  /// It works again.
  case recovered
}
