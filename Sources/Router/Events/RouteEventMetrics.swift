public import CoreMetrics
import Ledger
import Providers
import Synchronization

/// Counts and times events. All names begin with `cicerone_router_`:
///
/// | name | type | dimensions |
/// |---|---|---|
/// | `requests_total` | counter | `outcome` (`answered`, `failed`), `group`, `error` |
/// | `attempts_total` | counter | `group`, `provider`, `model`, `reason` |
/// | `failures_total` | counter | `group`, `provider`, `model`, `error` |
/// | `skipped_total` | counter | `group`, `provider`, `model`, `reason` |
/// | `cooldowns_total` | counter | `group`, `provider`, `model`, `error` |
/// | `recoveries_total` | counter | `group`, `provider`, `model` |
/// | `fallbacks_total` | counter | `from`, `to`, `cause` |
/// | `hedges_total`, `continuations_total` | counter | `group`, `provider`, `model` |
/// | `queued_total` | counter | |
/// | `tokens_total` | counter | `group`, `provider`, `model`, `kind` (`input`, `output`) |
/// | `cost_pico_usd_total` | counter | `group`, `provider`, `model`: of the deployment that answered, all attempts |
/// | `first_token_seconds` | timer | `group`, `provider`, `model` |
/// | `request_seconds` | timer | `outcome` |
public final class RouteEventMetrics: Sendable {
  private struct Key: Hashable {
    var name: String
    var dimensions: [String]
  }

  private struct Instruments {
    var counters: [Key: Counter] = [:]
    var timers: [Key: Timer] = [:]
  }

  private let factory: any MetricsFactory
  private let instruments = Mutex(Instruments())

  /// Reports to `factory`, the system's by default.
  public init(factory: any MetricsFactory = MetricsSystem.factory) { self.factory = factory }

  /// Counts an event.
  public func callAsFunction(_ event: RouteEvent) {
    switch event.kind {
    case .chosen(let target, let reason, _, _):
      count("attempts_total", target, ("reason", reason.rawValue))
    case .failed(let target, let error, _, _): count("failures_total", target, ("error", error.rawValue))
    case .skipped(let target, let reason): count("skipped_total", target, ("reason", reason.label))
    case .cooledDown(let target, let error, _), .accountClosed(let target, let error, _):
      count("cooldowns_total", target, ("error", error.rawValue))
    case .recovered(let target): count("recoveries_total", target)
    case .fellBack(let from, let to, let cause):
      count("fallbacks_total", [("from", from), ("to", to), ("cause", cause.rawValue)])
    case .hedged(let target, _): count("hedges_total", target)
    case .continued(let target, _): count("continuations_total", target)
    case .queued: count("queued_total", [])
    case .firstToken(let target, let duration): time("first_token_seconds", Self.dimensions(target), duration)
    case .finished(let outcome): finished(outcome)
    case .started, .waiting, .overtaken: break
    }
  }

  private func finished(_ outcome: RouteEvent.Outcome) {
    let word = ("outcome", outcome.isAnswered ? "answered" : "failed")
    count(
      "requests_total",
      [word, ("group", outcome.target?.group ?? ""), ("error", outcome.error?.rawValue ?? "")])
    time("request_seconds", [word], outcome.duration)
    guard let target = outcome.target else { return }
    count("cost_pico_usd_total", Self.dimensions(target), by: outcome.cost.picoUSD)
    guard let usage = outcome.usage else { return }
    count("tokens_total", target, ("kind", "input"), by: Int64(usage.totalInput))
    count("tokens_total", target, ("kind", "output"), by: Int64(usage.totalOutput))
  }

  private static func dimensions(_ target: RouteEvent.Target) -> [(String, String)] {
    [("group", target.group), ("provider", target.provider), ("model", target.model)]
  }

  private func count(_ name: String, _ target: RouteEvent.Target, _ more: (String, String)..., by amount: Int64 = 1) {
    count(name, Self.dimensions(target) + more, by: amount)
  }

  private func count(_ name: String, _ dimensions: [(String, String)], by amount: Int64 = 1) {
    // Making an instrument is dear, and metrics systems want the same one again.
    let counter = instruments.withLock { instruments in
      let key = Key(name: name, dimensions: dimensions.map(\.1))
      if let known = instruments.counters[key] { return known }
      let made = Counter(label: "cicerone_router_" + name, dimensions: dimensions, factory: factory)
      instruments.counters[key] = made
      return made
    }
    counter.increment(by: amount)
  }

  private func time(_ name: String, _ dimensions: [(String, String)], _ duration: Duration) {
    let timer = instruments.withLock { instruments in
      let key = Key(name: name, dimensions: dimensions.map(\.1))
      if let known = instruments.timers[key] { return known }
      let made = Timer(label: "cicerone_router_" + name, dimensions: dimensions, factory: factory)
      instruments.timers[key] = made
      return made
    }
    timer.recordNanoseconds(
      duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
  }
}
