/// An embedder with the leave to use it, shared by everything that embeds with it: one for all folders, so that a
/// question that concerns several is embedded once.
public final class EmbeddingService: Sendable {
  /// The embedder.
  public let embedder: any RemoteEmbedder
  /// Asked before each request.
  public let mayEmbed: EmbeddingAllowance
  /// What embeds questions.
  public let queries: QueryEmbedder

  /// Makes a service.
  public init(
    _ embedder: any RemoteEmbedder, mayEmbed: @escaping EmbeddingAllowance = { _ in true },
    queries: QueryEmbedder.Policy = QueryEmbedder.Policy()
  ) {
    self.embedder = embedder
    self.mayEmbed = mayEmbed
    self.queries = QueryEmbedder(embedder, policy: queries, mayEmbed: mayEmbed)
  }
}
