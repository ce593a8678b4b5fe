extension ProviderDefinition {
  /// Jina AI: embeddings and reranking only.
  public static let jina = ProviderDefinition(
    id: "jina_ai", title: "Jina AI", prefixes: ["jina_ai", "jina"], defaultBase: "https://api.jina.ai/v1",
    baseVariables: ["JINA_API_BASE", "JINA_AI_API_BASE"], keyVariables: ["JINA_API_KEY", "JINA_AI_API_KEY"],
    needsCredential: true, embeddings: .jina, reranking: .jina)
}
