internal import Synchronization

/// Hands reports of indexing to everyone who listens.
final class ProgressBroadcaster: Sendable {
  private struct State {
    var listeners: [Int: AsyncStream<IndexingProgress>.Continuation] = [:]
    var next = 0
    var isFinished = false
  }

  private let state = Mutex(State())

  /// A stream of reports from now on; a listener that falls behind keeps the newest 64.
  func subscribe() -> AsyncStream<IndexingProgress> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: IndexingProgress.self, bufferingPolicy: .bufferingNewest(64))
    let id = state.withLock { state -> Int? in
      if state.isFinished { return nil }
      state.next += 1
      state.listeners[state.next] = continuation
      return state.next
    }
    guard let id else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
    }
    return stream
  }

  func send(_ progress: IndexingProgress) {
    let listeners = state.withLock { Array($0.listeners.values) }
    for listener in listeners { listener.yield(progress) }
  }

  func finish() {
    let listeners = state.withLock { state in
      state.isFinished = true
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }
}
