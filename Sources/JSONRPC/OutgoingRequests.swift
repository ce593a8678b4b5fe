import Synchronization

/// Requests of ours that the peer has not answered.
final class OutgoingRequests: Sendable {
  private struct State {
    var next: Int64 = 1
    var waiting: [Int64: CheckedContinuation<Result<RawJSON, ResponseError>, Never>] = [:]
    var closed = false
  }

  private let state = Mutex(State())

  /// Makes an identity.
  func nextID() -> Int64 {
    state.withLock { state in
      defer { state.next += 1 }
      return state.next
    }
  }

  /// Waits for the answer to `id`; false when the connection is closed.
  func add(_ id: Int64, _ continuation: CheckedContinuation<Result<RawJSON, ResponseError>, Never>) -> Bool {
    state.withLock { state in
      guard !state.closed else { return false }
      state.waiting[id] = continuation
      return true
    }
  }

  /// Ends the waiting for `id`; false when no one waits.
  @discardableResult
  func resolve(_ id: Int64, _ result: Result<RawJSON, ResponseError>) -> Bool {
    let continuation = state.withLock { $0.waiting.removeValue(forKey: id) }
    continuation?.resume(returning: result)
    return continuation != nil
  }

  /// Ends all waiting, now and later.
  func close() {
    let waiting = state.withLock { state in
      defer { state.waiting = [:] }
      state.closed = true
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(returning: .failure(.connectionClosed)) }
  }
}

extension ResponseError {
  /// Stands for an answer that will not come.
  static let connectionClosed = ResponseError(code: Code.internalError, message: "The connection is closed.")
}
