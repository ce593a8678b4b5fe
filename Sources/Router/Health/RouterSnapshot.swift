public import Providers

/// The health of every deployment at one moment.
public struct RouterSnapshot: Sendable {
  /// In the order of the router's deployments.
  public var deployments: [DeploymentSnapshot]
  /// How many requests wait for capacity.
  public var waiting: Int
}

/// One deployment and its health.
public struct DeploymentSnapshot: Sendable {
  /// Whether it is used.
  public enum State: Sendable, Hashable {
    /// Yes.
    case healthy
    /// It failed, and is left alone for so long.
    case coolingDown(remaining: Duration, ProviderError.Kind)
    /// It was left alone for long enough: a request is finding out whether it works, or the next one will.
    case probing(ProviderError.Kind)
    /// Its account is without money (for so long), or its key was refused (`nil`: until the configuration changes).
    case disabled(remaining: Duration?, ProviderError.Kind)
  }

  /// What is measured.
  public struct Health: Sendable, Hashable {
    /// Whether it is used.
    public var state: State
    /// Requests under way.
    public var inFlight: Int
    /// Requests within the last 60 seconds.
    public var requestsPerMinute: Int
    /// Tokens within the last 60 seconds; of requests under way the most they can take.
    public var tokensPerMinute: Int
    /// The median time to the first token.
    public var firstTokenP50: Duration?
    /// 95 of 100 first tokens came within this.
    public var firstTokenP95: Duration?
    /// Tokens a second once the first one is there.
    public var tokensPerSecond: Double?
    /// Requests answered to the end.
    public var answered: Int
    /// Requests failed.
    public var failed: Int
    /// The class of the last failure.
    public var lastError: ProviderError.Kind?
    /// How long ago that was.
    public var lastErrorAge: Duration?
  }

  /// The deployment; its limits are in `routing`.
  public var deployment: Deployment
  /// What is measured.
  public var health: Health
}

extension HealthTable {
  func snapshot(_ slot: Int, at now: Duration) -> DeploymentSnapshot.Health {
    var health = slots[slot].health
    health.window.advance(to: now)
    return DeploymentSnapshot.Health(
      state: state(slot, at: now), inFlight: health.inFlight, requestsPerMinute: health.window.requests,
      tokensPerMinute: health.window.tokens, firstTokenP50: health.firstToken.percentile(0.5),
      firstTokenP95: health.firstToken.percentile(0.95), tokensPerSecond: health.tokensPerSecond,
      answered: health.answered, failed: health.failed, lastError: health.lastError?.kind,
      lastErrorAge: health.lastError.map { now - $0.at })
  }

  private func state(_ slot: Int, at now: Duration) -> DeploymentSnapshot.State {
    let account = accounts[slots[slot].account]
    if account.refusal != nil { return .disabled(remaining: nil, .authentication) }
    switch account.cooldown.access(at: now) {
    case .notBefore(let time): return .disabled(remaining: time - now, .billing)
    case .probe, .beingProbed: return .probing(.billing)
    case .free: break
    }
    let kind = slots[slot].health.cooldownKind ?? .server
    return switch slots[slot].health.cooldown.access(at: now) {
    case .free: .healthy
    case .notBefore(let time): .coolingDown(remaining: time - now, kind)
    case .probe, .beingProbed: .probing(kind)
    }
  }
}
