import Ledger
import Providers
import SeededInput
import Testing

@testable import Router

/// What a request may spend is never exceeded, whatever its attempts do.
struct RouteLimitTests {
  @Test func reservationsUnderWayCountAgainstTheLimit() throws {
    var accounts = RouteAccounts(RequestLimit(maxUSD: Money(picoUSD: 1000), maxTokens: 500))
    let place = try deployment("d", price: price(1, 1))
    func begin(_ reserved: Int64, _ tokens: Int) -> Int {
      accounts.begin(
        RouteReport.Attempt(
          deployment: place, reserved: Money(picoUSD: reserved), charged: .zero, error: nil, reason: .only),
        tokens: tokens)
    }
    let first = begin(400, 200)
    let second = begin(500, 100)
    #expect(accounts.left == RequestLimit(maxUSD: Money(picoUSD: 100), maxTokens: 200))
    let usage = TokenUsage(input: 30, output: 20, provenance: .provider)
    #expect(accounts.settle(first, usage: usage, error: nil, inputTokens: 10, isAnswer: true) == 50)
    #expect(accounts.left == RequestLimit(maxUSD: Money(picoUSD: 450), maxTokens: 350))
    // Once only.
    #expect(accounts.settle(first, usage: usage, error: nil, inputTokens: 10, isAnswer: true) == nil)
    #expect(accounts.report.cost.picoUSD == 50)
    #expect(
      accounts.settle(second, usage: nil, error: failure(.rateLimit), inputTokens: 10, isAnswer: false) == 0)
    #expect(accounts.report.cost.picoUSD == 50)
  }

  /// Estimates count what was received: before anything was, a model may have worked all the same.
  @Test func silentWorkCountsInFull() async throws {
    func cost(_ usage: TokenUsage, _ error: ProviderError, events: [ChatEvent] = []) async throws -> Int64? {
      let provider = ScriptedProvider([.answer(events + [.usage(usage)], error)])
      let outcome = await run(
        makeRouter([try deployment("d", price: price(10, 40))], ["example.com": provider]), ask(output: 100))
      return (outcome.report ?? outcome.error?.report)?.attempts.first?.charged.picoUSD
    }
    let silent = TokenUsage(input: 7, provenance: .estimated)
    #expect(try await cost(silent, failure(.timeout, mayBeCharged: true)) == 4100)
    #expect(try await cost(silent, failure(.network)) == 70)
    #expect(
      try await cost(TokenUsage(input: 7, provenance: .provider), failure(.timeout, mayBeCharged: true)) == 70)
    let started = TokenUsage(input: 7, output: 2, provenance: .estimated)
    #expect(try await cost(started, failure(.timeout, mayBeCharged: true), events: [.text("ab")]) == 150)
    let thinking = TokenUsage(input: 7, reasoning: 2, provenance: .estimated)
    #expect(try await cost(thinking, failure(.timeout, mayBeCharged: true), events: [.reasoning("ab")]) == 150)
  }

  @Test func aSilentModelThatRunsOutOfTimeIsChargedInFull() async throws {
    let clock = VirtualClock()
    let timeouts = RoutingParameters.Timeouts(firstToken: .seconds(7))
    let silent = ChatEvent.usage(TokenUsage(input: 7, provenance: .estimated))
    let slow = ScriptedProvider([.hang([silent])])
    let router = makeRouter(
      [
        try deployment(
          "g", host: "https://slow.com", price: price(10, 40), routing: RoutingParameters(timeouts: timeouts)),
        try deployment("g", host: "https://fast.com"),
      ], ["slow.com": slow, "fast.com": ScriptedProvider([answer("ok")])], clock: clock)
    let task = Task { await run(router, ask("g", output: 100)) }
    #expect(await eventually { slow.requests.count == 1 && clock.sleepers >= 1 })
    clock.advance(by: .seconds(7))
    let outcome = await task.value
    #expect(outcome.text == "ok")
    #expect(outcome.report?.attempts.first?.error?.kind == .timeout)
    #expect(outcome.report?.cost.picoUSD == 4100)
    #expect(outcome.report?.isCostEstimated == true)
  }

  @Test(arguments: [21, 22, 23, 24] as [UInt64]) func theLimitHoldsOverAllAttempts(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let clock = VirtualClock()
    // Who stands in line behind a cooldown waits on the clock.
    let ticking = Task {
      while !Task.isCancelled {
        clock.advance(by: .seconds(2))
        try? await Task.sleep(for: .microseconds(200))
      }
    }
    defer { ticking.cancel() }
    for _ in 0..<150 {
      var deployments: [Deployment] = []
      var providers: [String: ScriptedProvider] = [:]
      for index in 0..<Int.random(in: 1...4, using: &random) {
        let rates = price(Int64.random(in: 0...20, using: &random), Int64.random(in: 1...80, using: &random))
        deployments.append(
          try deployment(
            Bool.random(using: &random) ? "g" : "h", host: "https://h\(index).com", key: "k\(index)", price: rates))
        let scripts = (0..<20).map { _ -> ScriptedProvider.Script in
          let kinds = ProviderError.Kind.allCases.filter { $0 != .cancelled }
          let error = failure(
            kinds.randomElement(using: &random) ?? .server, mayBeCharged: Bool.random(using: &random))
          let usage = TokenUsage(
            input: Int.random(in: 0...10, using: &random), output: Int.random(in: 0...16, using: &random),
            provenance: Bool.random(using: &random) ? .provider : .estimated)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: return .refuse(error)
          case 1: return .answer([.usage(usage)], error)
          case 2: return .answer([.text("half"), .usage(usage)], error)
          default: return answer("ok", input: usage.input, output: usage.output)
          }
        }
        providers["h\(index).com"] = ScriptedProvider(scripts)
      }
      let limit = Int64.random(in: 0...20_000, using: &random)
      let router = makeRouter(deployments, providers, clock: clock)
      let outcome = await run(
        router,
        ask(
          output: Int.random(in: 16...100, using: &random), limit: RequestLimit(maxUSD: Money(picoUSD: limit)),
          allowsContinuation: Bool.random(using: &random)))
      let report = try #require(outcome.report ?? outcome.error?.report)
      #expect(report.cost.picoUSD <= limit)
      #expect(report.attempts.reduce(0) { $0 + $1.charged.picoUSD } == report.cost.picoUSD)
      // What is free of doubt is answered, refused, or explained.
      #expect(outcome.error != nil || outcome.report?.deployment != nil)
    }
  }
}

struct AlarmClockTests {
  @Test func ringsInOrderAndNotWhenCancelled() async {
    let clock = VirtualClock()
    let alarms = AlarmClock(clock.clock)
    let rung = Mutexed<[Int]>([])
    func set(_ seconds: Int) -> UInt64 {
      alarms.set(at: .seconds(seconds)) { rung.change { $0.append(seconds) } }
    }
    _ = set(10)
    let second = set(20)
    _ = set(5)
    _ = set(30)
    #expect(await eventually { clock.sleepers == 1 })
    alarms.cancel(second)
    clock.advance(by: .seconds(5))
    #expect(await eventually { rung.value == [5] && clock.sleepers == 1 })
    clock.advance(by: .seconds(20))
    #expect(await eventually { rung.value == [5, 10] && clock.sleepers == 1 })
    clock.advance(by: .seconds(5))
    #expect(await eventually { rung.value == [5, 10, 30] })
    #expect(clock.sleepers == 0)
    _ = set(1)
    #expect(await eventually { rung.value == [5, 10, 30, 1] })
  }
}
