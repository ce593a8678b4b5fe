extension ProviderDefinition {
  /// Cohere. Chats go to the interface that it offers in OpenAI's format, which refuses `stream_options`.
  public static let cohere = ProviderDefinition(
    id: "cohere", title: "Cohere", prefixes: ["cohere", "cohere_chat"], catalogues: ["cohere", "cohere_chat"],
    defaultBase: "https://api.cohere.ai/compatibility/v1", baseVariables: ["COHERE_API_BASE"],
    keyVariables: ["COHERE_API_KEY", "CO_API_KEY"], modelVariables: ["COHERE_MODEL"],
    preferredModels: ["command-r7b-12-2024", "command-a-03-2025"], needsCredential: true,
    barePath: "/compatibility/v1", ownHosts: ["api.cohere.com"],
    chat: { _, _ in
      OpenAIChatFormat(OpenAIQuirks(asksForUsage: false, reasoning: .only([.none, .high]), maxStopTexts: 5))
    }, embeddings: .cohere, reranking: .cohere)
}
