import HTTPTransport

extension ProviderDefinition {
  /// Voyage AI: embeddings and reranking only.
  public static let voyage = ProviderDefinition(
    id: "voyage", title: "Voyage AI", defaultBase: "https://api.voyageai.com/v1", baseVariables: ["VOYAGE_API_BASE"],
    keyVariables: ["VOYAGE_API_KEY"], needsCredential: true, ownHosts: ["ai.mongodb.com"],
    endpoint: { (settings, definition) throws(ProviderSetupError) in
      var settings = settings
      // Keys that MongoDB issued are known at its own address only.
      let key = settings.apiKey ?? settings.variable(definition.keyVariables).flatMap(Secret.init)
      if settings.apiBase == nil, settings.variable(definition.baseVariables) == nil,
        key?.withExposedText({ $0.hasPrefix("al-") }) == true
      {
        settings.apiBase = "https://ai.mongodb.com/v1"
      }
      return try settings.endpoint(of: definition)
    }, embeddings: .voyage, reranking: .voyage)
}
