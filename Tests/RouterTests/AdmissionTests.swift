import Ledger
import Testing

@testable import Router

struct AdmissionTests {
  func decide(
    _ price: Price, input: Int = 100, wanted: Int = 1000, minimum: Int = 16, usd: Int64? = nil, tokens: Int? = nil,
    context: Int? = nil
  ) throws -> Admission {
    .decide(
      try deployment("d", price: price, context: context), input: InputSize(likely: input, most: input), wanted: wanted,
      minimum: minimum,
      left: RequestLimit(maxUSD: usd.map(Money.init(picoUSD:)), maxTokens: tokens))
  }

  @Test func clampsToWhatTheBudgetAffords() throws {
    // 100 tokens in at 10 take 1000 of 3000; what is left buys 50 tokens out at 40.
    #expect(
      try decide(price(10, 40), usd: 3000) == .admitted(maxOutputTokens: 50, reserved: Money(picoUSD: 3000)))
    #expect(
      try decide(price(10, 40), usd: 3039) == .admitted(maxOutputTokens: 50, reserved: Money(picoUSD: 3000)))
    #expect(
      try decide(price(10, 40)) == .admitted(maxOutputTokens: 1000, reserved: Money(picoUSD: 41_000)))
  }

  @Test func refusesWhatCannotBeAfforded() throws {
    #expect(
      try decide(price(10, 40), usd: 1639)
        == .refused(.tooExpensive(needed: Money(picoUSD: 1640), left: Money(picoUSD: 1639))))
    #expect(try decide(price(10, 40), usd: 1640) == .admitted(maxOutputTokens: 16, reserved: Money(picoUSD: 1640)))
    guard case .refused(.tooExpensive) = try decide(price(.max, 1)) else { return #expect(Bool(false)) }
  }

  @Test func refusesAnUnknownPriceWhateverTheLimit() throws {
    let unknown = try deployment("d", price: nil)
    #expect(unknown.price == .unknown)
    #expect(
      Admission.decide(unknown, input: InputSize(likely: 1, most: 1), wanted: 1, minimum: 1, left: RequestLimit())
        == .refused(.unknownPrice))
  }

  @Test func clampsToTokensAndContext() throws {
    #expect(try decide(.free, tokens: 150) == .admitted(maxOutputTokens: 50, reserved: .zero))
    #expect(try decide(.free, tokens: 110) == .refused(.tooManyTokens(input: 100, left: 110)))
    #expect(try decide(.free, tokens: -5) == .refused(.tooManyTokens(input: 100, left: 0)))
    #expect(try decide(.free, context: 164) == .admitted(maxOutputTokens: 64, reserved: .zero))
    #expect(try decide(.free, context: 100) == .refused(.contextTooSmall(input: 100, context: 100)))
    // Who asks for few gets few.
    #expect(try decide(.free, wanted: 4) == .admitted(maxOutputTokens: 4, reserved: .zero))
  }

  @Test func pricesComeFromTheRightPlace() throws {
    let local = try deployment("d", host: "http://127.0.0.1:1", model: "gpt-4o", price: nil)
    #expect(local.isFree)
    #expect(local.priceSource == .local)
    let configured = try deployment("d", host: "http://127.0.0.1:1", price: price(1, 1))
    #expect(configured.priceSource == .configuration)
    #expect(!configured.isFree)
  }

  @Test func noAdmissionLetsALimitBeExceeded() throws {
    var seed: UInt64 = 99
    func random(_ bound: Int) -> Int {
      seed ^= seed << 13
      seed ^= seed >> 7
      seed ^= seed << 17
      return Int(seed % UInt64(bound))
    }
    for _ in 0..<5000 {
      let rates = price(Int64(random(1000)), Int64(random(5000)))
      let (input, wanted, usd, tokens) = (random(5000), 1 + random(3000), Int64(random(5_000_000)), random(8000))
      guard
        case .admitted(let output, let reserved) = try decide(
          rates, input: input, wanted: wanted, usd: usd, tokens: tokens)
      else { continue }
      let cost = try #require(
        try rates.cost(of: TokenUsage(input: input, output: output, provenance: .provider)))
      #expect(cost <= reserved)
      #expect(reserved.picoUSD <= usd)
      #expect(input + output <= tokens)
      #expect(output <= wanted)
    }
  }
}
