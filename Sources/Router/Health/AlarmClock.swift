import Synchronization

/// Calls back at given times, with one sleeping task however many alarms are set.
///
/// A sleeping task of its own for each timeout would stay in the system's queue until its time, long after the request
/// it belonged to was answered.
final class AlarmClock: Sendable {
  private struct Alarms {
    var actions: [UInt64: (at: Duration, action: @Sendable () -> Void)] = [:]
    var next: UInt64 = 0
    /// Until when the task sleeps.
    var sleepsUntil: Duration?
    var sleeper: Task<Void, Never>?
  }

  private let alarms = Mutex(Alarms())
  private let clock: RouterClock

  init(_ clock: RouterClock) { self.clock = clock }

  deinit { alarms.withLock { $0.sleeper?.cancel() } }

  /// Calls `action` at `time`, or soon after when that is past. Returns what ``cancel(_:)`` wants.
  func set(at time: Duration, _ action: @escaping @Sendable () -> Void) -> UInt64 {
    alarms.withLock { alarms in
      alarms.next += 1
      alarms.actions[alarms.next] = (time, action)
      if alarms.sleepsUntil.map({ time < $0 }) ?? true { sleep(until: time, &alarms) }
      return alarms.next
    }
  }

  /// The alarm will not ring, unless it is ringing now.
  func cancel(_ alarm: UInt64) { alarms.withLock { _ = $0.actions.removeValue(forKey: alarm) } }

  private func sleep(until time: Duration, _ alarms: inout Alarms) {
    alarms.sleeper?.cancel()
    alarms.sleepsUntil = time
    let clock = clock
    alarms.sleeper = Task { [weak self] in
      do {
        try await clock.sleep(max(.zero, time - clock.now()))
      } catch {
        return
      }
      self?.ring(time)
    }
  }

  private func ring(_ planned: Duration) {
    let now = max(planned, clock.now())
    let due = alarms.withLock { alarms in
      // Another sleeper has taken over.
      guard alarms.sleepsUntil == planned else { return [@Sendable () -> Void]() }
      let due = alarms.actions.filter { $0.value.at <= now }.sorted { $0.key < $1.key }
      for alarm in due { alarms.actions[alarm.key] = nil }
      alarms.sleepsUntil = nil
      alarms.sleeper = nil
      if let next = alarms.actions.values.map(\.at).min() { sleep(until: next, &alarms) }
      return due.map(\.value.action)
    }
    for action in due { action() }
  }
}

/// Where the router takes its time from.
public struct RouterClock: Sendable {
  /// The time since some moment in the past. Never runs backwards.
  public var now: @Sendable () -> Duration
  /// Waits that long; throws when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void

  /// Makes a clock.
  public init(
    now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  private static let start = ContinuousClock.now

  /// The machine's.
  public static let system = RouterClock(
    now: { start.duration(to: .now) }, sleep: { try await Task.sleep(for: $0) })
}
