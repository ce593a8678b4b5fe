internal import Synchronization

/// Waits for an operation, but not longer than some time.
///
/// - Returns: what the operation gave, or nil when the time was up first or the task was cancelled. The operation is
///   cancelled then, and nobody waits for it: one that does not heed it does no harm but its own.
package func withDeadline<Value: Sendable>(
  _ time: Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
  _ operation: @escaping @Sendable () async -> Value
) async -> Value? {
  let race = Race<Value>()
  let work = Task { race.finish(await operation()) }
  let clock = Task {
    if (try? await sleep(time)) != nil { race.finish(nil) }
  }
  let result = await withTaskCancellationHandler {
    await withCheckedContinuation { race.wait($0) }
  } onCancel: {
    race.finish(nil)
  }
  clock.cancel()
  if result == nil { work.cancel() }
  return result
}

/// The first of several results.
private final class Race<Value: Sendable>: Sendable {
  private enum State {
    case open
    case waiting(CheckedContinuation<Value?, Never>)
    case finished(Value?)
    case over
  }

  private let state = Mutex(State.open)

  func wait(_ continuation: CheckedContinuation<Value?, Never>) {
    let early: Value?? = state.withLock { state in
      if case .finished(let value) = state {
        state = .over
        return .some(value)
      }
      state = .waiting(continuation)
      return nil
    }
    if let early { continuation.resume(returning: early) }
  }

  func finish(_ value: Value?) {
    let waiting = state.withLock { state -> CheckedContinuation<Value?, Never>? in
      switch state {
      case .open: state = .finished(value)
      case .waiting(let continuation):
        state = .over
        return continuation
      case .finished, .over: break
      }
      return nil
    }
    waiting?.resume(returning: value)
  }
}
