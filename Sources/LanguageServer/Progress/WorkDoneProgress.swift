import JSONRPC
import Synchronization

/// Work-done progress on a token of the client: `begin` and `end` are paired whatever happens between them.
final class WorkDoneProgress: Sendable {
  private enum State { case idle, begun, ended }

  private let state = Mutex(State.idle)
  private let token: RequestID
  private let connection: Connection

  init(token: RequestID, connection: Connection) {
    self.token = token
    self.connection = connection
  }

  /// Shows that work has begun.
  func begin(title: String) {
    state.withLock { state in
      guard case .idle = state else { return }
      state = .begun
      send(WorkDoneValue(kind: .begin, title: title, cancellable: true))
    }
  }

  /// Shows what is being done. Left out while the client does not keep up.
  func report(message: String) {
    state.withLock { state in
      guard case .begun = state, connection.hasRoom else { return }
      send(WorkDoneValue(kind: .report, message: message))
    }
  }

  /// Ends the progress, if it has begun.
  func end() {
    state.withLock { state in
      if case .begun = state { send(WorkDoneValue(kind: .end)) }
      state = .ended
    }
  }

  private func send(_ value: WorkDoneValue) {
    connection.notify("$/progress", ProgressParams(token: token, value: value))
  }
}
