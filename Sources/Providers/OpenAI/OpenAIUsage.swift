import HTTPTransport
import Ledger

/// Sorts the counters of OpenAI's format and its relatives into buckets that do not overlap.
enum OpenAIUsage {
  /// Reads a `usage` object; `nil` when it has no counters.
  static func read(_ tree: JSONTree, quirks: OpenAIQuirks = OpenAIQuirks()) -> TokenUsage? {
    guard let prompt = tree["prompt_tokens"]?.int ?? tree["input_tokens"]?.int else { return nil }
    let completion = tree["completion_tokens"]?.int ?? tree["output_tokens"]?.int ?? 0
    let promptDetails = tree["prompt_tokens_details"] ?? tree["input_tokens_details"]
    let completionDetails = tree["completion_tokens_details"] ?? tree["output_tokens_details"]
    let cached =
      promptDetails?["cached_tokens"]?.int ?? tree["prompt_cache_hit_tokens"]?.int ?? tree["cached_tokens"]?.int ?? 0
    let written = promptDetails?["cache_write_tokens"]?.int ?? 0
    let reasoning = completionDetails?["reasoning_tokens"]?.int ?? tree["reasoning_tokens"]?.int ?? 0
    let total = tree["total_tokens"]?.int
    var output = completion.subtractingReportingOverflow(reasoning).partialValue
    if quirks.countsReasoningBeside, total == sum([prompt, completion, reasoning]) { output = completion }
    var usage = TokenUsage(
      input: prompt.subtractingReportingOverflow(cached).partialValue
        .subtractingReportingOverflow(written).partialValue,
      cacheRead: cached, cacheWrite5m: written, output: output, reasoning: reasoning, provenance: .provider,
      reportedCost: cost(tree, quirks.cost))
    if [prompt, completion, cached, written, reasoning].contains(where: { !JSONTree.tokenCounts.contains($0) }) {
      // No request has such counts: what they stand for is not known.
      return nil
    }
    if let total, total != usage.total { usage.isSuspect = true }
    return usage
  }

  private static func sum(_ counts: [Int]) -> Int? {
    counts.reduce(0) { sum, count in
      guard let sum else { return nil }
      let (result, overflow) = sum.addingReportingOverflow(count)
      return overflow ? nil : result
    }
  }

  /// What `usage` says it cost. Zero says nothing: it stands for what is not known, or paid elsewhere.
  private static func cost(_ usage: JSONTree, _ report: OpenAIQuirks.CostReport?) -> Money? {
    switch report {
    case nil: return nil
    case .ticks:
      // A tick is a hundred pico-USD.
      guard let ticks = usage["cost_in_usd_ticks"]?.int, ticks > 0 else { return nil }
      return try? Money(picoUSD: 100).multiplied(by: ticks)
    case .usage, .usageOrHeader:
      guard let cost = money(usage["cost"]?["total_cost"] ?? usage["cost"]) else { return nil }
      guard usage["is_byok"] == .bool(true) else { return cost > .zero ? cost : nil }
      // With a key of one's own the rest is paid to the provider behind: without it the cost is not known.
      guard let upstream = money(usage["cost_details"]?["upstream_inference_cost"]), upstream > .zero else {
        return nil
      }
      return try? cost.adding(upstream)
    }
  }

  /// An amount in US dollars, a number or decimal text; `nil` for what is none, or negative.
  static func money(_ tree: JSONTree?) -> Money? {
    switch tree {
    case .integer(let dollars): Money(usd: String(dollars), rounding: .up)
    case .number(let dollars): Money(usd: dollars.description, rounding: .up)
    case .string(let text): Money(usd: text, rounding: .up)
    default: nil
    }
  }

  /// What a header says the request cost. A proxy that streams sends it before it knows: zero says nothing.
  static func cost(_ headers: HTTPHeaders, _ quirks: OpenAIQuirks) -> Money? {
    guard quirks.cost == .usageOrHeader, let text = headers["x-litellm-response-cost"],
      let cost = Money(usd: text, rounding: .up), cost > .zero
    else { return nil }
    return cost
  }

  /// What was probably used when the provider does not say: three bytes a token, which is more tokens than text or
  /// code has in practice.
  static func estimate(_ request: ChatRequest, outputBytes: Int, reasoningBytes: Int) -> TokenUsage {
    TokenUsage(
      input: estimatedInput(request), output: (outputBytes + 2) / 3, reasoning: (reasoningBytes + 2) / 3,
      provenance: .estimated)
  }

  /// The input's tokens, if nobody says.
  static func estimatedInput(_ request: ChatRequest) -> Int {
    let bytes = request.messages.reduce(0) { $0 + $1.text.utf8.count }
    return request.estimatedInputTokens ?? (bytes + 2) / 3 + 8 * request.messages.count
  }

  /// llama.cpp's own counters: what it computed, and what it had computed before.
  struct Timings {
    let computed: Int
    let cached: Int
    let predicted: Int

    init?(_ tree: JSONTree?) {
      guard let tree, let computed = tree["prompt_n"]?.int, let predicted = tree["predicted_n"]?.int,
        let cached = tree["cache_n"]?.int, (0...1_000_000_000).contains(computed),
        (0...1_000_000_000).contains(predicted), (0...1_000_000_000).contains(cached)
      else { return nil }
      self.computed = computed
      self.cached = cached
      self.predicted = predicted
    }

    /// `usage` with what they know better; a usage of their own when there is none.
    func completing(_ usage: TokenUsage?) -> TokenUsage {
      guard var usage else {
        return TokenUsage(input: computed, cacheRead: cached, output: predicted, provenance: .provider)
      }
      if usage.cacheRead == 0, usage.input >= cached {
        usage.input -= cached
        usage.cacheRead = cached
      }
      return usage
    }
  }
}
