/// How far a folder's passages are embedded by a remote embedder.
public struct EmbeddingProgress: Sendable, Hashable {
  /// The embedder's name for people.
  public var name: String
  /// Passages with a vector.
  public var embedded: Int
  /// Passages that are to have one.
  public var total: Int
  /// Whether searches go by these vectors; until then by those that served before.
  public var isServing: Bool
  /// Passages that the embedder does not take.
  public var refused: Int
  /// Why it does not go on, or what went wrong, in a sentence.
  public var message: String?
}
