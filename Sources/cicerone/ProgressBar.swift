import Assistant
import Synchronization

/// A bar with rate on standard error while an index is built; nothing where standard error is no terminal.
enum ProgressBar {
  private static let isShown = Mutex(false)

  /// Shows reports until the stream ends or the task is cancelled.
  static func show(_ reports: AsyncStream<IndexingProgress>) async {
    guard Terminal.errorIsTerminal else { return }
    let clock = ContinuousClock()
    let start = clock.now
    for await report in reports {
      if Task.isCancelled { return }
      // A refresh of a few files is over before anyone could read of it.
      if report.finished || report.total < 50 { continue }
      let seconds =
        Double(start.duration(to: clock.now).components.seconds)
        + Double(start.duration(to: clock.now).components.attoseconds) / 1e18
      draw(report, seconds: seconds)
    }
  }

  /// Takes the bar away.
  static func finish() async {
    if isShown.withLock({ shown in
      defer { shown = false }; return shown
    }) {
      Terminal.printErrorPart("\r\u{1B}[K")
    }
  }

  private static func draw(_ report: IndexingProgress, seconds: Double) {
    let share = report.total > 0 ? Double(report.done) / Double(report.total) : 0
    let rate = seconds > 0.2 ? Double(report.bytes) / 1e6 / seconds : 0
    let text = " \(report.done)/\(report.total) files" + (rate > 0 ? ", \(Int(rate)) MB/s" : "")
    let width = max(10, min(40, Terminal.columns - text.count - 14))
    let filled = Int(share * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    isShown.withLock { $0 = true }
    Terminal.printErrorPart("\r\u{1B}[KIndexing \(bar)\(text)")
  }
}
