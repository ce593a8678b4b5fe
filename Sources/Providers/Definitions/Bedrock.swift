import Ledger

extension ProviderDefinition {
  /// Amazon Bedrock, by its Converse interface.
  public static let bedrock = ProviderDefinition(
    id: "bedrock", title: "Amazon Bedrock", prefixes: ["bedrock", "bedrock_converse"],
    catalogues: ["bedrock_converse", "bedrock"],
    baseVariables: ["AWS_BEDROCK_RUNTIME_ENDPOINT", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"],
    keyVariables: ["AWS_BEARER_TOKEN_BEDROCK"], needsCredential: true,
    ownHosts: [".amazonaws.com", ".amazonaws.com.cn"],
    endpoint: { (settings, definition) throws(ProviderSetupError) in
      try BedrockEndpoint(settings, definition).endpoint()
    },
    chat: { model, traits in
      let isChat = traits.mode == nil || traits.mode == .chat
      return isChat && BedrockModelName(model).isConverse ? BedrockChatFormat() : nil
    },
    embeddings: .bedrock, reranking: .bedrock, tokenCounting: BedrockTokenCounting(),
    catalogueNames: { model, values in
      BedrockModelName(model).catalogueNames(region: values["aws_region_name"])
    }, claims: BedrockModelName.claims)
}
