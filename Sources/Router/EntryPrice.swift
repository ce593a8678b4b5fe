import Configuration
import Ledger

/// Reads the prices of an entry, exactly.
enum EntryPrice {
  /// The price that an entry sets; `nil` when it sets none; unknown, after a warning, when it sets half of one.
  ///
  /// - Parameter generatesText: whether the price of the output matters; vectors and orders have none.
  static func price(of entry: ModelEntry, generatesText: Bool = true, _ warn: (String) -> Void) -> Price? {
    let prices = entry.prices
    guard prices.input != nil || prices.output != nil else { return nil }
    let written = prices.output ?? (generatesText ? nil : "0")
    guard let input = money(prices.input), let output = money(written) else {
      warn("a price needs input_cost_per_token and output_cost_per_token, both within range; it is not used")
      return .unknown
    }
    let others = [prices.cacheRead, prices.cacheWrite, prices.cacheWrite1h, prices.reasoning].map(money)
    if input == .zero, output == .zero, prices.tiers.isEmpty, others.allSatisfy({ $0 ?? .zero == .zero }) {
      return .free
    }
    let base = ModelPrice.Rates(
      input: input, output: output, cacheRead: money(prices.cacheRead), cacheWrite5m: money(prices.cacheWrite),
      cacheWrite1h: money(prices.cacheWrite1h), reasoning: money(prices.reasoning))
    let tiers = prices.tiers.map { above, tier in
      ModelPrice.Tier(
        above: above,
        rates: ModelPrice.Rates(
          input: money(tier.input) ?? input, output: money(tier.output) ?? output,
          cacheRead: money(tier.cacheRead) ?? base.cacheRead, cacheWrite5m: money(tier.cacheWrite) ?? base.cacheWrite5m,
          cacheWrite1h: base.cacheWrite1h, reasoning: base.reasoning))
    }
    return .known(ModelPrice(base: base, tiers: tiers))
  }

  private static func money(_ text: String?) -> Money? { text.flatMap { Money(usd: $0, rounding: .up) } }
}
