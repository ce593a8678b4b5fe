import Ledger
import Providers

/// From an attempt under way to its first token.
extension RouteRun {
  /// Waits for the first token of the attempt, or of a second one that is started when it is slow. `nil` when all of
  /// them failed; the state machine knows then.
  func race(
    _ first: RouteAttempt
  ) async throws(RouteError) -> (attempt: RouteAttempt, stream: ChatStream, events: [ChatEvent])? {
    var running = [first.number: first]
    for await signal in inbox.stream {
      switch signal {
      case .ended(let number):
        guard let attempt = running.removeValue(forKey: number) else { continue }
        switch await attempt.opening.value {
        case .opened(let stream, let events):
          for loser in running.values { overtake(loser) }
          for alarm in attempt.alarms { router.state.alarms.cancel(alarm) }
          return (attempt, stream, events)
        case .failed(let error, let usage):
          if error.kind == .cancelled, !attempt.hasTimedOut {
            running[number] = attempt
            throw await cancel(running)
          }
          lost(attempt, error, usage)
          if running.isEmpty { return nil }
        }
      case .timedOut(let number):
        running[number]?.hasTimedOut = true
        running[number]?.opening.cancel()
      case .hedge(let number):
        guard let slow = running[number], running.count == 1,
          let second = begin(state.hedges(at: now - start), isHedge: true)
        else { continue }
        running[second.number] = second
        emit(.hedged(RouteEvent.Target(slow.deployment), after: now - slow.lease.grant.started))
      }
    }
    // The caller's task was cancelled.
    throw await cancel(running)
  }

  /// A second attempt was faster: this one ends, and is paid for when the route is over.
  private func overtake(_ attempt: RouteAttempt) {
    for alarm in attempt.alarms { router.state.alarms.cancel(alarm) }
    accounts.report.attempts[attempt.number].wasOvertaken = true
    overtaken.append((attempt, attempt.abandon()))
  }

  /// An attempt failed before its first token.
  private func lost(_ attempt: RouteAttempt, _ error: ProviderError, _ usage: TokenUsage?) {
    var error = error
    if attempt.hasTimedOut, let limit = attempt.timeLimit {
      error = ProviderError(
        .timeout, provider: error.provider, message: "no token within \(limit)", mayBeCharged: error.mayBeCharged)
    }
    settle(attempt, usage: usage, error: error, isAnswer: false)
    lastError = error
    state.failed(attempt.candidate, error, at: now - start, jitter: router.environment.jitter())
  }

  private func cancel(_ running: [Int: RouteAttempt]) async -> RouteError {
    var cause: ProviderError?
    for attempt in running.values.sorted(by: { $0.number < $1.number }) {
      let (usage, error) = await attempt.abandon().value
      // Without an error of its own it went on as if nothing had happened.
      let cancelled = ProviderError(
        .cancelled, provider: attempt.deployment.endpoint.provider, message: "cancelled", mayBeCharged: true)
      cause = error ?? cancelled
      settle(attempt, usage: usage, error: cause, isAnswer: false)
    }
    return await fail(.cancelled, "cancelled", cause: cause)
  }
}
