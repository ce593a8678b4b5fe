import Ledger

extension ProviderDefinition {
  /// Anthropic, and whatever speaks its Messages API where ANTHROPIC_BASE_URL or an entry points to.
  public static let anthropic = ProviderDefinition(
    id: "anthropic", title: "Anthropic", defaultBase: "https://api.anthropic.com",
    baseVariables: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"],
    keyVariables: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"], modelVariables: ["ANTHROPIC_MODEL"],
    preferredModels: ["claude-haiku-5-5", "claude-haiku-4-5"], needsCredential: true,
    endpoint: { (settings, definition) throws(ProviderSetupError) in
      var endpoint = try settings.endpoint(of: definition)
      // A token, unlike a key, has no header of its own.
      if settings.apiKey == nil, settings.variable(["ANTHROPIC_API_KEY"]) == nil,
        let token = endpoint.credential.secret
      {
        endpoint.credential = .bearer(token)
      }
      return endpoint
    },
    chat: { _, _ in AnthropicChatFormat() }, listing: AnthropicModelListing(), tokenCounting: AnthropicTokenCounting(),
    catalogueNames: { model, _ in
      // Snapshots and aliases cost what the model costs: claude-sonnet-5-20260101, claude-sonnet-5-latest.
      guard let dash = model.lastIndex(where: { $0 == "-" || $0 == "@" }) else { return [model] }
      let end = model[model.index(after: dash)...]
      let isDate = end.utf8.count == 8 && end.utf8.allSatisfy { (0x30...0x39).contains($0) }
      return isDate || end == "latest" ? [model, String(model[..<dash])] : [model]
    })
}
