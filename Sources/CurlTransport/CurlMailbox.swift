import CCurl
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
    /// Set while the thread's loop stands; `curl_multi_wakeup` may be called from any thread.
    var multi: UnsafeMutableRawPointer?
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
    state.withLock { state in
      guard !state.isClosed else { return false }
      state.commands.append(command)
      // Under the lock, so that the loop cannot be torn down between the check and the call.
      if let multi = state.multi { curl_multi_wakeup(multi) }
      return true
    }
  }

  /// Takes what was queued.
  func drain() -> [CurlCommand] {
    state.withLock { state in
      defer { state.commands = [] }
      return state.commands
    }
  }

  /// The loop stands and can be woken.
  func open(_ multi: UnsafeMutableRawPointer) {
    // The address travels as an integer: a pointer may not cross into the lock's region.
    let address = UInt(bitPattern: multi)
    state.withLock { $0.multi = UnsafeMutableRawPointer(bitPattern: address) }
  }

  /// Takes the last commands; nothing is accepted or woken afterwards.
  func close() -> [CurlCommand] {
    state.withLock { state in
      state.isClosed = true
      state.multi = nil
      defer { state.commands = [] }
      return state.commands
    }
  }
}
