internal import Providers
internal import Router
internal import Tokenization

/// How many tokens a prompt has at most, for the deployments that may get it.
enum PromptTokens {
  /// An upper bound. Where money depends on it, it is one that no text exceeds: each token of a byte-level encoding has
  /// at least one byte. Elsewhere the estimate serves, for a bound four times too high would refuse what fits.
  static func bound(_ messages: [ChatMessage], for deployments: [Deployment]) -> Int {
    let isFree = deployments.allSatisfy(\.isFree)
    return messages.reduce(8) { sum, message in
      sum + 8 + (isFree ? TokenEstimate.tokens(in: message.text) : message.text.utf8.count)
    }
  }
}
