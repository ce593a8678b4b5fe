extension ProviderDefinition {
  private static let mistralQuirks = OpenAIQuirks(seedName: "random_seed", asksForUsage: false, maxStopTexts: 16)

  /// Mistral.
  public static let mistral = ProviderDefinition(
    id: "mistral", title: "Mistral", defaultBase: "https://api.mistral.ai/v1",
    baseVariables: ["MISTRAL_API_BASE", "MISTRAL_AZURE_API_BASE"],
    keyVariables: ["MISTRAL_API_KEY", "MISTRAL_AZURE_API_KEY"],
    modelVariables: ["MISTRAL_MODEL"], preferredModels: ["mistral-small-latest", "ministral-8b-latest"],
    needsCredential: true, barePath: "/v1", chat: { _, _ in OpenAIChatFormat(mistralQuirks) },
    listing: OpenAIModelListing(), embeddings: .mistral)

  /// Mistral's server for code, which has keys of its own.
  public static let codestral = ProviderDefinition(
    id: "codestral", title: "Codestral", catalogues: ["codestral", "mistral"],
    defaultBase: "https://codestral.mistral.ai/v1", baseVariables: ["CODESTRAL_API_BASE"],
    keyVariables: ["CODESTRAL_API_KEY"], preferredModels: ["codestral-latest"], needsCredential: true,
    barePath: "/v1", chat: { _, _ in OpenAIChatFormat(mistralQuirks) })
}
