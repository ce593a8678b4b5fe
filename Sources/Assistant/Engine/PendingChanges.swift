internal import SearchIndex
internal import Synchronization

/// Paths that may have changed and have not been looked at, with whoever waits for them. From any thread.
final class PendingChanges: UrgentPaths {
  private struct State {
    var paths: Set<String> = []
    /// Additions so far, those that were taken, and those that are done.
    var added = 0
    var taken = 0
    var done = 0
    var waiters: [(ticket: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  var isWaiting: Bool { state.withLock { !$0.paths.isEmpty } }

  /// Adds paths, and answers a ticket to wait for them.
  @discardableResult
  func add(_ paths: some Sequence<String>) -> Int {
    state.withLock { state in
      state.paths.formUnion(paths)
      state.added += 1
      return state.added
    }
  }

  func take() -> [String] {
    state.withLock { state in
      state.taken = state.added
      defer { state.paths = [] }
      return Array(state.paths)
    }
  }

  func done() {
    let ready = state.withLock { state in
      state.done = max(state.done, state.taken)
      let ready = state.waiters.filter { [done = state.done] in $0.ticket <= done }
      state.waiters.removeAll { [done = state.done] in $0.ticket <= done }
      return ready
    }
    for waiter in ready { waiter.continuation.resume() }
  }

  /// Forgets everything: nobody will look at it.
  func drop() {
    _ = take()
    done()
  }

  /// Waits until what was added up to the ticket is done or dropped.
  func wait(for ticket: Int) async {
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        if state.done >= ticket { return true }
        state.waiters.append((ticket, continuation))
        return false
      }
      if isDone { continuation.resume() }
    }
  }
}
