/// Whether something that failed may be used again: a circuit breaker with a single probe.
///
/// **Invariant:** while it is open, its deadline only grows; only an answer to the probe under way closes it. What earlier
/// probes come to is no more than what any other request does.
struct Cooldown: Sendable, Equatable {
  /// Where it stands.
  enum Phase: Sendable, Equatable {
    /// Usable.
    case closed
    /// Not before the deadline; after it for one request.
    case open
    /// One request is finding out.
    case probing
  }

  private(set) var phase = Phase.closed
  /// When it may be probed.
  private(set) var until = Duration.zero
  /// Until when the provider itself asked to be left alone.
  private(set) var advisedUntil = Duration.zero
  /// How long it was left alone last.
  private(set) var length = Duration.zero

  /// Which probe was the last.
  private var probes = 0

  /// What a request would meet at `now`.
  enum Access: Equatable {
    /// Go.
    case free
    /// Go, as the one who finds out.
    case probe
    /// Not before.
    case notBefore(Duration)
    /// Another one is finding out.
    case beingProbed
  }

  /// What a request would meet at `now`.
  func access(at now: Duration) -> Access {
    switch phase {
    case .closed: .free
    case .open: now >= until ? .probe : .notBefore(until)
    case .probing: .beingProbed
    }
  }

  /// A probe leaves. Returns its number, by which its result is told from those of earlier ones.
  mutating func probe() -> Int {
    phase = .probing
    probes += 1
    return probes
  }

  /// Whether this probe is the one that is under way.
  func isProbing(_ probe: Int?) -> Bool { phase == .probing && probe == probes }

  /// Opens, or stays open longer: for `first`, twice as long each time a probe fails, up to `cap`; in any case until
  /// `advised`. What fails without being the probe, for it left before, makes it longer only by advice.
  mutating func fail(at now: Duration, first: Duration, cap: Duration, advised: Duration?, probe: Int?) {
    if let advised { advisedUntil = max(advisedUntil, now + advised) }
    switch phase {
    case .closed: length = first
    case .probing where isProbing(probe): length = min(max(cap, first), max(first, length * 2))
    case .open, .probing:
      until = max(until, advisedUntil)
      return
    }
    until = max(until, now + length, advisedUntil)
    phase = .open
  }

  /// A request got an answer: closes when it was the probe under way. Returns whether it was.
  mutating func succeed(_ probe: Int?) -> Bool {
    guard isProbing(probe) else { return false }
    phase = .closed
    length = .zero
    return true
  }

  /// A request ended without a result; when it was the probe under way, another one may go.
  mutating func abandon(_ probe: Int?) {
    if isProbing(probe) { phase = .open }
  }
}
