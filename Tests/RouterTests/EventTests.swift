import CoreMetrics
import Ledger
import Logging
import Providers
import Synchronization
import Testing

@testable import Router

struct EventTests {
  /// A route with a failure, a wait, a fallback and an answer.
  func events(_ sink: @escaping @Sendable (RouteEvent) -> Void) async throws {
    var policy = RoutingPolicy()
    policy.fallbacks = ["a": ["b"]]
    let secret = "SECRET-PROMPT"
    let error = ProviderError(.server, provider: "p", message: "echo of \(secret)", status: 500)
    let router = makeRouter(
      [
        try deployment("a", host: "https://one.com", key: "KEY-1"),
        try deployment("b", host: "https://two.com", key: "KEY-2", price: price(1, 1)),
      ],
      [
        "one.com": ScriptedProvider([.refuse(error), .refuse(error), .refuse(error)]),
        "two.com": ScriptedProvider([answer(secret)]),
      ], policy: policy, observer: sink)
    var request = ask("a")
    request.messages = [ChatMessage(.user, secret)]
    request.task = .explain
    #expect(await run(router, request).text == secret)
  }

  @Test func everythingIsToldInOrder() async throws {
    let words = Mutexed<[String]>([])
    try await events { event in
      let word =
        switch event.kind {
        case .started(let group, let task): "started \(group ?? "") \(task?.rawValue ?? "")"
        case .skipped(_, let reason): "skipped \(reason.label)"
        case .queued: "queued"
        case .chosen(let target, let reason, let attempt, let repeats):
          "chosen \(target.group) \(reason.rawValue) \(attempt) \(repeats)"
        case .waiting: "waiting"
        case .failed(let target, let kind, let status, _): "failed \(target.group) \(kind.rawValue) \(status ?? 0)"
        case .cooledDown(let target, _, _): "cooled \(target.group)"
        case .accountClosed: "closed"
        case .recovered: "recovered"
        case .fellBack(let from, let to, let cause): "fell \(from) \(to) \(cause.rawValue)"
        case .firstToken(let target, _): "token \(target.group)"
        case .hedged: "hedged"
        case .overtaken: "overtaken"
        case .continued: "continued"
        case .finished(let outcome):
          "finished \(outcome.target?.group ?? "") \(outcome.isAnswered) \(outcome.attempts) \(outcome.cost.picoUSD)"
        }
      words.change { $0.append(word) }
    }
    #expect(
      words.value == [
        "started a explain", "chosen a only 1 0", "failed a server 500", "waiting", "chosen a only 2 1",
        "failed a server 500", "waiting", "chosen a only 3 2", "failed a server 500", "cooled a", "fell a b failure",
        "chosen b only 4 0", "token b", "finished b true 4 15",
      ])
  }

  @Test func noEventHoldsAPromptAnAnswerOrAKey() async throws {
    let texts = Mutexed<[String]>([])
    try await events { event in
      var text = ""
      dump(event, to: &text)
      texts.change { $0.append(text) }
    }
    #expect(texts.value.count > 10)
    for text in texts.value {
      #expect(!text.contains("SECRET"))
      #expect(!text.contains("KEY-"))
      #expect(!text.contains("echo of"))
    }
  }

  struct Recorder: LogHandler {
    let lines: Mutexed<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let line = "\(event.level) \(event.message) \(event.metadata?["group"]?.description ?? "")"
      lines.change { $0.append(line) }
    }
  }

  @Test func theLogHasLevelsAndNames() async throws {
    let lines = Mutexed<[String]>([])
    let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
    let log = RouteEventLog(logger)
    try await events { log($0) }
    #expect(lines.value.contains("notice deployment is left alone a"))
    #expect(lines.value.contains("notice fell back "))
    #expect(lines.value.last == "info answered b")
    let quiet = Mutexed<[String]>([])
    var warning = Logger(label: "test") { _ in Recorder(lines: quiet) }
    warning.logLevel = .notice
    let second = RouteEventLog(warning)
    try await events { second($0) }
    #expect(quiet.value.count == 2)
  }

  final class Factory: MetricsFactory, Sendable {
    let totals = Mutexed<[String: Int64]>([:])

    final class Instrument: CounterHandler, RecorderHandler, TimerHandler, Sendable {
      let name: String
      let totals: Mutexed<[String: Int64]>

      init(_ label: String, _ dimensions: [(String, String)], _ totals: Mutexed<[String: Int64]>) {
        name = label + "{" + dimensions.map { "\($0.0)=\($0.1)" }.joined(separator: ",") + "}"
        self.totals = totals
      }

      func increment(by amount: Int64) { totals.change { $0[name, default: 0] += amount } }
      func reset() {}
      func record(_ value: Int64) { increment(by: 1) }
      func record(_ value: Double) { increment(by: 1) }
      func recordNanoseconds(_ duration: Int64) { increment(by: 1) }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
      Instrument(label, dimensions, totals)
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
      Instrument(label, dimensions, totals)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
      Instrument(label, dimensions, totals)
    }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
  }

  @Test func metricsCount() async throws {
    let factory = Factory()
    let metrics = RouteEventMetrics(factory: factory)
    try await events { metrics($0) }
    try await events { metrics($0) }
    let totals = factory.totals.value
    #expect(totals["cicerone_router_requests_total{outcome=answered,group=b,error=}"] == 2)
    #expect(totals["cicerone_router_failures_total{group=a,provider=openai_like,model=m,error=server}"] == 6)
    #expect(totals["cicerone_router_fallbacks_total{from=a,to=b,cause=failure}"] == 2)
    #expect(totals["cicerone_router_first_token_seconds{group=b,provider=openai_like,model=m}"] == 2)
    #expect(totals["cicerone_router_tokens_total{group=b,provider=openai_like,model=m,kind=input}"] == 20)
    #expect(totals["cicerone_router_cost_pico_usd_total{group=b,provider=openai_like,model=m}"] == 30)
  }
}
