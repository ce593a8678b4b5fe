/// The bounded way from the reader's thread to the one task that handles messages in order.
final class Inbox: Sendable {
  private struct State: Sendable {
    var count = 0
    var bytes = 0
    var closed = false
  }

  /// The messages with their sizes, for one consumer, who calls `handled` after each.
  let messages: AsyncStream<(message: IncomingMessage, size: Int)>

  private let continuation: AsyncStream<(message: IncomingMessage, size: Int)>.Continuation
  private let monitor = Monitor(State())
  private let countLimit: Int
  private let byteLimit: Int

  init(countLimit: Int, byteLimit: Int) {
    self.countLimit = countLimit
    self.byteLimit = byteLimit
    (messages, continuation) = AsyncStream.makeStream()
  }

  /// Adds a message. Blocks the calling thread while too many wait, so that the peer is held up by the system's buffer.
  func add(_ message: IncomingMessage, size: Int) {
    let open = monitor.wait(until: { $0.closed || ($0.count < countLimit && $0.bytes < byteLimit) }) { state in
      state.count += 1
      state.bytes += size
      return !state.closed
    }
    if open { continuation.yield((message, size)) }
  }

  /// Makes room again.
  func handled(size: Int) {
    monitor.update { state in
      state.count -= 1
      state.bytes -= size
    }
  }

  /// Lets the consumer finish what waits, then ends.
  func finish() {
    monitor.update { $0.closed = true }
    continuation.finish()
  }
}
