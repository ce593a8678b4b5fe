public import Configuration
import Providers

extension RoutingPolicy {
  /// What the configuration says. Where it says nothing the defaults hold.
  ///
  /// - `num_retries` and `retry_policy` limit repeats within a group; another deployment of the group is always tried.
  ///   Retries of refused keys, of filters and of missing models are not made.
  /// - `allowed_fails: n` makes a cooldown at the failure after the nth.
  /// - `enable_pre_call_checks` has no effect: they are always made.
  /// - `hedging` and `continue_on_other_model` are our own; the latter is up to each request.
  public init(
    _ router: RouterSettings, _ liteLLM: LiteLLMSettings = LiteLLMSettings(),
    _ settings: CiceroneSettings = CiceroneSettings()
  ) {
    self.init()
    strategy = router.strategy.flatMap { RoutingStrategy(name: $0.rawValue) }
    if let buffer = router.strategyArguments.lowestLatencyBuffer { latencyBuffer = max(0, buffer) }
    if let life = router.strategyArguments.ttl { latencyLife = .seconds(clamping: life) }
    repeats = RepeatLimits(router.retryPolicy, any: router.numRetries)
    groupRepeats = router.modelGroupRetryPolicy.mapValues { RepeatLimits($0, any: nil) }
    if let delay = router.retryAfter { retry.minDelay = .seconds(clamping: delay) }
    cooldown = CooldownPolicy(router)
    func names(_ fallbacks: [RouterSettings.Fallback]) -> [String: [String]] {
      fallbacks.reduce(into: [:]) { $0[$1.group.value, default: []] += $1.models.map(\.value) }
    }
    fallbacks = names(router.fallbacks)
    contextWindowFallbacks = names(router.contextWindowFallbacks)
    contentPolicyFallbacks = names(router.contentPolicyFallbacks)
    defaultFallbacks = router.defaultFallbacks.map(\.value)
    if let most = router.maxFallbacks { maxFallbacks = max(0, most) }
    for alias in router.aliases { aliases[alias.name] = alias.model.value }
    filtersByTag = router.enableTagFiltering ?? false
    needsAllTags = router.tagFilteringMatchAny == false
    if settings.hedging?.enabled == true {
      var hedging = HedgingPolicy()
      if let quantile = settings.hedging?.quantile { hedging.quantile = min(1, max(0, quantile)) }
      if let seconds = settings.hedging?.maxDelay {
        hedging.maxDelay = .seconds(clamping: seconds)
        hedging.delay = min(hedging.delay, hedging.maxDelay)
      }
      self.hedging = hedging
    }
  }
}

extension RepeatLimits {
  fileprivate init(_ counts: RouterSettings.ErrorCounts?, any: Int?) {
    self.init(
      any: counts?.others ?? any, timeout: counts?.timeout, rateLimit: counts?.rateLimit,
      server: counts?.internalServer ?? counts?.serviceUnavailable, badRequest: counts?.badRequest)
  }
}

extension CooldownPolicy {
  fileprivate init(_ router: RouterSettings) {
    self.init()
    isEnabled = router.disableCooldowns != true
    if let fails = router.allowedFails { failures = max(0, fails) + 1 }
    if let seconds = router.cooldownTime { time = .seconds(clamping: seconds) }
    guard let allowed = router.allowedFailsPolicy else { return }
    func set(_ fails: Int?, _ kinds: ProviderError.Kind...) {
      guard let fails else { return }
      for kind in kinds { failuresByKind[kind] = max(0, fails) + 1 }
    }
    set(allowed.others, .server, .timeout, .network, .truncated)
    set(allowed.internalServer, .server, .truncated)
    set(allowed.timeout, .timeout, .network)
    set(allowed.rateLimit, .rateLimit)
    set(allowed.serviceUnavailable, .overloaded)
    set(allowed.notFound, .notFound)
  }
}

extension RoutingParameters {
  /// What an entry says, and the router's settings where it says nothing.
  init(_ entry: ModelEntry, _ router: RouterSettings) {
    let whole = entry.timeout ?? router.timeout
    self.init(
      id: entry.info.id, weight: entry.weight, rpm: entry.rpm, tpm: entry.tpm, order: entry.order,
      maxParallelRequests: entry.maxParallelRequests ?? router.defaultMaxParallelRequests, tags: entry.tags,
      maxRetries: entry.maxRetries, cooldownTime: entry.cooldownTime.map(Duration.seconds(clamping:)),
      timeouts: Timeouts(
        firstToken: (entry.streamTimeout ?? router.streamTimeout ?? whole).map(Duration.seconds(clamping:)),
        betweenChunks: whole.map(Duration.seconds(clamping:))))
  }
}

extension Duration {
  /// A time that users wrote, to a year at most.
  fileprivate static func seconds(clamping seconds: Double) -> Duration {
    seconds.isNaN ? .zero : .milliseconds(Int64((min(31_536_000, max(0, seconds)) * 1000).rounded(.up)))
  }
}
