/// What a request to an embedder is about to send, for whoever decides whether it may.
public struct EmbeddingDemand: Sendable, Hashable {
  /// What is embedded.
  public enum Purpose: Sendable, Hashable {
    /// Passages of the workspace, in the background.
    case passages
    /// A question, for which someone waits.
    case query
  }

  /// What is embedded.
  public var purpose: Purpose
  /// Texts in the request.
  public var texts: Int
  /// Bytes of UTF-8 of all of them.
  public var bytes: Int

  /// Tokens, roughly: code has about three bytes a token, and prose more.
  public var estimatedTokens: Int { (bytes + 2) / 3 }

  /// Makes a demand.
  public init(_ purpose: Purpose, texts: Int, bytes: Int) {
    self.purpose = purpose
    self.texts = texts
    self.bytes = bytes
  }
}

/// Whether a request may be sent. It is asked before each, also before one that is sent again, from any thread; it must
/// not block.
public typealias EmbeddingAllowance = @Sendable (EmbeddingDemand) -> Bool
