// Servers that offer OpenAI's format and differ in nothing else, or in a quirk or two. Those with more to say have a
// file of their own.
extension ProviderDefinition {
  /// Any server with OpenAI's format at `api_base`.
  public static let openAICompatible = ProviderDefinition(
    id: "openai_like", title: "OpenAI-compatible server", prefixes: ["openai_like", "custom_openai"],
    baseVariables: ["OPENAI_LIKE_API_BASE"], keyVariables: ["OPENAI_LIKE_API_KEY"], setsOwnPrices: true,
    chat: { _, _ in OpenAIChatFormat() }, listing: OpenAIModelListing(), embeddings: .openAICompatible,
    reranking: .jina)

  // MARK: On this machine, or another of one's own: no prices on loopback, unknown ones elsewhere

  /// llama.cpp's server.
  public static let llamaCpp = ownServer(
    "llamacpp", "llama.cpp", port: 8080, base: ["LLAMACPP_API_BASE"], key: ["LLAMACPP_API_KEY"],
    quirks: OpenAIQuirks(reasoning: .template))
  /// vLLM.
  public static let vLLM = ownServer(
    "hosted_vllm", "vLLM", port: 8000, base: ["HOSTED_VLLM_API_BASE"], key: ["HOSTED_VLLM_API_KEY", "VLLM_API_KEY"],
    prefixes: ["hosted_vllm", "vllm"], quirks: OpenAIQuirks(reasoning: .template))
  /// LM Studio.
  public static let lmStudio = ownServer(
    "lm_studio", "LM Studio", port: 1234, base: ["LM_STUDIO_API_BASE"], key: ["LM_STUDIO_API_KEY"])
  /// llamafile.
  public static let llamafile = ownServer(
    "llamafile", "llamafile", port: 8080, base: ["LLAMAFILE_API_BASE"], key: ["LLAMAFILE_API_KEY"])
  /// A LiteLLM proxy, which knows what an answer cost.
  public static let liteLLMProxy = ownServer(
    "litellm_proxy", "LiteLLM proxy", port: 4000, base: ["LITELLM_PROXY_API_BASE"], key: ["LITELLM_PROXY_API_KEY"],
    quirks: OpenAIQuirks(cost: .usageOrHeader))

  private static func ownServer(
    _ id: String, _ title: String, port: Int, base: [String], key: [String], prefixes: [String]? = nil,
    quirks: OpenAIQuirks = OpenAIQuirks()
  ) -> ProviderDefinition {
    ProviderDefinition(
      id: id, title: title, prefixes: prefixes, defaultBase: "http://127.0.0.1:\(port)/v1", baseVariables: base,
      keyVariables: key, modelVariables: [id.uppercased() + "_MODEL"], barePath: "/v1", setsOwnPrices: true,
      chat: { _, _ in OpenAIChatFormat(quirks) },
      listing: OpenAIModelListing(), embeddings: .openAICompatible, reranking: .jina)
  }

  // MARK: Services that need a base and a key

  /// Together.
  public static let together = service(
    "together_ai", "Together", "https://api.together.xyz/v1", base: ["TOGETHER_AI_API_BASE"],
    key: ["TOGETHER_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHER_AI_TOKEN"],
    ownHosts: ["api.together.ai"], embeddings: .fixedLength, reranking: .jina)
  /// Cerebras.
  public static let cerebras = service(
    "cerebras", "Cerebras", "https://api.cerebras.ai/v1", base: ["CEREBRAS_API_BASE"], key: ["CEREBRAS_API_KEY"])
  /// Perplexity. What an answer cost includes its searches.
  public static let perplexity = service(
    "perplexity", "Perplexity", "https://api.perplexity.ai", base: ["PERPLEXITY_API_BASE"],
    key: ["PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"], quirks: OpenAIQuirks(asksForUsage: false, cost: .usage))
  /// DeepInfra.
  public static let deepInfra = service(
    "deepinfra", "DeepInfra", "https://api.deepinfra.com/v1/openai", base: ["DEEPINFRA_API_BASE"],
    key: ["DEEPINFRA_API_KEY"], embeddings: .fixedLength)
  /// NVIDIA's hosted models.
  public static let nvidia = service(
    "nvidia_nim", "NVIDIA NIM", "https://integrate.api.nvidia.com/v1", base: ["NVIDIA_NIM_API_BASE"],
    key: ["NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY"])
  /// SambaNova.
  public static let sambaNova = service(
    "sambanova", "SambaNova", "https://api.sambanova.ai/v1", base: ["SAMBANOVA_API_BASE"], key: ["SAMBANOVA_API_KEY"])
  /// AI21.
  public static let ai21 = service(
    "ai21", "AI21", "https://api.ai21.com/studio/v1", base: ["AI21_API_BASE"], key: ["AI21_API_KEY"],
    prefixes: ["ai21", "ai21_chat"], quirks: OpenAIQuirks(seedName: nil))
  /// Moonshot.
  public static let moonshot = service(
    "moonshot", "Moonshot", "https://api.moonshot.ai/v1", base: ["MOONSHOT_API_BASE"], key: ["MOONSHOT_API_KEY"],
    ownHosts: ["api.moonshot.cn"])

  private static func service(
    _ id: String, _ title: String, _ address: String, base: [String], key: [String], prefixes: [String]? = nil,
    ownHosts: [String] = [], quirks: OpenAIQuirks = OpenAIQuirks(), embeddings: (any EmbeddingFormat)? = nil,
    reranking: (any RerankFormat)? = nil
  ) -> ProviderDefinition {
    ProviderDefinition(
      id: id, title: title, prefixes: prefixes, defaultBase: address, baseVariables: base, keyVariables: key,
      modelVariables: [id.uppercased() + "_MODEL"],
      needsCredential: true, ownHosts: ownHosts, chat: { _, _ in OpenAIChatFormat(quirks) },
      listing: OpenAIModelListing(), embeddings: embeddings, reranking: reranking)
  }
}
