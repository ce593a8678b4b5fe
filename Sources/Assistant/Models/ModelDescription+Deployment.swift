internal import HTTPTransport
internal import Ledger
internal import Providers
internal import Router

extension ModelDescription {
  /// What is known of a deployment before it was ever asked.
  init(_ deployment: Deployment) {
    let isInProcess = ProviderRegistry.standard[deployment.endpoint.provider]?.isInProcess ?? false
    self.init(
      name: deployment.name, provider: deployment.endpoint.provider, model: deployment.model,
      endpoint: isInProcess ? nil : deployment.endpoint.base.description, isLocal: deployment.isLocal,
      hasCredential: deployment.endpoint.credential != .none, contextTokens: deployment.contextTokens,
      maxOutputTokens: deployment.maxOutputTokens, price: PriceSummary(deployment.price),
      priceSource: deployment.priceSource.rawValue)
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
