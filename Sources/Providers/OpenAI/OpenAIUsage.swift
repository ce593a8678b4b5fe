import Ledger

/// Sorts the counters of OpenAI's format and its relatives into buckets that do not overlap.
enum OpenAIUsage {
  /// Reads a `usage` object; `nil` when it has no counters.
  static func read(_ tree: JSONTree, provider: String) -> TokenUsage? {
    guard let prompt = tree["prompt_tokens"]?.int ?? tree["input_tokens"]?.int else { return nil }
    let completion = tree["completion_tokens"]?.int ?? tree["output_tokens"]?.int ?? 0
    let promptDetails = tree["prompt_tokens_details"] ?? tree["input_tokens_details"]
    let completionDetails = tree["completion_tokens_details"] ?? tree["output_tokens_details"]
    let cached = promptDetails?["cached_tokens"]?.int ?? tree["prompt_cache_hit_tokens"]?.int ?? 0
    let written = promptDetails?["cache_write_tokens"]?.int ?? 0
    let reasoning = completionDetails?["reasoning_tokens"]?.int ?? tree["reasoning_tokens"]?.int ?? 0
    let total = tree["total_tokens"]?.int
    var output = completion - reasoning
    // xAI counts reasoning beside the completion on some models: only the total tells.
    if provider == "xai", total == prompt + completion + reasoning { output = completion }
    var usage = TokenUsage(
      input: prompt - cached - written, cacheRead: cached, cacheWrite5m: written, output: output, reasoning: reasoning,
      provenance: .provider)
    if let total, total != usage.total { usage.isSuspect = true }
    return usage
  }

  /// What was probably used when the provider does not say: three bytes a token, which is more tokens than text or
  /// code has in practice.
  static func estimate(_ request: ChatRequest, outputBytes: Int, reasoningBytes: Int) -> TokenUsage {
    let inputBytes = request.messages.reduce(0) { $0 + $1.text.utf8.count }
    return TokenUsage(
      input: request.estimatedInputTokens ?? (inputBytes + 2) / 3 + 8 * request.messages.count,
      output: (outputBytes + 2) / 3, reasoning: (reasoningBytes + 2) / 3, provenance: .estimated)
  }
}
