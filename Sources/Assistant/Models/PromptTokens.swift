internal import HTTPTransport
internal import Providers
internal import Router
internal import Synchronization
internal import Tokenization

/// How many tokens a prompt has for each deployment that may get it: exactly where the model's encoding is published,
/// by what the provider reported for earlier prompts where it is not. Money is reserved for a bound that no text exceeds,
/// wherever the count is not exact.
final class PromptTokens: Sendable {
  private let texts: [String]
  private let calibration: TokenCalibration
  /// Texts are counted once for each way of counting, not for each deployment.
  private let counted = Mutex<[TokenCounter.Method: Int]>([:])
  private let bound: Int

  init(_ messages: [ChatMessage], calibration: TokenCalibration) {
    texts = messages.map(\.text)
    self.calibration = calibration
    bound = texts.reduce(MessageFraming.generous.tokens(messages: texts.count)) { $0 + TokenCounter.upperBound($1) }
  }

  /// The count by the encoding at hand: what a report is compared with.
  func count(for deployment: Deployment) -> Int {
    let counter = TokenCounter(deployment)
    if let known = counted.withLock({ $0[counter.method] }) { return known }
    let count = counter.count(messages: texts)
    counted.withLock { $0[counter.method] = count }
    return count
  }

  /// What it takes there.
  func size(for deployment: Deployment) -> InputSize {
    let counter = TokenCounter(deployment)
    let count = count(for: deployment)
    if case .exact = counter.method {
      // The texts are exact; what stands around them is as documented, and differs a little between interfaces.
      return InputSize(likely: count, most: count + 16 + 4 * texts.count)
    }
    let estimate = calibration.estimate(count, model: deployment.calibrationKey)
    // One request in a hundred is above the high estimate, and more when the texts change: no money rests on it.
    if estimate.isReliable { return InputSize(likely: min(estimate.high, bound), most: bound) }
    // Other vocabularies make up to about a quarter more of text and code; the template has its own.
    let around = MessageFraming.generous.tokens(messages: texts.count)
    return InputSize(likely: min(bound, max(estimate.expected, count) * 5 / 4 + around), most: bound)
  }
}

extension TokenCounter {
  /// The counter for a deployment. A server of one's own may give any model any name.
  init(_ deployment: Deployment) {
    let definition = ProviderRegistry.standard[deployment.endpoint.provider]
    let isGenuine = definition.map { $0.owns(deployment.endpoint.base) && !$0.setsOwnPrices } ?? false
    self.init(model: deployment.baseModel ?? deployment.model, isGenuine: isGenuine)
  }
}

extension Deployment {
  /// What is learned about its counting is filed under this.
  var calibrationKey: String {
    let isOwn = ProviderRegistry.standard[endpoint.provider]?.owns(endpoint.base) ?? false
    return (isOwn ? "" : "\(endpoint.base.host):\(endpoint.base.port)/") + "\(endpoint.provider)/\(baseModel ?? model)"
  }
}
