import Synchronization

/// Lets a number of tasks through at a time, in the order in which they came.
final class TaskLimiter: Sendable {
  private struct State {
    var free: Int
    var nextTurn = 0
    var waiting: [(turn: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    /// Turns that were cancelled before they came to wait.
    var cancelled: Set<Int> = []
  }

  private let state: Mutex<State>

  /// Admits `limit` tasks.
  init(limit: Int) {
    state = Mutex(State(free: limit))
  }

  /// Runs `body` when it is its turn. Throws `CancellationError` when the task is cancelled before.
  func run<R: Sendable>(_ body: () async throws -> R) async throws -> R {
    guard await acquire() else { throw CancellationError() }
    defer { release() }
    return try await body()
  }

  private func acquire() async -> Bool {
    let turn = state.withLock { state in
      state.nextTurn += 1
      return state.nextTurn
    }
    let admitted = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> Bool? in
          if state.cancelled.remove(turn) != nil { return false }
          guard state.free > 0 else {
            state.waiting.append((turn, continuation))
            return nil
          }
          state.free -= 1
          return true
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        guard let index = state.waiting.firstIndex(where: { $0.turn == turn }) else {
          state.cancelled.insert(turn)
          return nil
        }
        return state.waiting.remove(at: index).continuation
      }
      continuation?.resume(returning: false)
    }
    // A cancellation after admission leaves its mark behind.
    state.withLock { state in _ = state.cancelled.remove(turn) }
    return admitted
  }

  private func release() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}
