import Synchronization

/// What other threads ask of the curl thread.
enum CurlCommand: Sendable {
  /// Send this request.
  case start(CurlExchange)
  /// The reader has room again.
  case resume(UInt64)
  /// Nobody reads any more.
  case cancel(UInt64)
  /// End everything.
  case stop
}

/// The queue into the curl thread.
final class CurlMailbox: Sendable {
  private struct State {
    var commands: [CurlCommand] = []
    var isClosed = false
    var lastID: UInt64 = 0
    /// Set while the thread's loop stands.
    var bell: Bell?
  }

  private let state = Mutex(State())

  /// A number no other exchange has.
  func makeID() -> UInt64 {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  /// Queues `command` and wakes the thread; false once closed.
  @discardableResult
  func post(_ command: CurlCommand) -> Bool {
    let (isTaken, bell) = state.withLock { state -> (Bool, Bell?) in
      guard !state.isClosed else { return (false, nil) }
      state.commands.append(command)
      // Whoever put the first one in has rung; all are taken at once.
      return (true, state.commands.count == 1 ? state.bell : nil)
    }
    // Not under the lock: the thread that wakes up wants it next.
    bell?.ring()
    return isTaken
  }

  /// Takes what was queued.
  func drain() -> [CurlCommand] {
    state.withLock { state in
      defer { state.commands = [] }
      return state.commands
    }
  }

  /// The loop stands and is woken by `bell`; it looks at what is queued before it sleeps.
  func open(_ bell: Bell) { state.withLock { $0.bell = bell } }

  /// Takes the last commands; nothing is accepted or woken afterwards.
  func close() -> [CurlCommand] {
    state.withLock { state in
      state.isClosed = true
      state.bell = nil
      defer { state.commands = [] }
      return state.commands
    }
  }
}
