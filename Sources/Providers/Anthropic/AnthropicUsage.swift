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

  /// `estimate` with what the server said: all of it where it said all, else the parts it did say. Until the counters
  /// are those of the end, more may have come out than they say.
  func completing(_ estimate: TokenUsage, isFinal: Bool) -> TokenUsage {
    if isFinal, let buckets { return buckets }
    var usage = estimate
    if let input, input + cacheRead + cacheWritten > 0 {
      let reported = Self.buckets(self, input: input, output: 0, thinking: 0)
      usage.input = reported.input
      usage.cacheRead = reported.cacheRead
      usage.cacheWrite5m = reported.cacheWrite5m
      usage.cacheWrite1h = reported.cacheWrite1h
      usage.isSuspect = reported.isSuspect
    }
    guard let output, output > 0 else { return usage }
    let shown = max(0, output - thinking)
    usage.output = isFinal ? shown : max(usage.output, shown)
    if isFinal { usage.reasoning = thinking }
    return usage
  }

  /// Whether the server counted anything.
  var isEmpty: Bool { (input ?? 0) + cacheRead + cacheWritten + (output ?? 0) == 0 }

  /// The buckets; `nil` while input or output is unknown. Zero of both stands for what a server does not count.
  var buckets: TokenUsage? {
    guard let input, let output, !isEmpty else { return nil }
    return Self.buckets(self, input: input, output: output, thinking: thinking)
  }

  private static func buckets(_ usage: AnthropicUsage, input: Int, output: Int, thinking: Int) -> TokenUsage {
    let written5m = max(usage.cacheWritten5m, usage.cacheWritten - usage.cacheWritten1h)
    let details = usage.cacheWritten5m + usage.cacheWritten1h
    return TokenUsage(
      input: input, cacheRead: usage.cacheRead, cacheWrite5m: written5m, cacheWrite1h: usage.cacheWritten1h,
      output: output - thinking, reasoning: thinking, provenance: .provider,
      isSuspect: details > 0 && usage.cacheWritten > 0 && details != usage.cacheWritten)
  }
}
