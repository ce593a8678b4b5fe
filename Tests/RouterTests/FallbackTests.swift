import HTTPTransport
import Ledger
import Providers
import SeededInput
import Testing

@testable import Router

/// Groups, fallbacks, tags and limits through the whole router.
struct FallbackTests {
  func hosts(_ scripts: [String: [ScriptedProvider.Script]]) -> [String: ScriptedProvider] {
    Dictionary(uniqueKeysWithValues: scripts.map { ("\($0.key).com", ScriptedProvider($0.value)) })
  }

  func one(
    _ name: String, _ group: String? = nil, _ routing: RoutingParameters = RoutingParameters(), context: Int? = nil,
    price: Price? = .free
  ) throws -> Deployment {
    try deployment(group ?? name, host: "https://\(name).com", price: price, context: context, routing: routing)
  }

  @Test func circlesOfFallbacksEndWithTheLastError() async throws {
    var policy = RoutingPolicy()
    policy.fallbacks = ["a": ["b"], "b": ["a", "c"], "c": ["b", "a"]]
    let providers = hosts([
      "a": [.refuse(failure(.notFound))], "b": [.refuse(failure(.notFound))], "c": [.refuse(failure(.permission))],
    ])
    let router = makeRouter([try one("a"), try one("b"), try one("c")], providers, policy: policy)
    let outcome = await run(router, ask("a"))
    #expect(outcome.error?.cause?.kind == .permission)
    #expect(outcome.error?.report.attempts.map(\.deployment.name) == ["a", "b", "c"])
    #expect(outcome.error?.report.fallbacks.map(\.to) == ["b", "c"])
    for provider in providers.values { #expect(provider.requests.count == 1) }
  }

  @Test func aliasesLeadToTheirGroup() async throws {
    var policy = RoutingPolicy()
    policy.aliases = ["gpt": "a"]
    let router = makeRouter([try one("a")], hosts(["a": [answer("ok")]]), policy: policy)
    #expect(router.deployments(for: "gpt").count == 1)
    #expect(await run(router, ask("gpt")).text == "ok")
  }

  @Test func aLongQuestionGoesToTheContextFallbackAtOnce() async throws {
    var policy = RoutingPolicy()
    policy.contextWindowFallbacks = ["a": ["b"]]
    let providers = hosts(["a": [answer("no")], "b": [answer("ok")]])
    let router = makeRouter([try one("a", context: 100), try one("b", context: 10_000)], providers, policy: policy)
    let outcome = await run(router, ask("a", input: 5000))
    #expect(outcome.text == "ok")
    #expect(providers["a.com"]?.requests.isEmpty == true)
    #expect(outcome.report?.fallbacks == [RouteReport.Fallback(from: "a", to: "b", cause: .context)])
    #expect(outcome.report?.skipped.map(\.reason.label) == ["context"])
  }

  @Test func aFilterIsFollowedOnlyByWhatIsConfiguredForIt() async throws {
    let filtered = ScriptedProvider.Script.answer(
      [.usage(TokenUsage(input: 10, output: 0, provenance: .provider)), .finished(.contentFilter)], nil)
    var policy = RoutingPolicy()
    policy.fallbacks = ["a": ["b"]]
    var router = makeRouter(
      [try one("a"), try one("b")], hosts(["a": [.refuse(failure(.contentPolicy))], "b": [answer("b")]]),
      policy: policy)
    #expect(await run(router, ask("a")).error?.cause?.kind == .contentPolicy)
    policy.contentPolicyFallbacks = ["a": ["b"]]
    for script in [filtered, .refuse(failure(.contentPolicy))] {
      router = makeRouter([try one("a"), try one("b")], hosts(["a": [script], "b": [answer("b")]]), policy: policy)
      let outcome = await run(router, ask("a"))
      #expect(outcome.text == "b")
      #expect(outcome.report?.fallbacks.first?.cause == .contentPolicy)
    }
    // Without such a fallback the refusal is the answer.
    router = makeRouter([try one("a")], hosts(["a": [filtered]]))
    #expect(await run(router, ask("a")).report?.finishReason == .contentFilter)
  }

  @Test func tagsChooseAmongDeployments() async throws {
    let all = [
      try one("a", "g", .init(tags: ["paid"])), try one("b", "g", .init(tags: ["free", "eu"])),
      try one("c", "g", .init(tags: ["default"])), try one("d", "g"),
    ]
    func answering(_ tags: [String], _ change: (inout RoutingPolicy) -> Void = { _ in }) async -> String? {
      var policy = RoutingPolicy()
      change(&policy)
      let scripts = hosts(["a": [answer("a")], "b": [answer("b")], "c": [answer("c")], "d": [answer("d")]])
      return await run(makeRouter(all, scripts, policy: policy), ask("g", tags: tags)).text
    }
    #expect(await answering(["eu", "x"]) == "b")
    #expect(await answering(["eu", "x"]) { $0.needsAllTags = true } == "c")
    #expect(await answering(["unheard"]) == "c")
    #expect(await answering([]) == "a")
    #expect(await answering([]) { $0.filtersByTag = true } == "c")
    let router = makeRouter([all[0]], [:])
    let outcome = await run(router, ask("g", tags: ["none"]))
    #expect(outcome.error?.kind == .noModel)
    #expect(outcome.error?.report.skipped.map(\.reason) == [.tags])
  }

  @Test func cooledDeploymentsAreSkippedThenProbed() async throws {
    let clock = VirtualClock()
    let providers = hosts([
      "a": [.refuse(failure(.notFound)), answer("a again")], "b": (0..<5).map { answer("b\($0)") },
    ])
    let events = Mutexed<[RouteEvent]>([])
    let router = makeRouter(
      [try one("a", "g"), try one("b", "g")], providers, clock: clock,
      observer: { event in events.change { $0.append(event) } })
    #expect(await run(router, ask("g")).text == "b0")
    #expect(await run(router, ask("g")).text == "b1")
    #expect(providers["a.com"]?.requests.count == 1)
    let snapshot = router.snapshot()
    #expect(snapshot.deployments[0].health.state == .coolingDown(remaining: .seconds(60), .notFound))
    #expect(snapshot.deployments[1].health.answered == 2)
    #expect(router.plan(ask("g"))?.deployment.endpoint.base.host == "b.com")
    clock.advance(by: .seconds(60))
    #expect(await run(router, ask("g")).text == "a again")
    #expect(router.snapshot().deployments[0].health.state == .healthy)
    #expect(
      events.value.contains {
        if case .recovered = $0.kind { true } else { false }
      })
  }

  @Test func aLimitReachedHereIsWaitedForOrGoneAround() async throws {
    let clock = VirtualClock()
    let providers = hosts(["a": [answer("1"), answer("2")], "b": [answer("b")]])
    let router = makeRouter([try one("a", nil, .init(rpm: 1)), try one("b")], providers, clock: clock)
    #expect(await run(router, ask("a")).text == "1")
    let refused = await run(router, ask("a"))
    #expect(refused.error?.cause?.kind == .rateLimit)
    #expect(refused.error?.cause?.retryAfter.map { $0 > .seconds(30) } == true)
    #expect(providers["a.com"]?.requests.count == 1)
    // Without a name everything may answer.
    #expect(await run(router, ask()).text == "b")
    clock.advance(by: .seconds(61))
    #expect(await run(router, ask("a")).text == "2")
  }

  @Test func closedAccountsAnswerWithTheirError() async throws {
    let providers = hosts(["a": [.refuse(failure(.billing)), answer("no")]])
    let router = makeRouter([try one("a")], providers)
    _ = await run(router, ask("a"))
    let outcome = await run(router, ask("a"))
    #expect(outcome.error?.cause?.kind == .billing)
    #expect(providers["a.com"]?.requests.count == 1)
  }

  @Test func closedAccountsAreNotAskedAgainWithoutCooldowns() async throws {
    var policy = RoutingPolicy()
    policy.cooldown.isEnabled = false
    policy.fallbacks = ["a": ["b"]]
    let provider = ScriptedProvider([.refuse(failure(.billing)), answer("no")])
    let router = makeRouter(
      [try deployment("a"), try deployment("b")], ["example.com": provider], policy: policy)
    #expect(await run(router, ask("a")).error?.cause?.kind == .billing)
    #expect(provider.requests.count == 1)
  }

  /// While a deployment works, no request is lost, whatever the others do.
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func noRequestIsLostWhileADeploymentWorks(seed: UInt64) async throws
  {
    var random = SeededGenerator(seed: seed)
    let clock = VirtualClock()
    let count = Int.random(in: 2...6, using: &random)
    let healthy = Int.random(in: 0..<count, using: &random)
    var deployments: [Deployment] = []
    var providers: [String: ScriptedProvider] = [:]
    let kinds = ProviderError.Kind.allCases.filter {
      ![.badRequest, .contentPolicy, .cancelled, .context].contains($0)
    }
    let requests = 200
    for index in 0..<count {
      let routing = RoutingParameters(
        weight: Bool.random(using: &random) ? Double.random(in: 0...5, using: &random) : nil,
        order: Int.random(in: 0...2, using: &random))
      deployments.append(
        try deployment("g", host: "https://h\(index).com", key: "k\(index)", price: price(1, 1), routing: routing))
      let scripts = (0..<2000).map { _ -> ScriptedProvider.Script in
        if index == healthy || Int.random(in: 0..<4, using: &random) == 0 { return answer("ok") }
        let advice: Duration? =
          Bool.random(using: &random) ? .milliseconds(Int.random(in: 0...90_000, using: &random)) : nil
        let error = failure(
          kinds.randomElement(using: &random) ?? .server, retryAfter: advice,
          mayBeCharged: Bool.random(using: &random))
        return Bool.random(using: &random) ? .refuse(error) : .answer([], error)
      }
      providers["h\(index).com"] = ScriptedProvider(scripts)
    }
    var policy = RoutingPolicy()
    policy.strategy = RoutingStrategy.allCases.randomElement(using: &random)
    let numbers = Mutexed(SeededGenerator(seed: seed &+ 99))
    let router = makeRouter(deployments, providers, policy: policy, clock: clock) {
      var number = 0.0
      numbers.change { number = Double.random(in: 0..<1, using: &$0) }
      return number
    }
    for _ in 0..<requests {
      let outcome = await run(router, ask("g", output: 10))
      #expect(outcome.text == "ok")
      #expect(outcome.report?.attempts.allSatisfy { $0.charged <= $0.reserved } == true)
      clock.advance(by: .milliseconds(Int.random(in: 0...5000, using: &random)))
    }
    #expect(router.snapshot().deployments.allSatisfy { $0.health.inFlight == 0 })
  }

  /// The same when requests come to a group of two by weights: all are answered, and the shares are as written.
  @Test func tenThousandRequestsThroughTheRouter() async throws {
    let numbers = Mutexed(SeededGenerator(seed: 5))
    let clock = VirtualClock()
    let providers = hosts([
      "a": (0..<10_000).map { _ in answer("a") }, "b": (0..<10_000).map { _ in answer("b") },
    ])
    let router = makeRouter(
      [try one("a", "g", .init(weight: 3)), try one("b", "g", .init(weight: 1))], providers, clock: clock
    ) {
      var number = 0.0
      numbers.change { number = Double.random(in: 0..<1, using: &$0) }
      return number
    }
    for _ in 0..<10_000 { _ = await run(router, ask("g")) }
    let first = try #require(providers["a.com"]).requests.count
    let second = try #require(providers["b.com"]).requests.count
    #expect(first + second == 10_000)
    // 4.4 standard deviations around 7500.
    #expect(abs(first - 7500) < 190)
  }
}
