import Ledger

/// Reads what embedding used, by whichever name it has.
enum EmbeddingUsage {
  /// Reads a `usage` object: `prompt_tokens`, or the total, which is the same where nothing is generated.
  static func read(_ tree: JSONTree, provider: String) -> TokenUsage? {
    tokens(tree["prompt_tokens"]?.int ?? tree["input_tokens"]?.int ?? tree["total_tokens"]?.int)
  }

  /// A count that the provider gave; `nil` when it gave none.
  static func tokens(_ count: Int?) -> TokenUsage? {
    count.flatMap { JSONTree.tokenCounts.contains($0) ? TokenUsage(input: $0, provenance: .provider) : nil }
  }
}
