import Assistant
import JSONRPC
import Synchronization

/// Streams the pieces of an answer to the client as `$/progress`, in batches.
///
/// The first piece and the first text go out at once, later ones together every `interval`. While the client does not
/// take what is sent, pieces are merged, and the producer is held up when too much has gathered. After `end` nothing is
/// sent any more: this is called before the reply is enqueued.
final class PartialResults: Sendable {
  private struct State {
    var buffer = DeltaBuffer()
    var isFlushScheduled = false
    var hasText = false
    var isEnded = false
  }

  /// Bytes of text that gather before the producer has to wait.
  private static let gatheringLimit = 256 << 10

  private let state = Mutex(State())
  private let token: RequestID
  private let connection: Connection
  private let interval: Duration

  init(token: RequestID, connection: Connection, interval: Duration) {
    self.token = token
    self.connection = connection
    self.interval = interval
  }

  /// Adds a piece; waits while the client is far behind.
  func append(_ delta: AskDelta) async {
    let mustSchedule = state.withLock { state in
      guard !state.isEnded else { return false }
      state.buffer.append(delta)
      // What came before (citations, say) must not hold up the first words: these are waited for.
      let isFirstText = !state.hasText && delta.text != nil
      state.hasText = state.hasText || isFirstText
      if state.isFlushScheduled, !isFirstText { return false }
      send(&state)
      if state.isFlushScheduled { return false }
      state.isFlushScheduled = true
      return true
    }
    if mustSchedule { scheduleFlush() }
    while !Task.isCancelled, state.withLock({ !$0.isEnded && $0.buffer.size > Self.gatheringLimit }) {
      // Woken by cancellation too; then the loop ends.
      try? await Task.sleep(for: interval)
    }
  }

  /// Ends the stream. What waits is sent before, unless it is to be dropped.
  func end(drop: Bool) {
    state.withLock { state in
      guard !state.isEnded else { return }
      if !drop { for delta in state.buffer.take(all: true) { send(delta) } }
      state.isEnded = true
    }
  }

  private func scheduleFlush() {
    Task { [self] in
      while true {
        try? await Task.sleep(for: interval)
        let goesOn = state.withLock { state in
          // Ends when an interval brought nothing to send: the next piece goes out at once again.
          state.isFlushScheduled =
            !state.isEnded && !state.buffer.isEmpty && (send(&state) || !connection.hasRoom)
          return state.isFlushScheduled
        }
        if !goesOn { return }
      }
    }
  }

  /// Sends what can be sent now; false when there was nothing or no room.
  @discardableResult
  private func send(_ state: inout State) -> Bool {
    guard connection.hasRoom else { return false }
    let deltas = state.buffer.take(all: false)
    for delta in deltas { send(delta) }
    return !deltas.isEmpty
  }

  private func send(_ delta: AskDelta) {
    connection.notify("$/progress", ProgressParams(token: token, value: delta))
  }
}
