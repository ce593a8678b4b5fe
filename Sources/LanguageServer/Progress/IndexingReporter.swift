import Assistant
import JSONRPC

/// Shows the progress of indexing to clients that can create tokens.
actor IndexingReporter {
  private var run = IndexingRun()
  private let connection: Connection
  /// Whether the client allows it; nothing may be created before `initialized`.
  private var isEnabled = false
  /// Newest report of each folder from the time before `initialized`.
  private var held: [String: IndexingProgress] = [:]

  init(connection: Connection) {
    self.connection = connection
  }

  /// Starts to show, with what was reported until now.
  func enable() {
    isEnabled = true
    for progress in held.values where !progress.finished { received(progress) }
    held = [:]
  }

  /// Takes a report.
  func received(_ progress: IndexingProgress) {
    guard isEnabled else {
      held[progress.folder] = progress
      return
    }
    perform(run.received(progress, at: .now))
  }

  /// Takes note of a closed folder.
  func closed(folder: String) {
    held[folder] = nil
    perform(run.closed(folder: folder, at: .now))
  }

  private func perform(_ actions: [IndexingRun.Action]) {
    for action in actions {
      switch action {
      case .send(let token, let value):
        // Reports can be done without; begin and end cannot.
        if value.kind == .report, !connection.hasRoom { continue }
        connection.notify("$/progress", ProgressParams(token: .string(token), value: value))
      case .create(let token):
        Task { [connection] in
          let params = CreateProgressParams(token: .string(token))
          let accepted = (try? await connection.request("window/workDoneProgress/create", params)) != nil
          self.created(token, accepted: accepted)
        }
      }
    }
  }

  private func created(_ token: String, accepted: Bool) {
    perform(run.created(token: token, accepted: accepted, at: .now))
  }
}
