import FoundationEssentials
import JSONRPC
import LanguageServer
import Logging
import Router

/// Logs on standard error, which belongs to nobody else; standard output belongs to the protocol or the answer.
enum Logs {
  /// The variable that says from which level on there are logs: `trace`, `debug`, `info`, `notice`, `warning`, `error`.
  static let levelVariable = "CICERONE_LOG"

  /// Writes and counts what happens on routes. Events hold names and numbers, never a prompt or a key.
  static func routeObserver() -> @Sendable (RouteEvent) -> Void {
    let level = ProcessInfo.processInfo.environment[levelVariable].flatMap(Logger.Level.init(rawValue:)) ?? .warning
    var logger = Logger(label: "router", factory: { _ in StandardErrorLogHandler() })
    logger.logLevel = level
    let log = RouteEventLog(logger)
    let metrics = RouteEventMetrics()
    return { event in
      log(event)
      metrics(event)
    }
  }
}

/// A handler that never blocks: lines are dropped when nobody reads standard error.
private struct StandardErrorLogHandler: LogHandler {
  var logLevel = Logger.Level.warning
  var metadata: Logger.Metadata = [:]
  private let sink = StandardErrorLog.sink(minimum: .debug)

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let details = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    sink(Self.level(event.level), "\(event.message)\(details)")
  }

  private static func level(_ level: Logger.Level) -> DiagnosticLevel {
    switch level {
    case .trace, .debug: .debug
    case .info, .notice: .info
    case .warning: .warning
    case .error, .critical: .error
    }
  }
}
