import Foundation
import Ledger
import Testing

struct PriceTests {
  struct NoPrice: Error {}

  let catalogue = PriceCatalogue.embedded

  func price(_ provider: String, _ name: String) throws -> ModelPrice {
    let model = try #require(catalogue.model(provider: provider, name: name))
    guard case .known(let price) = model.price else { throw NoPrice() }
    return price
  }

  @Test func readsTheWholeCatalogue() {
    #expect(catalogue.count == 1581)
    #expect(catalogue.models(provider: "openai").count == 129)
    #expect(catalogue.models(provider: "nobody").isEmpty)
  }

  @Test func costsByHand() throws {
    // gpt-4o-mini: 0.15, 0.60 and 0.075 USD a million.
    let mini = try price("openai", "gpt-4o-mini")
    let usage = TokenUsage(input: 1000, cacheRead: 2000, output: 500, reasoning: 0, provenance: .provider)
    // 1000·150000 + 2000·75000 + 500·600000
    #expect(try mini.cost(of: usage).picoUSD == 600_000_000)
    #expect(try mini.cost(of: usage).description == "$0.0006")
  }

  @Test func whatTheProviderSaysItCostIsTheTruth() throws {
    let rates = ModelPrice.Rates(input: Money(picoUSD: 1), output: Money(picoUSD: 1))
    var usage = TokenUsage(input: 10, output: 10, provenance: .provider)
    #expect(try Price.unknown.cost(of: usage) == nil)
    usage.reportedCost = Money(picoUSD: 7)
    #expect(try Price.known(ModelPrice(base: rates)).cost(of: usage) == Money(picoUSD: 7))
    #expect(try Price.unknown.cost(of: usage) == Money(picoUSD: 7))
    // The user's word that it is free stands.
    #expect(try Price.free.cost(of: usage) == .zero)
    usage.reportedCost = .zero
    #expect(try Price.known(ModelPrice(base: rates)).cost(of: usage) == Money(picoUSD: 20))
    #expect(try Price.unknown.cost(of: usage) == nil)
  }

  @Test func reportedCostsAddUpWhenAllAreKnown() throws {
    func usage(_ tokens: Int, _ cost: Int64?) -> TokenUsage {
      TokenUsage(input: tokens, provenance: .provider, reportedCost: cost.map(Money.init(picoUSD:)))
    }
    #expect(usage(1, 2).adding(usage(1, 3)).reportedCost == Money(picoUSD: 5))
    #expect(usage(1, 2).adding(usage(1, nil)).reportedCost == nil)
    #expect(usage(1, nil).adding(usage(1, 2)).reportedCost == nil)
    #expect(usage(0, nil).adding(usage(1, 2)).reportedCost == Money(picoUSD: 2))
    #expect(usage(1, 2).adding(usage(0, nil)).reportedCost == Money(picoUSD: 2))
    #expect(usage(1, .max).adding(usage(1, 1)).reportedCost == nil)
    let decoded = try JSONDecoder().decode(
      TokenUsage.self, from: JSONEncoder().encode(usage(1, 2)))
    #expect(decoded == usage(1, 2))
    // Records from before it was kept.
    let old =
      #"{"input":1,"cacheRead":0,"cacheWrite5m":0,"cacheWrite1h":0,"output":0,"reasoning":0,"provenance":"provider","isSuspect":false}"#
    #expect(try JSONDecoder().decode(TokenUsage.self, from: Data(old.utf8)) == usage(1, nil))
  }

  @Test func everyBucketHasItsRate() throws {
    let rates = ModelPrice.Rates(
      input: Money(picoUSD: 1), output: Money(picoUSD: 10), cacheRead: Money(picoUSD: 100),
      cacheWrite5m: Money(picoUSD: 1000), cacheWrite1h: Money(picoUSD: 10_000), reasoning: Money(picoUSD: 100_000))
    let usage = TokenUsage(
      input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 6, provenance: .provider)
    #expect(try ModelPrice(base: rates).cost(of: usage).picoUSD == 1 + 200 + 3000 + 40_000 + 50 + 600_000)
    // What is unknown costs what stands nearest, never nothing.
    let plain = ModelPrice(base: ModelPrice.Rates(input: Money(picoUSD: 1), output: Money(picoUSD: 10)))
    #expect(try plain.cost(of: usage).picoUSD == 1 + 2 + 3 + 4 + 50 + 60)
  }

  @Test func aTierReplacesTheRatesOfTheWholeRequest() throws {
    // gpt-5.4: 2.5 / 15 USD a million, above 272000 tokens 5 / 22.5.
    let price = try price("openai", "gpt-5.4")
    #expect(
      try price.cost(of: TokenUsage(input: 272_000, output: 1, provenance: .provider)).picoUSD
        == 272_000 * 2_500_000 + 15_000_000)
    #expect(
      try price.cost(of: TokenUsage(input: 272_000, cacheRead: 1, output: 1, provenance: .provider)).picoUSD
        == 272_000 * 5_000_000 + 500_000 + 22_500_000)
    // xAI counts the bound itself in.
    let grok = try self.price("xai", "grok-4.20")
    #expect(
      try grok.cost(of: TokenUsage(input: 200_000, provenance: .provider)).picoUSD == 200_000 * 2_500_000)
  }

  @Test func noUsageCostsMoreThanTheMaximum() throws {
    var seed: UInt64 = 88_172_645_463_325_252
    func random(_ bound: Int) -> Int {
      seed ^= seed << 13
      seed ^= seed >> 7
      seed ^= seed << 17
      return Int(seed % UInt64(bound))
    }
    let prices = catalogue.models(provider: "openai").compactMap { model -> ModelPrice? in
      guard case .known(let price) = model.price else { return nil }
      return price
    }
    for price in prices {
      for _ in 0..<50 {
        let usage = TokenUsage(
          input: random(200_000), cacheRead: random(100_000), cacheWrite5m: random(100_000), output: random(10_000),
          reasoning: random(10_000), provenance: .provider)
        let bound = usage.totalInput + random(1000)
        #expect(try price.cost(of: usage) <= price.maximumCost(input: bound, output: usage.totalOutput))
      }
    }
  }

  @Test func findsOtherSpellings() throws {
    #expect(catalogue.model(provider: "openai", name: "gpt-6.1-terra-2026-10-01")?.name == "gpt-6.1-terra")
    #expect(
      catalogue.model(provider: "openai", name: "ft:gpt-4o-mini-2024-07-18:acme::x1")?.name
        == "ft:gpt-4o-mini-2024-07-18")
    #expect(catalogue.model(provider: "xai", name: "grok-4.20")?.name == "xai/grok-4.20")
    #expect(catalogue.model(provider: "openai", name: "gpt-99") == nil)
    #expect(catalogue.model(provider: "openai", name: "gpt-4o-mini-unheard-of-12-34") == nil)
  }

  @Test func unknownIsNotFree() throws {
    let usage = TokenUsage(input: 1, provenance: .provider)
    #expect(try Price.unknown.cost(of: usage) == nil)
    #expect(try Price.unknown.maximumCost(input: 1, output: 1) == nil)
    #expect(try Price.free.cost(of: usage) == .zero)
    #expect(catalogue.model(provider: "openai", name: "openai/container")?.price == .unknown)
    #expect(catalogue.model(provider: "fireworks_ai", name: "fireworks-ai-default")?.price == .unknown)
    #expect(catalogue.model(provider: "ollama", name: "codellama")?.price == .free)
  }

  @Test func knowsLimitsAndAbilities() throws {
    let model = try #require(catalogue.model(provider: "openai", name: "gpt-5-pro"))
    #expect(model.mode == .responses)
    #expect(!model.streamsChat)
    #expect(model.contextTokens == 400_000)
    #expect(model.maxOutputTokens == 272_000)
    #expect(model.flags.contains("think"))
    #expect(model.deprecationDate == "2026-12-11")
    #expect(catalogue.model(provider: "openai", name: "gpt-4o-mini")?.streamsChat == true)
  }

  @Test func refusesNonsense() {
    #expect(throws: (any Error).self) { try PriceCatalogue(json: Array("{".utf8)) }
  }
}

struct TokenUsageTests {
  @Test func negativeCountsAreSuspect() {
    let usage = TokenUsage(input: -5, output: 3, provenance: .provider)
    #expect(usage.input == 0)
    #expect(usage.isSuspect)
    #expect(usage.total == 3)
  }

  @Test func sums() {
    let one = TokenUsage(
      input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 6, provenance: .provider)
    #expect(one.totalInput == 10)
    #expect(one.totalOutput == 11)
    let both = one.adding(TokenUsage(input: 1, provenance: .estimated))
    #expect(both.input == 2)
    #expect(both.provenance == .estimated)
  }

  @Test func countsAddUpWithoutEndingTheProcess() {
    let most = TokenUsage(
      input: .max, cacheRead: .max, cacheWrite5m: .max, cacheWrite1h: .max, output: .max, reasoning: .max,
      provenance: .provider)
    #expect(most.total == .max)
    #expect(most.adding(most).totalOutput == .max)
    #expect(throws: Money.Overflow.self) {
      try ModelPrice(base: ModelPrice.Rates(input: Money(picoUSD: 2), output: .zero)).cost(of: most)
    }
  }
}
