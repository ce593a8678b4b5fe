import Ledger
import Providers

/// One request on its way: drives the state machine, keeps the accounts.
actor RouteRun {
  private let router: ModelRouter
  private let request: RoutedRequest
  private let candidates: [Deployment]
  private let start = ContinuousClock.now
  private var state: RouteState
  private var report = RouteReport()
  private var stream: ChatStream?
  private var usage: TokenUsage?
  private var tokensUsed = 0
  private var sawDelta = false
  private var isOver = false
  private var lastError: ProviderError?
  private var lastRefusal: (Admission.Refusal, Deployment)?

  init(_ router: ModelRouter, _ request: RoutedRequest) {
    self.router = router
    self.request = request
    candidates = router.deployments(for: request.model)
    state = RouteState(
      candidates.map { RouteState.Candidate(account: $0.account, contextTokens: $0.contextTokens) },
      policy: router.policy)
  }

  func next() async throws(RouteError) -> RoutedEvent? {
    while !isOver {
      guard let stream else {
        try await begin()
        continue
      }
      do throws(ProviderError) {
        switch try await stream.next() {
        case .text(let text): return delta(.text(text))
        case .reasoning(let text): return delta(.reasoning(text))
        case .refusal(let text): return delta(.refusal(text))
        case .toolCall(let call): return delta(.toolCall(call))
        case .usage(let usage): self.usage = usage
        case .finished(let reason):
          report.finishReason = reason
          return finish()
        case nil: return finish()
        }
      } catch {
        try failed(error)
        if isOver { return .finished(report) }
      }
    }
    return nil
  }

  private func delta(_ event: RoutedEvent) -> RoutedEvent {
    sawDelta = true
    return event
  }

  private var left: RequestLimit {
    RequestLimit(
      maxUSD: request.limit.maxUSD.map { (try? $0.subtracting(report.cost)) ?? .zero },
      maxTokens: request.limit.maxTokens.map { $0 - tokensUsed })
  }

  /// Makes the next attempt; afterwards there is a stream, or another step to take.
  private func begin() async throws(RouteError) {
    guard case .attempt(let index, let wait) = state.next(at: start.duration(to: .now)) else { throw exhausted() }
    let deployment = candidates[index]
    if wait > .zero {
      do {
        try await router.environment.sleep(wait)
      } catch {
        throw fail(.cancelled, "cancelled")
      }
    }
    if Task.isCancelled { throw fail(.cancelled, "cancelled") }
    let output: Int
    switch router.admission(request, deployment, left: left) {
    case .refused(let refusal):
      lastRefusal = (refusal, deployment)
      state.refused()
      return
    case .admitted(let maxOutputTokens, let reserved):
      output = maxOutputTokens
      report.attempts.append(RouteReport.Attempt(deployment: deployment, reserved: reserved, charged: .zero))
    }
    usage = nil
    let chat = deployment.chatRequest(request, maxOutputTokens: output)
    do throws(ProviderError) {
      stream = try await router.environment.provider(deployment).stream(chat)
    } catch {
      try failed(error)
    }
  }

  private func finish() -> RoutedEvent {
    settle(error: nil)
    report.deployment = report.attempts.last?.deployment
    isOver = true
    stream = nil
    return .finished(report)
  }

  /// Throws when the caller cancelled; otherwise another attempt follows, or the route is over with what was delivered.
  private func failed(_ error: ProviderError) throws(RouteError) {
    settle(error: error)
    stream = nil
    lastError = error
    state.failed(
      error, afterDelta: sawDelta, at: start.duration(to: .now), jitter: router.environment.jitter())
    if error.kind == .cancelled { throw fail(.cancelled, "cancelled", cause: error) }
    guard sawDelta else { return }
    report.deployment = report.attempts.last?.deployment
    report.interruption = error
    isOver = true
  }

  /// Charges the last attempt: what the provider says it used, or all that was reserved when it may have worked
  /// without saying.
  private func settle(error: ProviderError?) {
    guard let index = report.attempts.indices.last else { return }
    let attempt = report.attempts[index]
    var charged = Money.zero
    if let usage {
      tokensUsed += usage.total
      report.usage = usage
      if let cost = try? attempt.deployment.price.cost(of: usage) {
        charged = cost
      } else {
        charged = attempt.reserved
        report.isCostEstimated = true
      }
      if usage.provenance == .estimated, !attempt.deployment.isFree { report.isCostEstimated = true }
    } else if error == nil || error?.mayBeCharged == true {
      charged = attempt.reserved
      tokensUsed += request.estimatedInputTokens
      if charged != .zero { report.isCostEstimated = true }
    }
    report.attempts[index].charged = charged
    report.attempts[index].error = error
    report.cost = (try? report.cost.adding(charged)) ?? Money(picoUSD: .max)
  }

  private func fail(
    _ kind: RouteError.Kind, _ message: String, hint: String? = nil, cause: ProviderError? = nil
  ) -> RouteError {
    isOver = true
    stream = nil
    return RouteError(kind: kind, message: message, hint: hint, cause: cause, report: report)
  }

  /// Nothing is left to try: why.
  private func exhausted() -> RouteError {
    if let lastError { return fail(.provider, lastError.message, hint: Self.hint(lastError), cause: lastError) }
    guard let (refusal, deployment) = lastRefusal else {
      let wanted = request.model ?? router.defaultModel
      let names = Set(router.deployments.map(\.name)).sorted().prefix(10).joined(separator: ", ")
      return fail(
        .noModel, wanted.map { "no model is named \($0)" } ?? "no model is configured",
        hint: names.isEmpty ? "configure one, set OPENAI_API_KEY, or start a local server" : "there are: \(names)")
    }
    let name = deployment.name
    switch refusal {
    case .unknownPrice:
      return fail(
        .unknownPrice, "the price of \(name) is not known",
        hint: "set input_cost_per_token and output_cost_per_token for it; two zeros mark it free")
    case .tooExpensive(let needed, let left):
      return fail(
        .budget, "\(name) would cost at least \(needed); \(left) may be spent",
        hint: "raise the limit, send less context, or choose a cheaper model")
    case .tooManyTokens(let input, let left):
      return fail(
        .budget, "the question takes \(input) tokens of the \(left) allowed", hint: "raise maxTokens or send less")
    case .contextTooSmall(let input, let context):
      return fail(
        .context, "the question takes \(input) tokens; \(name) reads \(context)", hint: "lower the token budget")
    }
  }

  private static func hint(_ error: ProviderError) -> String? {
    switch error.kind {
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
