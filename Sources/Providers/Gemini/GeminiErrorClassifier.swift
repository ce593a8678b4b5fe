import HTTPTransport

/// Reads Google's errors: a status word, and details that say which quota and how long to wait.
struct GeminiErrorClassifier {
  private let common: ErrorClassifier

  init(_ endpoint: Endpoint) {
    common = ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
  }

  var provider: String { common.provider }

  func short(_ word: String) -> String { common.short(word) }
  func invalid(_ message: String) -> ProviderError { common.invalid(message) }
  func truncated(afterNothing: Bool) -> ProviderError { common.truncated(afterNothing: afterNothing) }

  /// Names the error of a response that is not a success.
  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    refined(
      common.error(status: status, headers: headers, body: body, now: now),
      (try? JSONTree(parsing: body)) ?? .null, status: status)
  }

  /// Names the error that came in the answer.
  func error(inStream tree: JSONTree) -> ProviderError {
    refined(common.error(inStream: tree), tree, status: tree["error"]?["code"]?.int ?? 500)
  }

  private func refined(_ error: ProviderError, _ tree: JSONTree, status: Int) -> ProviderError {
    guard let report = (tree[0] ?? tree)["error"] else { return error }
    var error = error
    let details = Details(report)
    error.code = (details.reason ?? report["status"]?.string).map(common.short) ?? error.code
    error.parameter = details.field.map(common.short) ?? error.parameter
    error.retryAfter = error.retryAfter ?? details.retryDelay
    if let kind = Self.kind(status: status, report["status"]?.string, details) { error.kind = kind }
    return error
  }

  /// The class, where Google's words say more than the status.
  private static func kind(status: Int, _ word: String?, _ details: Details) -> ProviderError.Kind? {
    switch details.reason {
    case "API_KEY_INVALID", "ACCESS_TOKEN_EXPIRED", "CREDENTIALS_MISSING", "ACCESS_TOKEN_TYPE_UNSUPPORTED":
      return .authentication
    case "BILLING_DISABLED": return .billing
    default: break
    }
    switch word {
    // A day's quota is gone for hours, whatever the advice on waiting says.
    case "RESOURCE_EXHAUSTED" where details.isDaily: return .billing
    case "RESOURCE_EXHAUSTED" where status == 429: return .rateLimit
    case "UNAUTHENTICATED": return .authentication
    case "PERMISSION_DENIED": return .permission
    // Not offered where the caller is, or not without an account that pays.
    case "FAILED_PRECONDITION": return .permission
    case "NOT_FOUND": return .notFound
    case "DEADLINE_EXCEEDED" where status == 504: return .server
    case "CANCELLED", "INTERNAL": return .server
    case "UNAVAILABLE": return .overloaded
    default: return nil
    }
  }

  /// What `details` say.
  struct Details {
    /// `ErrorInfo.reason`.
    var reason: String?
    /// `BadRequest`: the field that is wrong.
    var field: String?
    /// `RetryInfo`.
    var retryDelay: Duration?
    /// `QuotaFailure`: whether a quota of a day is used up, or was nothing from the start.
    var isDaily = false

    init(_ error: JSONTree) {
      for detail in error["details"]?.array ?? [] {
        switch detail["@type"]?.string?.split(separator: ".").last {
        case "ErrorInfo": reason = detail["reason"]?.string
        case "BadRequest": field = detail["fieldViolations"]?[0]?["field"]?.string
        case "RetryInfo": retryDelay = detail["retryDelay"]?.string.flatMap(Self.duration)
        case "QuotaFailure":
          isDaily = (detail["violations"]?.array ?? []).contains {
            $0["quotaId"]?.string?.contains("PerDay") == true || $0["quotaValue"]?.code == "0"
          }
        default: break
        }
      }
    }

    /// Reads `17s` and `0.5s`.
    private static func duration(_ text: String) -> Duration? {
      guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds.isFinite, seconds >= 0 else {
        return nil
      }
      return .milliseconds(Int64((min(seconds, 1e9) * 1000).rounded(.up)))
    }
  }
}
