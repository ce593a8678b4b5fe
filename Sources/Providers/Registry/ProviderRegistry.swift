/// All providers. A new one is a file in `Definitions` and a line here.
public struct ProviderRegistry: Sendable {
  /// The providers that the program knows, in order of preference where several could be meant.
  public static let standard = ProviderRegistry([
    .openAI,
    .anthropic, .gemini,
    .azure, .azureAI, .bedrock,
    .openRouter, .groq, .mistral, .codestral, .deepSeek, .together, .fireworks, .xAI, .cohere, .cerebras, .perplexity,
    .deepInfra, .nvidia, .sambaNova, .ai21, .moonshot,
    .llamaCpp, .ollama, .vLLM, .lmStudio, .llamafile, .liteLLMProxy,
    .voyage, .jina,
    .openAICompatible,
    .mock, .extractive,
  ])

  /// In order of preference.
  public let definitions: [ProviderDefinition]
  private let byID: [String: Int]
  private let byPrefix: [String: Int]

  /// Makes a registry; of equal names the first counts.
  public init(_ definitions: [ProviderDefinition]) {
    self.definitions = definitions
    var byID: [String: Int] = [:]
    var byPrefix: [String: Int] = [:]
    for (index, definition) in definitions.enumerated() {
      if byID[definition.id] == nil { byID[definition.id] = index }
      for prefix in definition.prefixes where byPrefix[prefix] == nil { byPrefix[prefix] = index }
    }
    self.byID = byID
    self.byPrefix = byPrefix
  }

  /// The provider of that name.
  public subscript(id: String) -> ProviderDefinition? { byID[id].map { definitions[$0] } }

  /// The provider of a prefix as LiteLLM writes it.
  public func definition(prefix: String) -> ProviderDefinition? { byPrefix[prefix].map { definitions[$0] } }

  /// Splits a model's name as LiteLLM writes it: `anthropic/claude-…`, or with a dot `anthropic.claude-…` when what
  /// stands before it is a provider's name and what follows is not a version (`gpt-4.1`). `nil` when it names no
  /// provider; then its first word, if it has a slash, is no provider's name. Whole names that a provider claims as its
  /// own (`anthropic.claude-…-v1:0`, a model of Bedrock) are not split.
  public func split(_ name: String) -> (definition: ProviderDefinition, model: String)? {
    if let owner = definitions.first(where: { $0.claims?(name) ?? false }) { return (owner, name) }
    for separator: Character in ["/", "."] {
      guard let index = name.firstIndex(of: separator) else { continue }
      let model = String(name[name.index(after: index)...])
      if let definition = definition(prefix: String(name[..<index])), !model.isEmpty { return (definition, model) }
      if separator == "/" { return nil }
    }
    return nil
  }
}
