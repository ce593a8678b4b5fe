internal import Providers
internal import Router

/// What failures of models mean for users.
extension RoutedModel {
  static func engineError(_ error: RouteError) -> EngineError {
    let kind: EngineError.Kind =
      switch error.kind {
      case .noModel: .model
      case .unknownPrice, .budget: .budget
      case .context: .context
      case .cancelled: .cancelled
      case .provider: error.cause.map { engineError($0).kind } ?? .provider
      }
    var result = EngineError(kind, error.message, hint: error.hint)
    if let cause = error.cause {
      let detail = engineError(cause)
      result.retryable = detail.retryable
      result.retryAfterMs = detail.retryAfterMs
      result.provider = detail.provider
    }
    return result
  }

  static func engineError(_ error: ProviderError) -> EngineError {
    let kind: EngineError.Kind =
      switch error.kind {
      case .authentication, .permission: .authentication
      case .billing: .budget
      case .rateLimit, .overloaded: .rateLimit
      case .context: .context
      case .cancelled: .cancelled
      case .notFound: .model
      case .contentPolicy, .badRequest, .server, .timeout, .network, .truncated: .provider
      }
    let retryable: Bool =
      switch error.kind {
      case .rateLimit, .overloaded, .server, .timeout, .network, .truncated: true
      default: false
      }
    return EngineError(
      kind, error.message, retryable: retryable, retryAfterMs: error.retryAfter.map { $0.milliseconds },
      provider: error.provider)
  }
}

extension Duration {
  /// In whole milliseconds, cut off.
  var milliseconds: Int {
    Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }

  /// In milliseconds.
  var exactMilliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
