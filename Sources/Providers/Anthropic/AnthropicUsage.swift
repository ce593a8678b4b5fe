import Ledger

/// The counters of Anthropic's format as they come: some at the start, the rest at the end, each the whole so far.
struct AnthropicUsage: Equatable, Sendable {
  private var input: Int?
  private var cacheRead = 0
  private var cacheWritten = 0
  private var cacheWritten5m = 0
  private var cacheWritten1h = 0
  private var output: Int?
  private var thinking = 0

  /// Takes the counters of a `usage` object. They only grow; some proxies say zero at one end for what they do not know.
  mutating func take(_ tree: JSONTree) {
    func larger(_ old: Int, _ new: JSONTree?) -> Int { max(old, new?.tokenCount ?? 0) }
    if let value = tree["input_tokens"]?.tokenCount { input = max(input ?? 0, value) }
    if let value = tree["output_tokens"]?.tokenCount { output = max(output ?? 0, value) }
    cacheRead = larger(cacheRead, tree["cache_read_input_tokens"])
    cacheWritten = larger(cacheWritten, tree["cache_creation_input_tokens"])
    cacheWritten5m = larger(cacheWritten5m, tree["cache_creation"]?["ephemeral_5m_input_tokens"])
    cacheWritten1h = larger(cacheWritten1h, tree["cache_creation"]?["ephemeral_1h_input_tokens"])
    thinking = larger(thinking, tree["output_tokens_details"]?["thinking_tokens"])
  }

  /// The buckets; `nil` while input or output is unknown. Zero of both stands for what a server does not count.
  var buckets: TokenUsage? {
    guard let input, let output, input + cacheRead + cacheWritten + output > 0 else { return nil }
    let written5m = max(cacheWritten5m, cacheWritten - cacheWritten1h)
    let details = cacheWritten5m + cacheWritten1h
    return TokenUsage(
      input: input, cacheRead: cacheRead, cacheWrite5m: written5m, cacheWrite1h: cacheWritten1h,
      output: output - thinking, reasoning: thinking, provenance: .provider,
      isSuspect: details > 0 && cacheWritten > 0 && details != cacheWritten)
  }
}
