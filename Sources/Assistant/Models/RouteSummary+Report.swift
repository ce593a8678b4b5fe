internal import Ledger
internal import Providers
internal import Router

extension RouteSummary {
  /// What a report tells users.
  init(_ reason: String, _ report: RouteReport) {
    var reason = reason
    for fallback in report.fallbacks {
      reason += "; then \(fallback.to) after \(fallback.from) (\(fallback.cause.rawValue))"
    }
    self.init(
      reason: reason,
      attempts: report.attempts.enumerated().map { index, attempt in
        Attempt(
          model: attempt.deployment.name, provider: attempt.deployment.endpoint.provider,
          outcome: attempt.error?.kind.rawValue ?? (attempt.wasOvertaken ? "overtaken" : "answered"))
      }, firstTokenMs: report.firstToken?.exactMilliseconds)
  }

  /// What has to be said where the answer is not what was asked for: nil when it is.
  static func note(_ report: RouteReport) -> String? {
    var notes: [String] = []
    for continuation in report.continuations {
      notes.append(
        "The answer of \(continuation.from.name) broke off (\(continuation.error.message)) after \(continuation.offset) "
          + "bytes; \(report.deployment?.name ?? "another model") continued it.")
    }
    if report.deployment?.endpoint.provider == ProviderDefinition.extractiveName, let fallback = report.fallbacks.last {
      let cause = report.attempts.last { $0.error != nil }?.error.map { ": \($0.message)" } ?? ""
      notes.append("\(fallback.from) could not answer\(cause); the answer quotes the workspace instead.")
    }
    return notes.isEmpty ? nil : notes.joined(separator: " ")
  }
}

extension UsageSummary {
  /// The buckets of a usage; nothing, and estimated, where there is none.
  init(_ usage: TokenUsage?) {
    self.init(
      input: usage?.input ?? 0, cacheRead: usage?.cacheRead ?? 0,
      cacheWrite: (usage?.cacheWrite5m ?? 0) + (usage?.cacheWrite1h ?? 0), output: usage?.output ?? 0,
      reasoning: usage?.reasoning ?? 0, estimated: usage.map { $0.provenance == .estimated } ?? true)
  }
}
