extension ProviderDefinition {
  private static let fireworksQuirks = OpenAIQuirks(modelPrefix: "accounts/fireworks/models/")

  /// Fireworks. Names without a slash are those of its own account.
  public static let fireworks = ProviderDefinition(
    id: "fireworks_ai", title: "Fireworks", defaultBase: "https://api.fireworks.ai/inference/v1",
    baseVariables: ["FIREWORKS_API_BASE"],
    keyVariables: ["FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"],
    needsCredential: true,
    chat: { _, _ in OpenAIChatFormat(fireworksQuirks) }, listing: OpenAIModelListing(),
    embeddings: .fireworks(fireworksQuirks), reranking: .jina(fireworksQuirks),
    catalogueNames: { model, _ in [fireworksQuirks.modelName(model)] })
}
