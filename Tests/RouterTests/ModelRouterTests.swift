import HTTPTransport
import Ledger
import Providers
import Testing

@testable import Router

struct ModelRouterTests {
  @Test func answersAndReports() async throws {
    let provider = ScriptedProvider([answer("hello", input: 10, output: 5)])
    let router = makeRouter([try deployment("d", price: price(10, 40))], ["example.com": provider])
    let outcome = await run(router, ask(output: 100, limit: RequestLimit(maxUSD: Money(picoUSD: 1_000_000))))
    #expect(outcome.error == nil)
    #expect(outcome.text == "hello")
    let report = try #require(outcome.report)
    #expect(report.deployment?.name == "d")
    #expect(report.cost.picoUSD == 10 * 10 + 5 * 40)
    #expect(!report.isCostEstimated)
    #expect(report.reserved.picoUSD == 10 * 10 + 100 * 40)
    #expect(report.finishReason == .stop)
    #expect(report.usage?.output == 5)
    #expect(provider.requests.first?.maxOutputTokens == 100)
  }

  @Test func choosesByName() throws {
    let all = [
      try deployment("a", model: "m1"), try deployment("b", model: "m2"), try deployment("a", model: "m3"),
    ]
    let router = makeRouter(all, defaultModel: "b", [:])
    #expect(router.deployments(for: "a").map(\.model) == ["m1", "m3"])
    #expect(router.deployments(for: "m2").map(\.name) == ["b"])
    #expect(router.deployments(for: nil).map(\.name) == ["b"])
    #expect(router.deployments(for: "x").isEmpty)
    #expect(makeRouter(all, [:]).deployments(for: nil).count == 3)
  }

  @Test func fallsBackToTheNext() async throws {
    let first = ScriptedProvider([.refuse(failure(.authentication))])
    let second = ScriptedProvider([answer("two")])
    let router = makeRouter(
      [try deployment("a", host: "https://one.com"), try deployment("b", host: "https://two.com")],
      ["one.com": first, "two.com": second])
    let outcome = await run(router, ask())
    #expect(outcome.text == "two")
    #expect(outcome.report?.attempts.count == 2)
    #expect(outcome.report?.attempts.first?.error?.kind == .authentication)
    #expect(outcome.report?.deployment?.name == "b")
  }

  @Test(arguments: [("rpm", true), ("tpm", false)]) func aLimitOfNothingLetsNothingThrough(
    _: String, _ ofRequests: Bool
  )
    async throws
  {
    var closed = try deployment("closed", host: "https://a.example.com")
    if ofRequests { closed.routing.rpm = 0 } else { closed.routing.tpm = 0 }
    let provider = ScriptedProvider([answer("no")])
    let router = makeRouter([closed], ["a.example.com": provider])
    let outcome = await run(router, ask())
    #expect(outcome.text.isEmpty)
    #expect(provider.requests.isEmpty)
  }

  @Test func waitsAsAdvised() async throws {
    let provider = ScriptedProvider([
      .refuse(failure(.rateLimit, retryAfter: .seconds(3))), .refuse(failure(.overloaded)), answer("ok"),
    ])
    let waits = Mutexed<[Duration]>([])
    let router = makeRouter([try deployment("d")], ["example.com": provider], waits: waits)
    #expect(await run(router, ask()).text == "ok")
    #expect(waits.value.count == 2)
    // The first wait is the advice, less the time that has passed since.
    #expect(waits.value[0] > .milliseconds(2500) && waits.value[0] <= .seconds(3))
  }

  @Test func neverRetriesBilling() async throws {
    let provider = ScriptedProvider([.refuse(failure(.billing)), answer("no")])
    let router = makeRouter([try deployment("d"), try deployment("d")], ["example.com": provider])
    let outcome = await run(router, ask())
    #expect(outcome.error?.kind == .provider)
    #expect(outcome.error?.cause?.kind == .billing)
    #expect(outcome.error?.hint != nil)
    #expect(provider.requests.count == 1)
  }

  @Test func doesNotSwitchAfterTheFirstDelta() async throws {
    let first = ScriptedProvider([
      .answer(
        [.text("half"), .usage(TokenUsage(input: 10, output: 1, provenance: .estimated))],
        failure(.truncated, mayBeCharged: true))
    ])
    let second = ScriptedProvider([answer("whole")])
    let router = makeRouter(
      [try deployment("a", host: "https://one.com", price: price(1, 2)), try deployment("b", host: "https://two.com")],
      ["one.com": first, "two.com": second])
    let outcome = await run(router, ask())
    #expect(outcome.error == nil)
    #expect(outcome.text == "half")
    #expect(outcome.report?.interruption?.kind == .truncated)
    #expect(outcome.report?.finishReason == nil)
    #expect(outcome.report?.cost.picoUSD == 12)
    #expect(outcome.report?.isCostEstimated == true)
    #expect(second.requests.isEmpty)
  }

  @Test func anAttemptThatMayHaveBeenChargedCountsInFull() async throws {
    let provider = ScriptedProvider([
      .refuse(failure(.timeout, mayBeCharged: true)), answer("ok", input: 10, output: 5),
    ])
    let router = makeRouter([try deployment("d", price: price(10, 40))], ["example.com": provider])
    // 10·10 + 100·40 = 4100 for the first; what is left affords 21 tokens: (5040 − 4100 − 100) / 40.
    let outcome = await run(router, ask(output: 100, limit: RequestLimit(maxUSD: Money(picoUSD: 5040))))
    #expect(outcome.text == "ok")
    #expect(provider.requests.map(\.maxOutputTokens) == [100, 21])
    #expect(outcome.report?.cost.picoUSD == 4400)
    #expect(outcome.report?.isCostEstimated == true)
  }

  @Test func nothingIsSentThatCannotBePaid() async throws {
    let provider = ScriptedProvider([answer("no")])
    let router = makeRouter([try deployment("d", price: price(10, 40))], ["example.com": provider])
    let outcome = await run(router, ask(limit: RequestLimit(maxUSD: Money(picoUSD: 100))))
    #expect(outcome.error?.kind == .budget)
    #expect(outcome.error?.hint != nil)
    #expect(provider.requests.isEmpty)
  }

  @Test func aPriceNobodyKnowsIsRefusedAndTheNextOneTried() async throws {
    let unknown = try deployment("a", host: "https://one.com", price: nil)
    let alone = await run(makeRouter([unknown], [:]), ask())
    #expect(alone.error?.kind == .unknownPrice)
    #expect(alone.error?.hint?.contains("input_cost_per_token") == true)
    let router = makeRouter(
      [unknown, try deployment("b", host: "http://127.0.0.1:1", price: nil)],
      ["127.0.0.1": ScriptedProvider([answer("free")])])
    let outcome = await run(router, ask())
    #expect(outcome.text == "free")
    #expect(outcome.report?.cost == .zero)
    #expect(router.plan(ask())?.deployment.name == "b")
  }

  @Test func saysWhichModelsThereAre() async throws {
    let outcome = await run(makeRouter([try deployment("d")], [:]), ask("x"))
    #expect(outcome.error?.kind == .noModel)
    #expect(outcome.error?.hint == "there are: d")
    #expect(await run(makeRouter([], [:]), ask()).error?.kind == .noModel)
  }

  @Test func cancellingThrowsWithTheCost() async throws {
    let (seen, signal) = AsyncStream<Void>.makeStream()
    let provider = ScriptedProvider([.hang([.text("a")])])
    let router = makeRouter([try deployment("d", price: price(10, 40))], ["example.com": provider])
    let task = Task { () -> RouteError? in
      do throws(RouteError) {
        for try await _ in router.stream(ask(output: 100)) { signal.yield() }
        return nil
      } catch { return error }
    }
    for await _ in seen { break }
    task.cancel()
    let error = await task.value
    #expect(error?.kind == .cancelled)
    #expect(error?.report.cost.picoUSD == 4100)
  }

  @Test func deltasOfEveryKindPass() async throws {
    let provider = ScriptedProvider([
      .answer(
        [
          .reasoning("r"), .refusal("no"), .toolCall(ToolCall(id: "i", name: "n", arguments: "{}")),
          .usage(TokenUsage(provenance: .provider)), .finished(.contentFilter),
        ], nil)
    ])
    var kinds: [String] = []
    for try await event in makeRouter([try deployment("d")], ["example.com": provider]).stream(ask()) {
      switch event {
      case .text: kinds.append("text")
      case .reasoning: kinds.append("reasoning")
      case .refusal: kinds.append("refusal")
      case .toolCall: kinds.append("call")
      case .finished(let report): kinds.append("\(report.finishReason == .contentFilter)")
      }
    }
    #expect(kinds == ["reasoning", "refusal", "call", "true"])
  }
}
