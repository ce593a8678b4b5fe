/// What the tokens of a model cost.
public struct ModelPrice: Sendable, Hashable {
  /// Prices of one token. What is `nil` costs what its fallback costs.
  public struct Rates: Sendable, Hashable {
    /// Uncached input.
    public var input: Money
    /// Output.
    public var output: Money
    /// Input read from the cache; as `input` when unknown.
    public var cacheRead: Money?
    /// Input written to the cache; as `input` when unknown.
    public var cacheWrite5m: Money?
    /// Input written to the cache for an hour; as the other write when unknown.
    public var cacheWrite1h: Money?
    /// Reasoning; as `output` when unknown.
    public var reasoning: Money?

    /// Makes rates.
    public init(
      input: Money, output: Money, cacheRead: Money? = nil, cacheWrite5m: Money? = nil, cacheWrite1h: Money? = nil,
      reasoning: Money? = nil
    ) {
      self.input = input
      self.output = output
      self.cacheRead = cacheRead
      self.cacheWrite5m = cacheWrite5m
      self.cacheWrite1h = cacheWrite1h
      self.reasoning = reasoning
    }

    /// The most an input token can cost, were all of it written to the cache.
    public var dearestInput: Money { max(input, cacheWrite5m ?? input, cacheWrite1h ?? input, cacheRead ?? input) }
    /// The most an output token can cost.
    public var dearestOutput: Money { max(output, reasoning ?? output) }
  }

  /// Rates that replace the base rates for the whole of a request with long input.
  public struct Tier: Sendable, Hashable {
    /// The tier begins above this much input.
    public var above: Int
    /// Whether input of exactly `above` tokens belongs to it.
    public var includesBound: Bool
    /// The rates.
    public var rates: Rates

    /// Makes a tier.
    public init(above: Int, includesBound: Bool = false, rates: Rates) {
      self.above = above
      self.includesBound = includesBound
      self.rates = rates
    }
  }

  /// The rates below every tier.
  public var base: Rates
  /// In ascending order of `above`.
  public var tiers: [Tier]

  /// Makes a price.
  public init(base: Rates, tiers: [Tier] = []) {
    self.base = base
    self.tiers = tiers.sorted { $0.above < $1.above }
  }

  /// The rates for a request with `input` tokens of input, cached ones included.
  public func rates(forInput input: Int) -> Rates {
    tiers.last { input > $0.above || ($0.includesBound && input == $0.above) }?.rates ?? base
  }

  /// What `usage` costs, exactly.
  public func cost(of usage: TokenUsage) throws(Money.Overflow) -> Money {
    let rates = rates(forInput: usage.totalInput)
    let write5m = rates.cacheWrite5m ?? rates.input
    var sum = try rates.input.multiplied(by: usage.input)
    sum = try sum.adding(try (rates.cacheRead ?? rates.input).multiplied(by: usage.cacheRead))
    sum = try sum.adding(try write5m.multiplied(by: usage.cacheWrite5m))
    sum = try sum.adding(try (rates.cacheWrite1h ?? write5m).multiplied(by: usage.cacheWrite1h))
    sum = try sum.adding(try rates.output.multiplied(by: usage.output))
    return try sum.adding(try (rates.reasoning ?? rates.output).multiplied(by: usage.reasoning))
  }

  /// The rates to reserve with: for up to `input` tokens, no request costs more a token.
  public func dearestRates(upToInput input: Int) -> (input: Money, output: Money) {
    let reachable = [base] + tiers.filter { input > $0.above || ($0.includesBound && input == $0.above) }.map(\.rates)
    return (
      reachable.map(\.dearestInput).max() ?? base.dearestInput,
      reachable.map(\.dearestOutput).max() ?? base.dearestOutput
    )
  }

  /// The most that `input` tokens in and `output` tokens out can cost.
  public func maximumCost(input: Int, output: Int) throws(Money.Overflow) -> Money {
    let rates = dearestRates(upToInput: input)
    return try rates.input.multiplied(by: input).adding(try rates.output.multiplied(by: output))
  }
}

/// What is known about the price of a model. Unknown is not free.
public enum Price: Sendable, Hashable {
  /// Costs nothing, because it runs here or because the user said so.
  case free
  /// Costs this.
  case known(ModelPrice)
  /// Nobody said.
  case unknown

  /// What `usage` costs: what the provider said, else by the rates; `nil` when neither is known. A provider that says
  /// zero says nothing. What the user declared free stays free.
  public func cost(of usage: TokenUsage) throws(Money.Overflow) -> Money? {
    let reported = usage.reportedCost.flatMap { $0 > .zero ? $0 : nil }
    switch self {
    case .free: return .zero
    case .known(let price):
      if let reported { return reported }
      return try price.cost(of: usage)
    case .unknown: return reported
    }
  }

  /// The most a request can cost; `nil` when the price is unknown.
  public func maximumCost(input: Int, output: Int) throws(Money.Overflow) -> Money? {
    switch self {
    case .free: .zero
    case .known(let price): try price.maximumCost(input: input, output: output)
    case .unknown: nil
    }
  }
}
