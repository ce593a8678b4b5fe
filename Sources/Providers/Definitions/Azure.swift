import HTTPTransport

extension ProviderDefinition {
  /// Azure OpenAI: `azure/DEPLOYMENT`, both surfaces. What the deployment's model is, only `base_model` says.
  public static let azure: ProviderDefinition = {
    var definition = chatCompletions
    definition.namesItsDeploymentsFreely = true
    return definition
  }()

  private static let chatCompletions = ProviderDefinition(
    id: "azure", title: "Azure OpenAI", baseVariables: ["AZURE_API_BASE", "AZURE_OPENAI_ENDPOINT"],
    keyVariables: ["AZURE_API_KEY", "AZURE_OPENAI_API_KEY"], modelVariables: ["AZURE_OPENAI_DEPLOYMENT"],
    needsCredential: true, ownHosts: AzureSurface.hosts,
    endpoint: { (settings, definition) throws(ProviderSetupError) in
      try AzureAddress.endpoint(settings, definition)
    },
    chat: { model, traits in OpenAIResponsesFormat.choose(model, traits, OpenAIQuirks(address: .azure)) },
    listing: OpenAIModelListing(address: .azure), embeddings: .azure(.azure),
    catalogueNames: { model, _ in [OpenAIResponsesFormat.bareName(model)] })

  /// Models in Azure AI Foundry that are not OpenAI's.
  public static let azureAI = ProviderDefinition(
    id: "azure_ai", title: "Azure AI Foundry", baseVariables: ["AZURE_AI_API_BASE"],
    keyVariables: ["AZURE_AI_API_KEY"], needsCredential: true, ownHosts: AzureSurface.hosts + [".models.ai.azure.com"],
    chat: { _, _ in OpenAIChatFormat(OpenAIQuirks(address: .azureAI)) }, embeddings: .azure(.azureAI))
}

/// What entries and variables say of Azure's address.
enum AzureAddress {
  /// The endpoint: its base is the resource, or ends with `/openai/v1`; `api_version` is decided.
  static func endpoint(
    _ settings: ProviderSettings, _ definition: ProviderDefinition
  ) throws(ProviderSetupError) -> Endpoint {
    var settings = settings
    if settings.apiBase == nil { settings.apiBase = settings.variable(definition.baseVariables) }
    // The whole address of a deployment, as the portal shows it.
    if let text = settings.apiBase {
      let parts = text.split(separator: "?", maxSplits: 1)
      var base = parts.first.map(String.init) ?? ""
      if let mark = base.firstRange(of: "/openai/deployments") { base = String(base[..<mark.lowerBound]) }
      while base.hasSuffix("/") { base.removeLast() }
      if base.hasSuffix("/openai") { base.removeLast("/openai".count) }
      settings.apiBase = base
      for pair in parts.dropFirst().first?.split(separator: "&") ?? [] where pair.hasPrefix("api-version=") {
        settings.values["api_version"] = settings.values["api_version"] ?? String(pair.dropFirst("api-version=".count))
      }
    }
    guard settings.apiBase?.isEmpty == false else {
      throw ProviderSetupError("api_base is missing (or AZURE_API_BASE): https://RESOURCE.openai.azure.com")
    }
    settings.values["api_version"] = settings.value("api_version", ["AZURE_API_VERSION", "OPENAI_API_VERSION"])
    guard settings.apiKey == nil, let token = try token(settings, definition) else {
      return try settings.endpoint(of: definition)
    }
    // So that the lack of a key is no fault.
    settings.apiKey = token
    var endpoint = try settings.endpoint(of: definition)
    endpoint.credential = .bearer(token)
    return endpoint
  }

  /// A token of Entra: the entry's own, else the environment's where its keys may go.
  private static func token(
    _ settings: ProviderSettings, _ definition: ProviderDefinition
  ) throws(ProviderSetupError) -> Secret? {
    if let token = settings.secrets["azure_ad_token"] { return token }
    let base = try settings.base(of: definition)
    guard settings.variable(definition.keyVariables) == nil,
      settings.mayReceiveKeyOfEnvironment(base, definition)
    else { return nil }
    return settings.variable(["AZURE_OPENAI_AD_TOKEN", "AZURE_AD_TOKEN"]).flatMap(Secret.init)
  }
}
