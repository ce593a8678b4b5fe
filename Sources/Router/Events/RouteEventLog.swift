import Ledger
public import Logging
import Providers

/// Writes events to a log: what users should act on as warnings and notices, ends as info, the rest for debugging.
public struct RouteEventLog: Sendable {
  private let logger: Logger

  /// Writes to `logger`.
  public init(_ logger: Logger) { self.logger = logger }

  /// Writes an event.
  public func callAsFunction(_ event: RouteEvent) {
    let level = Self.level(event.kind)
    guard logger.logLevel <= level else { return }
    var metadata: Logger.Metadata = ["route": "\(event.route)"]
    let message = Self.describe(event.kind, &metadata)
    logger.log(level: level, "\(message)", metadata: metadata)
  }

  private static func level(_ kind: RouteEvent.Kind) -> Logger.Level {
    switch kind {
    case .accountClosed: .warning
    case .cooledDown, .recovered, .fellBack, .continued: .notice
    case .finished: .info
    case .failed, .hedged, .queued, .waiting: .debug
    case .started, .skipped, .chosen, .firstToken, .overtaken: .trace
    }
  }

  private static func describe(_ kind: RouteEvent.Kind, _ metadata: inout Logger.Metadata) -> String {
    func note(_ target: RouteEvent.Target) {
      metadata["group"] = "\(target.group)"
      metadata["provider"] = "\(target.provider)"
      metadata["model"] = "\(target.model)"
    }
    switch kind {
    case .started(let group, let task):
      if let group { metadata["group"] = "\(group)" }
      if let task { metadata["task"] = "\(task.rawValue)" }
      return "request"
    case .skipped(let target, let reason):
      note(target)
      metadata["reason"] = "\(reason.label)"
      return "deployment skipped"
    case .queued(let waiting):
      metadata["waiting"] = "\(waiting)"
      return "waiting for capacity"
    case .chosen(let target, let reason, let attempt, let repeats):
      note(target)
      metadata["reason"] = "\(reason.rawValue)"
      metadata["attempt"] = "\(attempt)"
      metadata["repeats"] = "\(repeats)"
      return "deployment chosen"
    case .waiting(let duration):
      metadata["ms"] = "\(duration.milliseconds)"
      return "waiting before the next attempt"
    case .failed(let target, let error, let status, let cost):
      note(target)
      metadata["error"] = "\(error.rawValue)"
      if let status { metadata["status"] = "\(status)" }
      metadata["cost"] = "\(cost)"
      return "attempt failed"
    case .cooledDown(let target, let error, let duration):
      note(target)
      metadata["error"] = "\(error.rawValue)"
      metadata["ms"] = "\(duration.milliseconds)"
      return "deployment is left alone"
    case .accountClosed(let target, let error, let duration):
      note(target)
      metadata["error"] = "\(error.rawValue)"
      if let duration { metadata["ms"] = "\(duration.milliseconds)" }
      return "account is left alone"
    case .recovered(let target):
      note(target)
      return "deployment works again"
    case .fellBack(let from, let to, let cause):
      metadata["from"] = "\(from)"
      metadata["to"] = "\(to)"
      metadata["cause"] = "\(cause.rawValue)"
      return "fell back"
    case .firstToken(let target, let duration):
      note(target)
      metadata["ms"] = "\(duration.milliseconds)"
      return "first token"
    case .hedged(let target, let after):
      note(target)
      metadata["ms"] = "\(after.milliseconds)"
      return "second deployment asked"
    case .overtaken(let target, let cost):
      note(target)
      metadata["cost"] = "\(cost)"
      return "slower attempt cancelled"
    case .continued(let target, let error):
      note(target)
      metadata["error"] = "\(error.rawValue)"
      return "answer broke off and is continued elsewhere"
    case .finished(let outcome):
      if let target = outcome.target { note(target) }
      if let error = outcome.error { metadata["error"] = "\(error.rawValue)" }
      metadata["attempts"] = "\(outcome.attempts)"
      metadata["cost"] = "\(outcome.cost)"
      metadata["tokens"] = "\(outcome.usage?.total ?? 0)"
      metadata["ms"] = "\(outcome.duration.milliseconds)"
      return outcome.isAnswered ? "answered" : "not answered"
    }
  }
}

extension Duration {
  var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
