import Ledger
import Providers

/// One request on its way: drives the state machine, keeps the accounts.
///
/// Up to the first token attempts run in tasks of their own, so that they can be timed and overtaken. From then on the
/// reader reads the provider's stream directly: a chunk passes through here without another task.
actor RouteRun {
  let router: ModelRouter
  let request: RoutedRequest
  let id: UInt64
  let start: Duration
  var state: RouteState
  var accounts: RouteAccounts
  /// What each candidate of the state machine is, in its order.
  var candidates: [ModelRouter.Member] = []
  /// Whether messages carry an answer that broke off.
  var partial: String?
  /// Attempts that were overtaken; what they cost is not known before they have ended.
  var overtaken: [(attempt: RouteAttempt, end: Task<(usage: TokenUsage?, error: ProviderError?), Never>)] = []
  var lastError: ProviderError?
  var obstacles: [Int: AcquisitionObstacle] = [:]
  var lastRefusal: (Admission.Refusal, Deployment)?
  /// Skips that were reported, so that each is reported once.
  private var reported: Set<ReportedSkip> = []

  private var current: RouteAttempt?
  private var stream: ChatStream?
  private var pending: ArraySlice<ChatEvent> = []
  private var usage: TokenUsage?
  private var firstTokenAt: Duration?
  /// Whether the attempt that is read has shown a part of the answer: from then on nothing else may take its place.
  /// Thoughts are none, another one may think again.
  private var isShowing = false
  /// Where the answer broke off, as long as no other attempt went on with it.
  private var gap: RouteReport.Continuation?
  private var isOver = false
  private var isStarted = false
  /// Where attempts that have not begun to answer report.
  let inbox = AsyncStream.makeStream(of: RouteAttempt.Signal.self)

  init(_ router: ModelRouter, _ request: RoutedRequest) {
    self.router = router
    self.request = request
    id = router.state.routeID()
    start = router.state.clock.now()
    accounts = RouteAccounts(request.limit)
    state = RouteState(router.entry(request.model), policy: router.policy)
  }

  var now: Duration { router.state.clock.now() }

  func emit(_ kind: RouteEvent.Kind) { router.observer?(RouteEvent(route: id, kind: kind)) }

  func next() async throws(RouteError) -> RoutedEvent? {
    while !isOver {
      guard let stream else {
        if let last = try await advance() { return last }
        continue
      }
      do throws(ProviderError) {
        let event: ChatEvent?
        if pending.isEmpty { event = try await stream.next() } else { event = pending.removeFirst() }
        switch event {
        case .text(let text):
          show()
          partial?.append(text)
          return .text(text)
        case .reasoning(let text): return .reasoning(text)
        case .refusal(let text):
          show()
          return .refusal(text)
        case .toolCall(let call):
          show()
          return .toolCall(call)
        case .usage(let usage): self.usage = usage
        case .finished(let reason):
          if let refused = filtered(reason) { throw refused }
          return await finish(reason)
        case nil: return await finish(nil)
        }
      } catch {
        if let last = try await brokeOff(error) { return last }
      }
    }
    return nil
  }

  /// Finds a stream to read, or throws. Returns the last event when nobody goes on with an answer that broke off: what
  /// was delivered stays.
  private func advance() async throws(RouteError) -> RoutedEvent? {
    if !isStarted {
      isStarted = true
      emit(.started(group: request.model, task: request.task))
    }
    guard let attempt = try await choose() else {
      if let gap { return .finished(await end(error: gap.error.kind)) }
      throw await fail(exhausted())
    }
    guard let (winner, stream, events) = try await race(attempt) else { return nil }
    current = winner
    self.stream = stream
    pending = events[...]
    usage = nil
    isShowing = false
    firstTokenAt = nil
    if events.contains(where: \.isDelta) {
      let now = now
      firstTokenAt = now
      let waited = now - winner.lease.grant.started
      accounts.report.attempts[winner.number].firstToken = waited
      if accounts.report.firstToken == nil { accounts.report.firstToken = now - start }
      note(winner.lease.firstToken(), winner.deployment)
      emit(.firstToken(RouteEvent.Target(winner.deployment), waited))
    }
    if partial == nil, request.allowsContinuation { partial = "" }
    return nil
  }

  /// The attempt delivers a part of the answer; where another one broke off, it goes on with it.
  private func show() {
    isShowing = true
    guard let gap else { return }
    self.gap = nil
    accounts.report.continuations.append(gap)
    accounts.report.interruption = nil
    emit(.continued(RouteEvent.Target(gap.from), gap.error.kind))
  }

  /// The attempt that is read gave the answer, or a part of it.
  private func credit(_ attempt: RouteAttempt) {
    accounts.report.answered = attempt.number
    accounts.report.deployment = attempt.deployment
  }

  /// An answer of nothing but a filter's refusal counts as a failure where the user named who is to follow.
  private func filtered(_ reason: FinishReason) -> ProviderError? {
    guard reason == .contentFilter, !isShowing, gap == nil, let current else { return nil }
    let group = state.name(of: current.candidate)
    guard !router.policy.successors(of: group, cause: .contentPolicy).isEmpty else { return nil }
    return ProviderError(
      .contentPolicy, provider: current.deployment.endpoint.provider, message: "the provider's filter refused",
      mayBeCharged: true)
  }

  /// The stream ended as it should. An attempt that was to go on with an answer and added nothing leaves it broken off.
  private func finish(_ reason: FinishReason?) async -> RoutedEvent {
    let isAnswer = isShowing || gap == nil
    if let current {
      settle(current, usage: usage, error: nil, isAnswer: isAnswer)
      if isAnswer { credit(current) }
    }
    if isAnswer { accounts.report.finishReason = reason }
    return .finished(await end(error: isAnswer ? nil : gap?.error.kind))
  }

  /// The stream failed. Returns the last event when the route is over with what was delivered; throws when the caller
  /// cancelled.
  private func brokeOff(_ error: ProviderError) async throws(RouteError) -> RoutedEvent? {
    guard let attempt = current else { return nil }
    current = nil
    stream = nil
    pending = []
    settle(attempt, usage: usage, error: error, isAnswer: isShowing)
    lastError = error
    if error.kind == .cancelled { throw await fail(.cancelled, "cancelled", cause: error) }
    guard isShowing else {
      state.failed(attempt.candidate, error, at: now - start, jitter: router.environment.jitter())
      return nil
    }
    credit(attempt)
    accounts.report.interruption = error
    guard let partial, !partial.isEmpty, isWorthContinuing(error) else {
      return .finished(await end(error: error.kind))
    }
    state.brokeOff(attempt.candidate)
    gap = RouteReport.Continuation(from: attempt.deployment, offset: partial.utf8.count, error: error)
    return nil
  }

  private func isWorthContinuing(_ error: ProviderError) -> Bool {
    switch error.kind {
    case .truncated, .server, .overloaded, .timeout, .network, .rateLimit: true
    default: false
    }
  }

  /// Settles an attempt's money, its place in the limits, and its deployment's health.
  func settle(_ attempt: RouteAttempt, usage: TokenUsage?, error: ProviderError?, isAnswer: Bool) {
    for alarm in attempt.alarms { router.state.alarms.cancel(alarm) }
    let tokens = accounts.settle(
      attempt.number, usage: usage, error: error, inputTokens: attempt.inputTokens, isAnswer: isAnswer)
    let target = RouteEvent.Target(attempt.deployment)
    let cost = accounts.report.attempts[attempt.number].charged
    let outcome: AttemptOutcome
    if accounts.report.attempts[attempt.number].wasOvertaken {
      emit(.overtaken(target, cost: cost))
      outcome = .abandoned(tokens: tokens ?? attempt.lease.grant.tokens)
    } else if let error {
      emit(.failed(target, error.kind, status: error.status, cost: cost))
      outcome = .failed(error, tokens: tokens ?? attempt.lease.grant.tokens)
    } else {
      outcome = .answered(tokens: tokens, output: usage?.totalOutput ?? 0, streaming: firstTokenAt.map { now - $0 })
    }
    note(attempt.lease.end(outcome, hasAlternative: state.hasAlternative), attempt.deployment)
  }

  /// Reports what changed for a deployment.
  func note(_ changes: [HealthChange], _ deployment: Deployment) {
    guard !changes.isEmpty else { return }
    let target = RouteEvent.Target(deployment)
    for change in changes {
      switch change {
      case .coolingDown(let kind, let duration): emit(.cooledDown(target, kind, duration))
      case .accountClosed(let kind, let duration): emit(.accountClosed(target, kind, duration))
      case .recovered: emit(.recovered(target))
      }
    }
  }

  /// Reports a deployment that was not asked, once for each reason.
  func skip(_ candidate: Int, _ reason: SkipReason) {
    guard reported.insert(ReportedSkip(candidate: candidate, label: reason.label)).inserted else { return }
    let deployment = candidates[candidate].deployment
    accounts.report.skipped.append(RouteReport.Skip(deployment: deployment, reason: reason))
    emit(.skipped(RouteEvent.Target(deployment), reason))
  }

  private struct ReportedSkip: Hashable {
    var candidate: Int
    var label: String
  }

  /// The route is over; what was overtaken is paid for.
  func end(error: ProviderError.Kind?) async -> RouteReport {
    isOver = true
    stream = nil
    current = nil
    for (attempt, end) in overtaken {
      let (usage, error) = await end.value
      settle(attempt, usage: usage, error: error, isAnswer: false)
    }
    overtaken = []
    accounts.report.duration = now - start
    let report = accounts.report
    emit(
      .finished(
        RouteEvent.Outcome(
          target: (report.deployment ?? report.attempts.last?.deployment).map { RouteEvent.Target($0) }, error: error,
          isAnswered: report.deployment != nil, attempts: report.attempts.count, cost: report.cost,
          isCostEstimated: report.isCostEstimated, usage: report.usage, duration: report.duration)))
    return report
  }

  func fail(
    _ kind: RouteError.Kind, _ message: String, hint: String? = nil, cause: ProviderError? = nil
  ) async -> RouteError {
    await fail(RouteError(kind: kind, message: message, hint: hint, cause: cause, report: RouteReport()))
  }

  func fail(_ error: RouteError) async -> RouteError {
    var error = error
    let kind = error.kind == .cancelled ? .cancelled : error.cause?.kind
    error.report = await end(error: kind)
    return error
  }
}
