import HTTPTransport

/// The deadlines of one transfer: pure, told what happened and when.
struct TransferClock {
  /// What the deadlines say.
  enum Verdict: Equatable {
    /// Look again then at the latest; `nil` while nothing can expire.
    case wait(until: ContinuousClock.Instant?)
    /// Too late.
    case expired(HTTPTransportError.Phase)
  }

  let timeouts: HTTPTimeouts
  let start: ContinuousClock.Instant
  /// When the connection stood (TLS included).
  var connected: ContinuousClock.Instant?
  /// When the last bytes of the response came.
  var lastByte: ContinuousClock.Instant?
  /// The reader is slow: the idle clock stands still.
  var isPaused = false

  init(_ timeouts: HTTPTimeouts, start: ContinuousClock.Instant) {
    self.timeouts = timeouts
    self.start = start
  }

  /// What has expired at `now`.
  func verdict(at now: ContinuousClock.Instant) -> Verdict {
    let total = timeouts.total.map { start + $0 }
    if let total, total <= now { return .expired(.total) }
    let phase: (deadline: ContinuousClock.Instant, name: HTTPTransportError.Phase)?
    if let lastByte {
      phase = isPaused ? nil : (lastByte + timeouts.idle, .idle)
    } else if let connected {
      phase = (connected + timeouts.firstByte, .firstByte)
    } else {
      phase = (start + timeouts.connect, .connect)
    }
    if let phase, phase.deadline <= now { return .expired(phase.name) }
    var next = phase?.deadline
    if phase?.name == .connect {
      // Nobody tells when the connection stands: look early enough for a first byte due sooner than the connection.
      next = min(start + timeouts.connect, now + timeouts.firstByte)
    }
    if let total { next = min(next ?? total, total) }
    return .wait(until: next)
  }
}
