extension ProviderDefinition {
  /// Google's Gemini API.
  public static let gemini = ProviderDefinition(
    id: "gemini", title: "Google Gemini", defaultBase: "https://generativelanguage.googleapis.com/v1beta",
    baseVariables: ["GEMINI_API_BASE", "GOOGLE_GEMINI_BASE_URL"], keyVariables: ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
    modelVariables: ["GEMINI_MODEL"],
    preferredModels: ["gemini-3.5-flash-lite", "gemini-3.1-flash-lite", "gemini-2.5-flash", "gemini-2.5-flash-lite"],
    needsCredential: true, barePath: "/v1beta", chat: { _, _ in GeminiFormat() }, listing: GeminiModelListing(),
    embeddings: .gemini)
}
