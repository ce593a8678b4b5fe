import Ledger
import Providers

/// From the state machine's steps to an attempt under way.
extension RouteRun {
  /// The next attempt, begun; `nil` when nothing is left to try.
  func choose() async throws(RouteError) -> RouteAttempt? {
    while true {
      if Task.isCancelled { throw await fail(.cancelled, "cancelled") }
      switch state.next(at: now - start) {
      case .giveUp: return nil
      case .enter(let transition): enter(transition)
      case .attempt(let indices):
        if let attempt = begin(indices, isHedge: false) { return attempt }
      case .wait(let until, let queue):
        if let attempt = try await wait(until: until, queue: queue) { return attempt }
      }
    }
  }

  private func enter(_ transition: RouteState.Transition) {
    let members = router.members(transition.group)
    let (matching, others) = router.split(members, tags: request.tags)
    if transition.isConfigured, let from = transition.from, !members.isEmpty {
      accounts.report.fallbacks.append(
        RouteReport.Fallback(from: from, to: transition.group, cause: transition.cause))
      emit(.fellBack(from: from, to: transition.group, transition.cause))
    }
    candidates += matching
    _ = state.enter(matching.map(\.candidate))
    for member in others {
      accounts.report.skipped.append(RouteReport.Skip(deployment: member.deployment, reason: .tags))
      emit(.skipped(RouteEvent.Target(member.deployment), .tags))
    }
  }

  /// Takes one of the candidates if one can be used now, and sends the request.
  func begin(_ indices: [Int], isHedge: Bool) -> RouteAttempt? {
    let (acquisition, outputs) = acquisition(indices, isHedge: isHedge)
    guard !acquisition.options.isEmpty else { return nil }
    switch router.state.acquire(acquisition) {
    case .granted(let grant): return send(grant, outputs[grant.candidate], isHedge: isHedge)
    case .unavailable(let found):
      guard !isHedge else { return nil }
      for obstacle in found { note(obstacle) }
      return nil
    }
  }

  private func note(_ obstacle: AcquisitionObstacle) {
    obstacles[obstacle.candidate] = obstacle
    skip(obstacle.candidate, obstacle.reason)
    state.unavailable(
      obstacle.candidate, until: obstacle.until.map { $0 - start }, isFinal: obstacle.isFinal)
  }

  /// What to ask the shared state for: candidates that the request fits, with what it may take there at most.
  private func acquisition(
    _ indices: [Int], isHedge: Bool
  ) -> (AcquisitionRequest, [Int: (output: Int, reserved: Money)]) {
    var outputs: [Int: (output: Int, reserved: Money)] = [:]
    var options: [AcquisitionOption] = []
    let left = accounts.left
    for index in indices {
      let member = candidates[index]
      let size = inputSize(member.deployment)
      switch router.admission(request, member.deployment, input: size, left: left) {
      case .admitted(let output, let reserved):
        outputs[index] = (output, reserved)
        options.append(
          AcquisitionOption(candidate: index, slot: member.slot, tokens: size.likely + output, cost: reserved))
      case .refused(let refusal):
        // What a second request cannot have beside the first, it may have after it.
        if isHedge { continue }
        lastRefusal = (refusal, member.deployment)
        var isForContext = false
        if case .contextTooSmall = refusal { isForContext = true }
        state.refused(index, isForContext: isForContext)
        skip(index, .refused(refusal))
      }
    }
    let request = AcquisitionRequest(
      options: options, strategy: router.policy.strategy, latencyBuffer: router.policy.latencyBuffer,
      latencyLife: router.policy.latencyLife, isOnlyChance: !isHedge && !state.hasAlternative,
      random: router.environment.random)
    return (request, outputs)
  }

  /// The input with what was answered before it broke off.
  private func inputSize(_ deployment: Deployment) -> InputSize {
    let partial = partial?.utf8.count ?? 0
    return request.size(for: deployment).adding(partial == 0 ? 0 : partial + RouteRun.continuation.utf8.count + 16)
  }

  private func send(
    _ grant: AcquisitionGrant, _ allowed: (output: Int, reserved: Money)?, isHedge: Bool
  ) -> RouteAttempt? {
    let lease = Lease(grant, router.state, router.policy.cooldown)
    guard let allowed else {
      lease.takeBack()
      return nil
    }
    let deployment = candidates[grant.candidate].deployment
    var record = RouteReport.Attempt(
      deployment: deployment, reserved: allowed.reserved, charged: .zero, error: nil, reason: grant.reason)
    record.isHedge = isHedge
    let size = inputSize(deployment)
    let number = accounts.begin(record, tokens: size.likely + allowed.output)
    let repeats = state.started(grant.candidate)
    emit(
      .chosen(RouteEvent.Target(deployment), grant.reason, attempt: accounts.report.attempts.count, repeats: repeats))
    let chat = deployment.chatRequest(asked(size), maxOutputTokens: allowed.output)
    let post = inbox.continuation
    let opening = RouteAttempt.open(router.environment.provider(deployment), chat) { post.yield(.ended(number)) }
    var attempt = RouteAttempt(
      number: number, candidate: grant.candidate, deployment: deployment, lease: lease, opening: opening,
      inputTokens: size.likely)
    let alarms = router.state.alarms
    if let limit = deployment.routing.timeouts.firstToken ?? router.policy.firstTokenTimeout {
      attempt.timeLimit = limit
      attempt.alarms.append(alarms.set(at: grant.started + limit) { post.yield(.timedOut(number)) })
    }
    if !isHedge, let hedging = router.policy.hedging {
      let delay = hedging.delay(router.state.health(grant.slot).firstToken)
      attempt.alarms.append(alarms.set(at: grant.started + delay) { post.yield(.hedge(number)) })
    }
    return attempt
  }

  /// What is asked of whoever continues an answer.
  private static let continuation = """
    Your answer above broke off. Continue it exactly where it ends, without repeating any of it and without a remark \
    about the interruption.
    """

  /// The request, with the answer that broke off and is to be continued.
  private func asked(_ size: InputSize) -> RoutedRequest {
    var asked = request
    asked.estimatedInputTokens = size.likely
    guard let partial, !partial.isEmpty else { return asked }
    asked.messages += [ChatMessage(.assistant, partial), ChatMessage(.user, RouteRun.continuation)]
    return asked
  }

  /// Waits for a time, or for one of those in whose way others are.
  private func wait(until: Duration, queue: [Int]) async throws(RouteError) -> RouteAttempt? {
    let before = now
    var granted: AcquisitionGrant?
    var outputs: [Int: (output: Int, reserved: Money)] = [:]
    if queue.isEmpty {
      let duration = start + until - before
      emit(.waiting(duration))
      do {
        try await router.environment.sleep(duration)
      } catch {
        throw await fail(.cancelled, "cancelled")
      }
    } else {
      let acquisition: AcquisitionRequest
      (acquisition, outputs) = self.acquisition(queue, isHedge: false)
      guard !acquisition.options.isEmpty else { return nil }
      emit(.queued(waiting: router.state.waiting + 1))
      switch await router.state.wait(acquisition, until: start + until, maxLength: router.policy.maxQueueLength) {
      case .granted(let grant): granted = grant
      case .inVain: break
      case .full: state.queueIsFull()
      }
    }
    let waited = now - before
    state.waited(waited)
    accounts.report.waited += max(.zero, waited)
    guard let granted else { return nil }
    if Task.isCancelled {
      Lease(granted, router.state, router.policy.cooldown).takeBack()
      throw await fail(.cancelled, "cancelled")
    }
    return send(granted, outputs[granted.candidate], isHedge: false)
  }
}
