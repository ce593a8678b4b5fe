/// An embedding model that is not part of this binary, such as one behind a provider's interface.
///
/// An implementation does one request a call and no more: how many texts go into one, what is tried again and when, is
/// decided by `EmbeddingBatcher`. Calls may come from several tasks at once, as many as `limits` permits and one more for
/// a query. A call ends soon after its task is cancelled.
public protocol RemoteEmbedder: Sendable {
  /// What tells this embedder's vectors from all others. It stays the same for the life of the embedder.
  var space: EmbeddingSpace { get }

  /// What it takes at a time.
  var limits: EmbeddingLimits { get }

  /// Embeds passages of the workspace, in one request.
  ///
  /// - Parameter passages: 1...`limits.textsPerRequest` texts that are not empty, with secrets taken out.
  /// - Returns: a vector for each, in their order. They need not be of unit length.
  /// - Throws: `EmbeddingFailure`.
  func embed(passages: [String]) async throws(EmbeddingFailure) -> [[Float]]

  /// Embeds a question about them.
  ///
  /// - Throws: `EmbeddingFailure`.
  func embed(query: String) async throws(EmbeddingFailure) -> [Float]
}
