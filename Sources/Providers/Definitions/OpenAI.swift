import Ledger

extension ProviderDefinition {
  /// OpenAI's own server, and whatever OPENAI_BASE_URL or an entry without another prefix points to.
  public static let openAI = ProviderDefinition(
    id: "openai", title: "OpenAI", prefixes: ["openai", "text-completion-openai"],
    defaultBase: "https://api.openai.com/v1", baseVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
    keyVariables: ["OPENAI_API_KEY"], modelVariables: ["OPENAI_MODEL"],
    preferredModels: ["gpt-6-luna", "gpt-5.4-mini", "gpt-4.1-mini", "gpt-4o-mini"], needsCredential: true,
    endpoint: { (settings, definition) throws(ProviderSetupError) in
      var endpoint = try settings.endpoint(of: definition)
      let isOwn = definition.owns(endpoint.base)
      let organization = settings.value("organization", isOwn ? ["OPENAI_ORG_ID", "OPENAI_ORGANIZATION"] : [])
      let project = settings.value("project", isOwn ? ["OPENAI_PROJECT_ID"] : [])
      endpoint.values["organization"] = organization
      endpoint.values["project"] = project
      return endpoint
    },
    chat: { model, traits in OpenAIResponsesFormat.choose(model, traits) }, listing: OpenAIModelListing(),
    embeddings: .openAI, catalogueNames: { model, _ in [OpenAIResponsesFormat.bareName(model)] })
}
