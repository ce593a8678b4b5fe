import HTTPTransport

extension ProviderDefinition {
  /// OpenRouter: the price of each answer is what it says, for it chooses who answers.
  public static let openRouter = ProviderDefinition(
    id: "openrouter", title: "OpenRouter", defaultBase: "https://openrouter.ai/api/v1",
    baseVariables: ["OPENROUTER_API_BASE"], keyVariables: ["OPENROUTER_API_KEY", "OR_API_KEY"],
    modelVariables: ["OPENROUTER_MODEL"], needsCredential: true,
    endpoint: { (settings, definition) throws(ProviderSetupError) in
      var endpoint = try settings.endpoint(of: definition)
      // Who asks, for those who want to be listed there.
      func add(_ name: String, _ value: String?) {
        guard let value, !endpoint.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
          return
        }
        endpoint.headers.append(HTTPRequestHeader(name, value))
      }
      add("HTTP-Referer", settings.value("site_url", ["OR_SITE_URL"]))
      add("X-Title", settings.value("app_name", ["OR_APP_NAME"]))
      return endpoint
    },
    chat: { _, _ in OpenAIChatFormat(OpenAIQuirks(reasoning: .object, cost: .usage)) },
    listing: OpenAIModelListing(), embeddings: .openAICompatible)
}
