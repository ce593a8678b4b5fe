extension ProviderDefinition {
  /// Groq.
  public static let groq = ProviderDefinition(
    id: "groq", title: "Groq", defaultBase: "https://api.groq.com/openai/v1", baseVariables: ["GROQ_API_BASE"],
    keyVariables: ["GROQ_API_KEY"], modelVariables: ["GROQ_MODEL"],
    preferredModels: ["openai/gpt-oss-20b", "openai/gpt-oss-120b"], needsCredential: true,
    chat: { _, _ in OpenAIChatFormat() }, listing: OpenAIModelListing())
}
