import Providers

/// Why there is no answer, in words.
extension RouteRun {
  /// Nothing is left to try: why.
  func exhausted() -> RouteError {
    func error(
      _ kind: RouteError.Kind, _ message: String, hint: String?, cause: ProviderError? = nil
    ) -> RouteError {
      RouteError(kind: kind, message: message, hint: hint, cause: cause, report: RouteReport())
    }
    if let lastError {
      return error(.provider, lastError.message, hint: Self.hint(lastError.kind), cause: lastError)
    }
    if let (message, cause) = unavailable() {
      return error(.provider, message, hint: Self.hint(cause.kind), cause: cause)
    }
    if let (refusal, deployment) = lastRefusal {
      let (kind, message, hint) = Self.describe(refusal, deployment.name)
      return error(kind, message, hint: hint)
    }
    if accounts.report.skipped.contains(where: { $0.reason == .tags }) {
      let tags = request.tags.joined(separator: ", ")
      return error(.noModel, "no deployment has the tags \(tags)", hint: "add them to its tags, or ask without")
    }
    let wanted = request.model ?? router.defaultModel
    let names = Set(router.deployments.map(\.name)).sorted().prefix(10).joined(separator: ", ")
    return error(
      .noModel, wanted.map { "no model is named \($0)" } ?? "no model is configured",
      hint: names.isEmpty ? "configure one, set OPENAI_API_KEY, or start a local server" : "there are: \(names)")
  }

  /// No deployment could be asked now: the one that can be soonest stands for them.
  private func unavailable() -> (message: String, cause: ProviderError)? {
    let ordered = obstacles.values.sorted {
      ($0.until ?? .seconds(1 << 40), $0.candidate) < ($1.until ?? .seconds(1 << 40), $1.candidate)
    }
    guard let obstacle = ordered.first else { return nil }
    let member = candidates[obstacle.candidate]
    let name = member.deployment.name
    let provider = member.deployment.endpoint.provider
    let wait = obstacle.until.map { max(.zero, $0 - now) }
    func cause(_ kind: ProviderError.Kind, _ message: String) -> (String, ProviderError) {
      (message, ProviderError(kind, provider: provider, message: message, retryAfter: wait))
    }
    switch obstacle.reason {
    case .account:
      guard let error = router.state.accountError(member.slot) else { return nil }
      return (error.message, error)
    case .coolingDown(let kind, _):
      return cause(kind, "\(name) failed lately (\(kind.rawValue)) and is left alone for now")
    case .probing: return cause(.overloaded, "\(name) failed lately and is being tried by another request")
    case .requestsPerMinute: return cause(.rateLimit, "\(name) has had its requests for this minute")
    case .tokensPerMinute: return cause(.rateLimit, "\(name) has had its tokens for this minute")
    case .maxParallelRequests: return cause(.overloaded, "\(name) has as many requests under way as it may")
    case .refused, .tags, .failed: return nil
    }
  }

  private static func describe(
    _ refusal: Admission.Refusal, _ name: String
  ) -> (kind: RouteError.Kind, message: String, hint: String) {
    switch refusal {
    case .unknownPrice:
      (
        .unknownPrice, "the price of \(name) is not known",
        "set input_cost_per_token and output_cost_per_token for it; two zeros mark it free"
      )
    case .tooExpensive(let needed, let left):
      (
        .budget, "\(name) would cost at least \(needed); \(left) may be spent",
        "raise the limit, send less context, or choose a cheaper model"
      )
    case .tooManyTokens(let input, let left):
      (.budget, "the question takes \(input) tokens of the \(left) allowed", "raise maxTokens or send less")
    case .contextTooSmall(let input, let context):
      (.context, "the question takes \(input) tokens; \(name) reads \(context)", "lower the token budget")
    }
  }

  private static func hint(_ kind: ProviderError.Kind) -> String? {
    switch kind {
    case .authentication: "check the API key"
    case .billing: "check the account's balance and limits at the provider"
    case .permission: "check what the API key may do"
    case .notFound: "check the name of the model and the address of the server"
    case .context: "lower the token budget"
    case .rateLimit, .overloaded: "try again later"
    case .network, .timeout: "check that the server runs and can be reached"
    case .contentPolicy, .badRequest, .server, .truncated, .cancelled: nil
    }
  }
}
