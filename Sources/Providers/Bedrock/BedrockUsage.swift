import Ledger

/// Reads Bedrock's counters, whose buckets do not overlap.
enum BedrockUsage {
  /// Reads a `usage` object; `nil` when it has no counters.
  static func read(_ tree: JSONTree) -> TokenUsage? {
    guard let input = tree["inputTokens"]?.tokenCount, let output = tree["outputTokens"]?.tokenCount else { return nil }
    func cached(_ names: String...) -> Int { names.lazy.compactMap { tree[$0]?.tokenCount }.first ?? 0 }
    let written = cached("cacheWriteInputTokens", "cacheWriteInputTokenCount")
    let details = tree["cacheDetails"]?.array ?? []
    // There are two durations; a longer list is no such list.
    let written1h = details.prefix(64).filter { $0["ttl"]?.string == "1h" }
      .reduce(0) { $0 + ($1["inputTokens"]?.tokenCount ?? 0) }
    var usage = TokenUsage(
      input: input, cacheRead: cached("cacheReadInputTokens", "cacheReadInputTokenCount"),
      cacheWrite5m: max(0, written - written1h), cacheWrite1h: written1h, output: output, provenance: .provider,
      isSuspect: written1h > written)
    if let total = tree["totalTokens"]?.int, total != usage.total { usage.isSuspect = true }
    return usage
  }
}
