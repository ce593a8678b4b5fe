public import Providers

/// Why a deployment was not asked.
public enum SkipReason: Sendable, Hashable {
  /// The request does not fit its limits, price or context.
  case refused(Admission.Refusal)
  /// It has none of the request's tags.
  case tags
  /// It failed lately; it is left alone for so long.
  case coolingDown(ProviderError.Kind, Duration)
  /// It failed lately, and another request is finding out whether it works again.
  case probing
  /// Its account is without money or its key was refused.
  case account(ProviderError.Kind)
  /// It has no room for so long by its requests a minute.
  case requestsPerMinute(Duration)
  /// It has no room for so long by its tokens a minute.
  case tokensPerMinute(Duration)
  /// As many requests as allowed are under way.
  case maxParallelRequests
  /// It failed in this request already, and is not repeated.
  case failed(ProviderError.Kind)

  /// One word, for logs and metrics.
  public var label: String {
    switch self {
    case .refused(.unknownPrice): "unknown_price"
    case .refused(.tooExpensive): "budget"
    case .refused(.tooManyTokens): "max_tokens"
    case .refused(.contextTooSmall): "context"
    case .tags: "tags"
    case .coolingDown: "cooling_down"
    case .probing: "probing"
    case .account: "account"
    case .requestsPerMinute: "rpm"
    case .tokensPerMinute: "tpm"
    case .maxParallelRequests: "max_parallel_requests"
    case .failed: "failed"
    }
  }
}
