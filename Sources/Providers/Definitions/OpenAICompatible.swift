// Servers that offer OpenAI's format at an address of their own. Those that run on this machine set their own prices:
// none on loopback, unknown elsewhere.
extension ProviderDefinition {
  /// Any server with OpenAI's format at `api_base`.
  public static let openAICompatible = ProviderDefinition(
    id: "openai_like", title: "OpenAI-compatible server", prefixes: ["openai_like", "custom_openai"],
    baseVariables: ["OPENAI_LIKE_API_BASE"], keyVariables: ["OPENAI_LIKE_API_KEY"], setsOwnPrices: true,
    chat: { _, _ in OpenAIChatFormat() }, listing: OpenAIModelListing(), embeddings: .openAICompatible,
    reranking: .jina)

  /// llama.cpp's server.
  public static let llamaCpp = ownServer(
    "llamacpp", "llama.cpp", port: 8080, base: ["LLAMACPP_API_BASE"], key: ["LLAMACPP_API_KEY"])
  /// vLLM.
  public static let vLLM = ownServer(
    "hosted_vllm", "vLLM", port: 8000, base: ["HOSTED_VLLM_API_BASE"], key: ["HOSTED_VLLM_API_KEY", "VLLM_API_KEY"],
    prefixes: ["hosted_vllm", "vllm"])
  /// LM Studio.
  public static let lmStudio = ownServer(
    "lm_studio", "LM Studio", port: 1234, base: ["LM_STUDIO_API_BASE"], key: ["LM_STUDIO_API_KEY"])
  /// llamafile.
  public static let llamafile = ownServer(
    "llamafile", "llamafile", port: 8080, base: ["LLAMAFILE_API_BASE"], key: ["LLAMAFILE_API_KEY"])
  /// A LiteLLM proxy.
  public static let liteLLMProxy = ownServer(
    "litellm_proxy", "LiteLLM proxy", port: 4000, base: ["LITELLM_PROXY_API_BASE"], key: ["LITELLM_PROXY_API_KEY"])
  /// Ollama.
  public static let ollama = ownServer(
    "ollama", "Ollama", port: 11434, base: ["OLLAMA_API_BASE"], key: ["OLLAMA_API_KEY"],
    prefixes: ["ollama", "ollama_chat"], embeddings: .ollama, reranking: nil)

  private static func ownServer(
    _ id: String, _ title: String, port: Int, base: [String], key: [String], prefixes: [String]? = nil,
    embeddings: any EmbeddingFormat = .openAICompatible, reranking: (any RerankFormat)? = .jina
  ) -> ProviderDefinition {
    ProviderDefinition(
      id: id, title: title, prefixes: prefixes, defaultBase: "http://127.0.0.1:\(port)/v1", baseVariables: base,
      keyVariables: key, barePath: "/v1", setsOwnPrices: true, chat: { _, _ in OpenAIChatFormat() },
      listing: OpenAIModelListing(), embeddings: embeddings, reranking: reranking)
  }
}
