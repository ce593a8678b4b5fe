import Synchronization

/// Collects the replies to a batch and sends them as one array when the last one is there.
final class BatchReply: Sendable {
  private struct State {
    var missing: Int
    var replies: [[UInt8]] = []
  }

  private let state: Mutex<State>
  private let send: @Sendable ([UInt8]) -> Void

  /// Waits for `count` replies, at least one.
  init(count: Int, send: @escaping @Sendable ([UInt8]) -> Void) {
    state = Mutex(State(missing: count))
    self.send = send
  }

  /// Takes a reply's body.
  func add(_ body: [UInt8]) {
    let complete = state.withLock { state -> [[UInt8]]? in
      state.replies.append(body)
      state.missing -= 1
      return state.missing == 0 ? state.replies : nil
    }
    if let complete { send(MessageWriter.batch(complete)) }
  }
}
