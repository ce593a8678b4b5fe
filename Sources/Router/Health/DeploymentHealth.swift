import Providers

/// What is known of a deployment while the process runs.
struct DeploymentHealth: Sendable {
  /// Requests under way.
  var inFlight = 0
  /// The last minute.
  var window = RollingWindow()
  /// Time to the first token.
  var firstToken = LatencyHistogram()
  /// Tokens a second after the first token; the newest answer counts a fifth.
  var tokensPerSecond: Double?
  /// Whether it may be used.
  var cooldown = Cooldown()
  /// Why it may not.
  var cooldownKind: ProviderError.Kind?
  /// Failures that add up to a cooldown, with their times, oldest first.
  var failures: [(at: Duration, kind: ProviderError.Kind)] = []
  /// Answers so far.
  var answered = 0
  /// Failures so far.
  var failed = 0
  /// The last failure.
  var lastError: (kind: ProviderError.Kind, at: Duration)?

  /// Notes a failure; returns whether there are enough of them for a cooldown.
  mutating func countFailure(_ kind: ProviderError.Kind, at now: Duration, policy: CooldownPolicy) -> Bool {
    failures.removeAll { $0.at <= now - policy.window }
    failures.append((now, kind))
    // More than any limit needs is not kept.
    if failures.count > 256 { failures.removeFirst() }
    guard let own = policy.failuresByKind[kind] else { return failures.count >= policy.limit(kind) }
    return failures.count { $0.kind == kind } >= max(1, own)
  }
}

/// What is known of a provider's account: of a server and the key shown to it.
struct AccountHealth: Sendable {
  /// Why the key is not shown again before the configuration changes.
  var refusal: ProviderError?
  /// Whether there is money.
  var cooldown = Cooldown()
  /// What the provider said about it.
  var billingError: ProviderError?
}
