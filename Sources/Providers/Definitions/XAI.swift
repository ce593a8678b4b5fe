extension ProviderDefinition {
  /// xAI. Some of its models count reasoning beside the completion, and say what an answer cost.
  public static let xAI = ProviderDefinition(
    id: "xai", title: "xAI", defaultBase: "https://api.x.ai/v1", baseVariables: ["XAI_API_BASE"],
    keyVariables: ["XAI_API_KEY"], modelVariables: ["XAI_MODEL"],
    preferredModels: ["grok-code-fast-1", "grok-4.20-non-reasoning"], needsCredential: true,
    chat: { _, _ in OpenAIChatFormat(OpenAIQuirks(countsReasoningBeside: true, cost: .ticks)) },
    listing: OpenAIModelListing())
}
