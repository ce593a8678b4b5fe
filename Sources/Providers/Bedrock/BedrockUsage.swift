import Ledger

/// Reads Bedrock's counters, whose buckets do not overlap.
enum BedrockUsage {
  /// Reads a `usage` object; `nil` when it has no counters.
  static func read(_ tree: JSONTree) -> TokenUsage? {
    guard let input = tree["inputTokens"]?.int, let output = tree["outputTokens"]?.int else { return nil }
    let written = tree["cacheWriteInputTokens"]?.int ?? tree["cacheWriteInputTokenCount"]?.int ?? 0
    let details = tree["cacheDetails"]?.array ?? []
    let written1h = details.filter { $0["ttl"]?.string == "1h" }.reduce(0) { $0 + max(0, $1["inputTokens"]?.int ?? 0) }
    var usage = TokenUsage(
      input: input, cacheRead: tree["cacheReadInputTokens"]?.int ?? tree["cacheReadInputTokenCount"]?.int ?? 0,
      cacheWrite5m: max(0, written - written1h), cacheWrite1h: written1h, output: output, provenance: .provider,
      isSuspect: written1h > written)
    if let total = tree["totalTokens"]?.int, total != usage.total { usage.isSuspect = true }
    return usage
  }
}
