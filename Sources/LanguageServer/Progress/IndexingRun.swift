import Assistant
import JSONRPC

/// What the progress bar of indexing shows, as a state machine without a clock and without a connection.
///
/// A token serves one run: from the first folder with something to do until no folder has anything left. `begin` waits
/// until the client has agreed to the token; when it does not, the run stays invisible.
struct IndexingRun {
  /// What must be sent.
  enum Action: Equatable {
    /// Ask for `token`; the answer goes to `created`.
    case create(token: String)
    /// Send a value on `token`.
    case send(token: String, WorkDoneValue)
  }

  private enum Phase {
    case idle
    case creating(token: String)
    case shown(token: String, percentage: Int, reportedAt: ContinuousClock.Instant)
    case refused
  }

  /// At most ten reports a second.
  private static let reportInterval = Duration.milliseconds(100)

  private var phase = Phase.idle
  private var folders: [String: IndexingProgress] = [:]
  private var runs = 0

  /// Takes a report of the engine.
  mutating func received(_ progress: IndexingProgress, at now: ContinuousClock.Instant) -> [Action] {
    folders[progress.folder] = progress
    return advance(at: now)
  }

  /// Takes note that a folder was closed, whose indexing will not finish.
  mutating func closed(folder: String, at now: ContinuousClock.Instant) -> [Action] {
    folders.removeValue(forKey: folder) == nil ? [] : advance(at: now)
  }

  /// Takes the client's answer to `create`.
  mutating func created(token: String, accepted: Bool, at now: ContinuousClock.Instant) -> [Action] {
    guard case .creating(token) = phase else { return [] }
    guard accepted else {
      phase = .refused
      return advance(at: now)
    }
    phase = .shown(token: token, percentage: 0, reportedAt: now)
    let begin = WorkDoneValue(
      kind: .begin, title: "Indexing", cancellable: false, message: message, percentage: 0)
    return [.send(token: token, begin)] + advance(at: now)
  }

  private var isFinished: Bool { folders.values.allSatisfy(\.finished) }

  private var done: Int { folders.values.reduce(0) { $0 + max(0, min($1.done, $1.total)) } }

  private var total: Int { folders.values.reduce(0) { $0 + max(0, $1.total) } }

  private var message: String { "\(done) of \(total) files" }

  private mutating func advance(at now: ContinuousClock.Instant) -> [Action] {
    switch phase {
    case .idle:
      guard !isFinished else {
        folders = [:]
        return []
      }
      runs += 1
      let token = "cicerone/indexing/\(runs)"
      phase = .creating(token: token)
      return [.create(token: token)]
    case .creating:
      return []
    case .refused:
      if isFinished { reset() }
      return []
    case .shown(let token, let percentage, let reportedAt):
      if isFinished {
        let end = WorkDoneValue(kind: .end, message: message)
        reset()
        return [.send(token: token, end)]
      }
      guard now - reportedAt >= Self.reportInterval else { return [] }
      // Files that are found on the way raise the total; the bar must not go back.
      let reached = max(percentage, total == 0 ? 0 : min(100, done * 100 / total))
      phase = .shown(token: token, percentage: reached, reportedAt: now)
      return [.send(token: token, WorkDoneValue(kind: .report, message: message, percentage: reached))]
    }
  }

  private mutating func reset() {
    phase = .idle
    folders = [:]
  }
}
