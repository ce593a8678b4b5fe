/// The keys of prices, which may stand under `litellm_params` and under `model_info`.
enum PriceKeys {
  typealias Key = SettingKey<ModelEntry>

  static let keys: [Key] = [
    price("input_cost_per_token", \.input),
    price("output_cost_per_token", \.output),
    price("cache_read_input_token_cost", \.cacheRead),
    price("cache_creation_input_token_cost", \.cacheWrite),
    price("cache_creation_input_token_cost_above_1hr", \.cacheWrite1h),
    price("output_cost_per_reasoning_token", \.reasoning),
    price("input_cost_per_query", \.query),
  ]

  private static func price(
    _ name: String, _ path: SettingPath<ModelEntry.Prices, String?>
  ) -> Key {
    Key(name) { reader, entry, model in
      guard let value = reader.decimal(entry) else { return }
      model.prices[keyPath: path] = value
      if model.pricesPosition == nil { model.pricesPosition = entry.keyPosition }
    }
  }

  private static let tiers: [(prefix: String, path: SettingPath<ModelEntry.Prices.Tier, String?>)] = [
    ("input_cost_per_token_above_", \.input), ("output_cost_per_token_above_", \.output),
    ("cache_read_input_token_cost_above_", \.cacheRead), ("cache_creation_input_token_cost_above_", \.cacheWrite),
  ]

  /// `input_cost_per_token_above_200k_tokens`; and prices of what is not bought here.
  static let pattern: SettingTable<ModelEntry>.Pattern = { reader, entry, model in
    for tier in tiers where entry.key.hasPrefix(tier.prefix) {
      guard let bound = bound(entry.key.dropFirst(tier.prefix.count)) else { continue }
      if let value = reader.decimal(entry) {
        model.prices.tiers[bound, default: ModelEntry.Prices.Tier()][keyPath: tier.path] = value
      }
      return true
    }
    let prefixes = ["input_cost_per_", "output_cost_per_", "cache_creation_", "cache_read_", "search_context_cost_"]
    guard prefixes.contains(where: entry.key.hasPrefix) || other.contains(entry.key) else { return false }
    if ["_batches", "_flex", "_priority"].contains(where: entry.key.hasSuffix) {
      reader.note("\(entry.key) has no effect: requests go by the standard tier", entry.keyPosition)
    } else {
      reader.warn("\(entry.key) is not supported: only prices of tokens are counted", entry.keyPosition)
    }
    return true
  }

  private static let other: Set = [
    "tiered_pricing", "citation_cost_per_token", "ocr_cost_per_page", "annotation_cost_per_page",
    "cost_per_ptu_per_hour", "ptu_count",
  ]

  /// `200k_tokens` is 200,000.
  private static func bound(_ text: Substring) -> Int? {
    guard text.hasSuffix("k_tokens"), let thousands = Int(text.dropLast("k_tokens".count)) else { return nil }
    return (1...100_000).contains(thousands) ? thousands * 1000 : nil
  }
}
