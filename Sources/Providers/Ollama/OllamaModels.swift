public import HTTPTransport

/// `GET /api/tags`.
struct OllamaModelListing: ModelListing {
  func request(at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .get, try endpoint.ollamaURL("api/tags"), headers: endpoint.openAIHeaders, timeouts: endpoint.timeouts,
      limits: HTTPLimits(bodyBytes: 8 << 20))
  }

  func models(_ answer: JSONTree) -> [ListedModel]? {
    guard let entries = answer["models"]?.array else { return nil }
    var models: [ListedModel] = []
    for entry in entries {
      guard let name = entry["name"]?.string ?? entry["model"]?.string, !name.isEmpty else { return nil }
      models.append(ListedModel(id: name))
    }
    return models
  }
}

/// What Ollama says of one model, `POST /api/show`.
public struct OllamaModelDetails: Sendable, Hashable {
  /// The most tokens in and out together, if it says.
  public var contextTokens: Int?
  /// How many vectors' dimensions it has, for models that embed.
  public var embeddingLength: Int?
  /// `completion`, `tools`, `thinking`, `vision`, `embedding`, `insert`; empty where an older server says nothing.
  public var capabilities: Set<String>

  /// Whether it can hold a conversation; `nil` when the server does not say.
  public var isChat: Bool? { capabilities.isEmpty ? nil : capabilities.contains("completion") }

  /// Asks the server.
  public static func of(
    _ model: String, at endpoint: Endpoint, transport: any HTTPTransport
  ) async throws(ProviderError) -> OllamaModelDetails {
    let classifier = ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
    let request = HTTPRequest(
      .post, try endpoint.ollamaURL("api/show"),
      headers: endpoint.openAIHeaders + [HTTPRequestHeader("Content-Type", "application/json")],
      body: JSONTree.object(["model": .string(model)]).bytes, timeouts: endpoint.timeouts)
    let (tree, _) = try await HTTPExchange.document(
      request, provider: endpoint.provider, transport: transport, limit: 16 << 20
    ) { classifier.error(status: $0, headers: $1, body: $2, now: RetryAdvice.currentTime) }
    return OllamaModelDetails(tree)
  }

  /// Reads the answer. The architecture's name stands before the names of its numbers.
  init(_ tree: JSONTree) {
    let info = tree["model_info"]
    let architecture = info?["general.architecture"]?.string
    func number(_ name: String) -> Int? {
      architecture.flatMap { info?["\($0).\(name)"]?.int }.flatMap { $0 > 0 ? $0 : nil }
    }
    contextTokens = number("context_length")
    embeddingLength = number("embedding_length")
    capabilities = Set((tree["capabilities"]?.array ?? []).compactMap(\.string))
  }
}
