internal import HTTPTransport
internal import Ledger
internal import Providers
internal import Router

extension ModelDescription {
  /// What is known of a deployment now.
  init(_ item: DeploymentSnapshot) {
    let deployment = item.deployment
    let isInProcess = ProviderRegistry.standard[deployment.endpoint.provider]?.isInProcess ?? false
    self.init(
      name: deployment.name, provider: deployment.endpoint.provider, model: deployment.model,
      endpoint: isInProcess ? nil : deployment.endpoint.base.description, isLocal: deployment.isLocal,
      hasCredential: deployment.endpoint.credential != .none, contextTokens: deployment.contextTokens,
      maxOutputTokens: deployment.maxOutputTokens, price: PriceSummary(deployment.price),
      priceSource: deployment.priceSource.rawValue, limits: Limits(deployment.routing), health: Health(item.health))
  }
}

extension ModelDescription.Limits {
  init(_ routing: RoutingParameters) {
    self.init()
    rpm = routing.rpm
    tpm = routing.tpm
    maxParallelRequests = routing.maxParallelRequests
    weight = routing.weight
    order = routing.order
    tags = routing.tags.isEmpty ? nil : routing.tags
  }
}

extension ModelDescription.Health {
  init(_ health: DeploymentSnapshot.Health) {
    self.init()
    switch health.state {
    case .healthy: state = health.answered + health.failed + health.inFlight == 0 ? "unused" : "healthy"
    case .coolingDown(let remaining, let kind):
      state = "coolingDown"
      reason = kind.rawValue
      retryInMs = remaining.milliseconds
    case .probing(let kind):
      state = "probing"
      reason = kind.rawValue
    case .disabled(let remaining, let kind):
      state = "disabled"
      reason = kind.rawValue
      retryInMs = remaining?.milliseconds
    }
    inFlight = health.inFlight
    requestsInMinute = health.requestsPerMinute
    tokensInMinute = health.tokensPerMinute
    firstTokenMs50 = health.firstTokenP50?.exactMilliseconds
    firstTokenMs95 = health.firstTokenP95?.exactMilliseconds
    successes = health.answered
    failures = health.failed
    lastError = health.lastError?.rawValue
  }
}

extension ModelDescription.PriceSummary {
  /// The base rates of a price; nothing when it is not known.
  init?(_ price: Price) {
    switch price {
    case .unknown: return nil
    case .free: self.init(inputPerMillion: 0, outputPerMillion: 0)
    case .known(let price):
      self.init(
        inputPerMillion: Self.perMillion(price.base.input), outputPerMillion: Self.perMillion(price.base.output),
        cacheReadPerMillion: price.base.cacheRead.map(Self.perMillion))
    }
  }

  /// A million tokens at pico-USD each: exact, since a pico-USD a token is a micro-USD a million.
  private static func perMillion(_ rate: Money) -> Double { Double(rate.picoUSD) / 1e6 }
}
