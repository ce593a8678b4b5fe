import HTTPTransport
import Ledger
import Providers
import Synchronization
import Testing

@testable import Router

/// Lines, hedges, timeouts and continuations: where more than one thing happens at a time.
struct ConcurrencyTests {
  /// Answers after it is told to, and counts how many wait at the same time.
  final class CountingProvider: ChatProvider {
    private let state = Mutex((running: 0, most: 0, total: 0))
    var most: Int { state.withLock { $0.most } }
    var total: Int { state.withLock { $0.total } }

    func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream {
      state.withLock {
        $0.running += 1
        $0.total += 1
        $0.most = max($0.most, $0.running)
      }
      for _ in 0..<20 { await Task.yield() }
      state.withLock { $0.running -= 1 }
      let events = Mutexed<[ChatEvent]>([
        .text("x"), .usage(TokenUsage(input: 1, output: 1, provenance: .provider)), .finished(.stop),
      ])
      return ChatStream { () async throws(ProviderError) in
        var next: ChatEvent?
        events.change { next = $0.isEmpty ? nil : $0.removeFirst() }
        return next
      }
    }
  }

  @Test func sixtyFourCallsKeepToTheParallelLimit() async throws {
    let provider = CountingProvider()
    var environment = ModelRouter.Environment(transport: NoTransport())
    environment.provider = { _ in provider }
    let limits = RoutingParameters(maxParallelRequests: 3)
    let router = ModelRouter(
      deployments: [try deployment("d", routing: limits)], policy: RoutingPolicy(), environment: environment)
    let texts = await withTaskGroup(of: String.self) { group in
      for _ in 0..<64 { group.addTask { await run(router, ask()).text } }
      return await group.reduce(into: [String]()) { $0.append($1) }
    }
    #expect(texts == Array(repeating: "x", count: 64))
    #expect(provider.total == 64)
    #expect(provider.most <= 3)
    #expect(router.snapshot().deployments[0].health.inFlight == 0)
    #expect(router.snapshot().waiting == 0)
  }

  @Test func sixtyFourCallsNeverExceedTheRequestsAMinute() async throws {
    let provider = CountingProvider()
    var environment = ModelRouter.Environment(transport: NoTransport())
    environment.provider = { _ in provider }
    let clock = VirtualClock()
    let router = ModelRouter(
      deployments: [try deployment("d", routing: RoutingParameters(rpm: 20))], policy: RoutingPolicy(),
      environment: environment, state: RouterState(clock: clock.clock))
    let outcomes = await withTaskGroup(of: Outcome.self) { group in
      for _ in 0..<64 { group.addTask { await run(router, ask()) } }
      return await group.reduce(into: [Outcome]()) { $0.append($1) }
    }
    #expect(provider.total == 20)
    #expect(outcomes.count { $0.text == "x" } == 20)
    #expect(outcomes.allSatisfy { $0.error == nil || $0.error?.cause?.kind == .rateLimit })
  }

  @Test func theLineIsBoundedAndFirstComeFirstServed() async throws {
    let gates = (0..<4).map { _ in Gate() }
    let provider = ScriptedProvider(gates.enumerated().map { .held($1, answer("\($0)")) })
    var policy = RoutingPolicy()
    policy.maxQueueLength = 2
    let router = makeRouter(
      [try deployment("d", routing: RoutingParameters(maxParallelRequests: 1))], ["example.com": provider],
      policy: policy)
    var tasks = [Task { await run(router, ask()).text }]
    #expect(await eventually { provider.requests.count == 1 })
    for waiting in 1...2 {
      tasks.append(Task { await run(router, ask()).text })
      #expect(await eventually { router.snapshot().waiting == waiting })
    }
    let refused = await run(router, ask())
    #expect(refused.error?.cause?.kind == .overloaded)
    for gate in gates { gate.open() }
    var texts: [String] = []
    for task in tasks { texts.append(await task.value) }
    #expect(texts == ["0", "1", "2"])
  }

  @Test func cancellingLeavesTheLine() async throws {
    let gate = Gate()
    let provider = ScriptedProvider([.held(gate, answer("0")), answer("1")])
    let router = makeRouter(
      [try deployment("d", routing: RoutingParameters(maxParallelRequests: 1))], ["example.com": provider])
    let first = Task { await run(router, ask()).text }
    #expect(await eventually { provider.requests.count == 1 })
    let second = Task { await run(router, ask()).error?.kind }
    #expect(await eventually { router.snapshot().waiting == 1 })
    second.cancel()
    #expect(await second.value == .cancelled)
    #expect(router.snapshot().waiting == 0)
    gate.open()
    #expect(await first.value == "0")
    #expect(await run(router, ask()).text == "1")
  }

  @Test func lettingGoOfAStreamFreesItsPlace() async throws {
    let provider = ScriptedProvider([.hang([.text("a")]), answer("b")])
    let router = makeRouter(
      [try deployment("d", routing: RoutingParameters(maxParallelRequests: 1))], ["example.com": provider])
    func readOne() async throws {
      for try await _ in router.stream(ask()) { break }
    }
    try await readOne()
    #expect(await eventually { router.snapshot().deployments[0].health.inFlight == 0 })
    #expect(await run(router, ask()).text == "b")
  }

  func hedged(budget: Int64?, second: ScriptedProvider.Script = answer("fast", input: 10, output: 5)) async throws -> (
    Outcome, ScriptedProvider, ScriptedProvider
  ) {
    let clock = VirtualClock()
    var policy = RoutingPolicy()
    policy.hedging = HedgingPolicy()
    let gate = Gate()
    let slow = ScriptedProvider([.held(gate, answer("slow"))])
    let fast = ScriptedProvider([second])
    let router = makeRouter(
      [
        try deployment("g", host: "https://slow.com", price: price(1, 10)),
        try deployment("g", host: "https://fast.com", price: price(2, 20)),
      ], ["slow.com": slow, "fast.com": fast], policy: policy, clock: clock)
    let limit = RequestLimit(maxUSD: budget.map(Money.init(picoUSD:)))
    let task = Task { await run(router, ask("g", output: 100, limit: limit)) }
    #expect(await eventually { slow.requests.count == 1 && clock.sleepers >= 1 })
    clock.advance(by: .seconds(3))
    if budget != nil {
      // No second request may leave; the first answers in the end.
      for _ in 0..<200 { await Task.yield() }
      try await Task.sleep(for: .milliseconds(20))
      gate.open()
    }
    return (await task.value, slow, fast)
  }

  @Test func aSlowFirstTokenIsOvertaken() async throws {
    let (outcome, slow, fast) = try await hedged(budget: nil)
    #expect(outcome.text == "fast")
    #expect((slow.requests.count, fast.requests.count) == (1, 1))
    let report = try #require(outcome.report)
    #expect(report.wasHedged)
    #expect(report.attempts.map(\.isHedge) == [false, true])
    #expect(report.attempts.map(\.wasOvertaken) == [true, false])
    #expect(report.answered == 1)
    #expect(report.deployment?.endpoint.base.host == "fast.com")
    // The loser may have been charged without saying so: it counts in full.
    #expect(report.attempts[0].charged.picoUSD == 10 + 1000)
    #expect(report.attempts[1].charged.picoUSD == 20 + 100)
    #expect(report.cost.picoUSD == 1130)
    #expect(report.isCostEstimated)
  }

  @Test func noSecondRequestWhenTheBudgetDoesNotCoverBoth() async throws {
    // The first reserves 1010; the shortest answer of the second would cost 20 + 16 · 20.
    let (outcome, slow, fast) = try await hedged(budget: 1010 + 339)
    #expect(outcome.text == "slow")
    #expect(slow.requests.count == 1)
    #expect(fast.requests.isEmpty)
    #expect(outcome.report?.wasHedged == false)
  }

  @Test func aHedgeThatFailsLeavesTheFirstAlone() async throws {
    let clock = VirtualClock()
    var policy = RoutingPolicy()
    policy.hedging = HedgingPolicy()
    let gate = Gate()
    let slow = ScriptedProvider([.held(gate, answer("slow"))])
    let fast = ScriptedProvider([.refuse(failure(.server))])
    let router = makeRouter(
      [try deployment("g", host: "https://slow.com"), try deployment("g", host: "https://fast.com")],
      ["slow.com": slow, "fast.com": fast], policy: policy, clock: clock)
    let task = Task { await run(router, ask("g")) }
    #expect(await eventually { slow.requests.count == 1 && clock.sleepers >= 1 })
    clock.advance(by: .seconds(3))
    #expect(await eventually { router.snapshot().deployments[1].health.failed == 1 })
    gate.open()
    let outcome = await task.value
    #expect(outcome.text == "slow")
    #expect(outcome.report?.answered == 0)
    #expect(outcome.report?.deployment?.endpoint.base.host == "slow.com")
  }

  @Test func noTokenInTimeIsATimeout() async throws {
    let clock = VirtualClock()
    let timeouts = RoutingParameters.Timeouts(firstToken: .seconds(7))
    // Bytes may come: what counts is the first token.
    let slow = ScriptedProvider([.held(Gate(), answer("never"))])
    let router = makeRouter(
      [
        try deployment("g", host: "https://slow.com", routing: RoutingParameters(timeouts: timeouts)),
        try deployment("g", host: "https://fast.com"),
      ], ["slow.com": slow, "fast.com": ScriptedProvider([answer("ok")])], clock: clock)
    #expect(router.deployments[0].endpoint.timeouts.firstByte == .seconds(7))
    let task = Task { await run(router, ask("g")) }
    #expect(await eventually { slow.requests.count == 1 && clock.sleepers >= 1 })
    clock.advance(by: .seconds(7))
    let outcome = await task.value
    #expect(outcome.text == "ok")
    #expect(outcome.report?.attempts.first?.error?.kind == .timeout)
    #expect(outcome.report?.attempts.first?.error?.mayBeCharged == true)
  }

  @Test func abrokenAnswerIsContinuedOnlyWhenAllowed() async throws {
    func attempt(_ allowed: Bool) async throws -> (Outcome, ScriptedProvider) {
      let first = ScriptedProvider([
        .answer(
          [.text("one, "), .usage(TokenUsage(input: 10, output: 2, provenance: .estimated))],
          failure(.server, mayBeCharged: true))
      ])
      let second = ScriptedProvider([answer("two", input: 30, output: 1)])
      let router = makeRouter(
        [
          try deployment("a", host: "https://one.com", price: price(1, 1)),
          try deployment("b", host: "https://two.com", price: price(1, 1)),
        ], ["one.com": first, "two.com": second])
      return (await run(router, ask(allowsContinuation: allowed)), second)
    }
    let (kept, untouched) = try await attempt(false)
    #expect(kept.text == "one, ")
    #expect(kept.report?.interruption?.kind == .server)
    #expect(untouched.requests.isEmpty)
    let (outcome, second) = try await attempt(true)
    #expect(outcome.text == "one, two")
    let report = try #require(outcome.report)
    #expect(report.interruption == nil)
    #expect(report.continuations.map(\.offset) == [5])
    #expect(report.continuations.first?.from.name == "a")
    #expect(report.deployment?.name == "b")
    #expect(report.cost.picoUSD == 12 + 31)
    let messages = try #require(second.requests.first?.messages)
    #expect(messages.map(\.role) == [.user, .assistant, .user])
    #expect(messages[1].text == "one, ")
    // The partial answer is input now: the bound grows by its bytes at least.
    #expect((second.requests.first?.estimatedInputTokens ?? 0) >= 15)
  }

  @Test func aContinuationThatFailsKeepsWhatCame() async throws {
    let first = ScriptedProvider([.answer([.text("half")], failure(.truncated, mayBeCharged: true))])
    let second = ScriptedProvider([.refuse(failure(.notFound))])
    let router = makeRouter(
      [try deployment("a", host: "https://one.com"), try deployment("b", host: "https://two.com")],
      ["one.com": first, "two.com": second])
    let outcome = await run(router, ask(allowsContinuation: true))
    #expect(outcome.error == nil)
    #expect(outcome.text == "half")
    #expect(outcome.report?.interruption != nil)
    #expect(outcome.report?.deployment?.name == "a")
  }

  @Test func thoughtsThatBreakOffAreThoughtAgain() async throws {
    let first = ScriptedProvider([
      .answer(
        [.reasoning("hm"), .usage(TokenUsage(input: 10, reasoning: 1, provenance: .estimated))],
        failure(.truncated, mayBeCharged: true)),
      .answer([.reasoning("hm")], failure(.network, mayBeCharged: true)),
    ])
    let second = ScriptedProvider([answer("ok")])
    let router = makeRouter(
      [try deployment("a", host: "https://one.com"), try deployment("b", host: "https://two.com")],
      ["one.com": first, "two.com": second])
    let outcome = await run(router, ask())
    #expect(outcome.error == nil)
    #expect(outcome.text == "ok")
    #expect(first.requests.count == 2)
    #expect(outcome.report?.interruption == nil)
    #expect(outcome.report?.answered == 2)
    #expect(outcome.report?.usage?.output == 5)
  }

  /// Who was to go on with an answer and added nothing to it is not the one that answered.
  @Test func onlyWhoAddsSomethingContinues() async throws {
    let silent = ChatEvent.usage(TokenUsage(input: 9, provenance: .provider))
    let scripts: [ScriptedProvider.Script] = [
      .answer([silent, .finished(.stop)], nil), .answer([.reasoning("hm"), silent], failure(.notFound)),
      .answer([silent], failure(.contentPolicy)),
    ]
    for script in scripts {
      let first = ScriptedProvider([.answer([.text("half")], failure(.truncated, mayBeCharged: true))])
      let router = makeRouter(
        [try deployment("a", host: "https://one.com"), try deployment("b", host: "https://two.com")],
        ["one.com": first, "two.com": ScriptedProvider([script])])
      let outcome = await run(router, ask(allowsContinuation: true))
      #expect(outcome.text == "half")
      let report = try #require(outcome.report)
      #expect(report.attempts.count == 2)
      #expect(report.answered == 0)
      #expect(report.deployment?.name == "a")
      #expect(report.continuations.isEmpty)
      #expect(report.interruption?.kind == .truncated)
      #expect(report.finishReason == nil)
    }
    // The third goes on where the second could not.
    let providers = [
      "one.com": ScriptedProvider([.answer([.text("half")], failure(.truncated, mayBeCharged: true))]),
      "two.com": ScriptedProvider([.answer([.reasoning("hm")], failure(.notFound))]),
      "three.com": ScriptedProvider([answer(" and half")]),
    ]
    let router = makeRouter(
      try ["one", "two", "three"].map { try deployment($0, host: "https://\($0).com") }, providers)
    let report = try #require(await run(router, ask(allowsContinuation: true)).report)
    #expect(report.continuations.map(\.from.name) == ["one"])
    #expect(report.answered == 2)
    #expect(report.interruption == nil)
  }

  @Test func cancellingBeforeTheFirstTokenCountsTheCost() async throws {
    let provider = ScriptedProvider([.held(Gate(), answer("never"))])
    let router = makeRouter([try deployment("d", price: price(10, 40))], ["example.com": provider])
    let task = Task { await run(router, ask(output: 100)) }
    #expect(await eventually { provider.requests.count == 1 })
    task.cancel()
    let outcome = await task.value
    #expect(outcome.error?.kind == .cancelled)
    #expect(outcome.error?.report.cost.picoUSD == 4100)
    #expect(router.snapshot().deployments[0].health.inFlight == 0)
  }
}
