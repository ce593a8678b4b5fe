import Ledger
import Providers

/// What a route has spent and may still spend.
///
/// **Invariant:** what was charged and what is reserved for attempts under way never exceed the limit together.
struct RouteAccounts {
  private let limit: RequestLimit
  var report = RouteReport()
  private var tokensUsed = 0
  /// The most that attempts under way take, by their number.
  private var open: [Int: (reserved: Money, tokens: Int)] = [:]

  init(_ limit: RequestLimit) { self.limit = limit }

  /// What another attempt may use.
  var left: RequestLimit {
    RequestLimit(
      maxUSD: limit.maxUSD.map { limit in
        open.values.reduce((try? limit.subtracting(report.cost)) ?? .zero) {
          (try? $0.subtracting($1.reserved)) ?? .zero
        }
      },
      maxTokens: limit.maxTokens.map { $0 - tokensUsed - open.values.reduce(0) { $0 + $1.tokens } })
  }

  /// An attempt begins. Returns its number.
  mutating func begin(_ attempt: RouteReport.Attempt, tokens: Int) -> Int {
    report.attempts.append(attempt)
    open[report.attempts.count - 1] = (attempt.reserved, tokens)
    return report.attempts.count - 1
  }

  /// An attempt ended: charged is what the provider says it used, or all that was reserved when it may have worked
  /// without saying. Returns the tokens to count toward limits of the rate; `nil` when nobody knows.
  mutating func settle(
    _ number: Int, usage: TokenUsage?, error: ProviderError?, inputTokens: Int, isAnswer: Bool
  ) -> Int? {
    guard open.removeValue(forKey: number) != nil else { return nil }
    let attempt = report.attempts[number]
    var charged = Money.zero
    var tokens: Int?
    if let usage {
      tokens = usage.total
      tokensUsed += usage.total
      if isAnswer { report.usage = usage }
      if let cost = try? attempt.deployment.price.cost(of: usage) {
        charged = cost
      } else {
        charged = attempt.reserved
        report.isCostEstimated = true
      }
      if usage.provenance == .estimated, !attempt.deployment.isFree { report.isCostEstimated = true }
      // Nothing was received, yet the model may have thought for minutes without showing it.
      if usage.provenance == .estimated, usage.totalOutput == 0, error?.mayBeCharged == true {
        charged = max(charged, attempt.reserved)
      }
    } else if error == nil || error?.mayBeCharged == true {
      charged = attempt.reserved
      tokensUsed += inputTokens
      if charged != .zero { report.isCostEstimated = true }
    } else {
      tokens = 0
    }
    report.attempts[number].charged = charged
    report.attempts[number].tokens = usage?.total ?? (charged == .zero ? 0 : inputTokens)
    report.attempts[number].error = error
    report.cost = (try? report.cost.adding(charged)) ?? Money(picoUSD: .max)
    return tokens
  }
}
