extension ProviderDefinition {
  /// DeepSeek. Thinks unless told not to; keeps prompts in its cache by itself.
  public static let deepSeek = ProviderDefinition(
    id: "deepseek", title: "DeepSeek", defaultBase: "https://api.deepseek.com",
    baseVariables: ["DEEPSEEK_API_BASE"], keyVariables: ["DEEPSEEK_API_KEY"], modelVariables: ["DEEPSEEK_MODEL"],
    preferredModels: ["deepseek-flash", "deepseek-v4-flash", "deepseek-chat"], needsCredential: true,
    chat: { _, _ in
      OpenAIChatFormat(OpenAIQuirks(seedName: nil, reasoning: .toggle([.low, .high, .max]), maxStopTexts: 16))
    },
    listing: OpenAIModelListing())
}
