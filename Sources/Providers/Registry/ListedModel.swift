/// A model as a server lists it.
public struct ListedModel: Sendable, Hashable {
  /// The name to ask for.
  public var id: String
  /// The most tokens in and out, if the server says.
  public var contextTokens: Int?

  /// Makes an entry.
  public init(id: String, contextTokens: Int? = nil) {
    self.id = id
    self.contextTokens = contextTokens
  }

  /// Whether it can hold a conversation, judged by the name: servers rarely say. Embedders, rerankers, speech and
  /// image models are not.
  public var isProbablyChat: Bool {
    let name = id.lowercased()
    return ![
      "embed", "rerank", "whisper", "tts", "dall-e", "moderation", "bge-", "minilm", "e5-", "gte-", "clip", "speech",
      "transcribe", "stable-diffusion", "image", "realtime", "audio",
    ].contains { name.contains($0) }
  }

  /// What servers call the most tokens.
  private static let contextMembers = [
    "max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens",
  ]

  /// Reads the answer of `GET /models`: `data` is a list of objects with an `id`. `nil` for anything else.
  static func read(_ tree: JSONTree) -> [ListedModel]? {
    guard let entries = tree["data"]?.array else { return nil }
    var models: [ListedModel] = []
    for entry in entries {
      guard let id = entry["id"]?.string, !id.isEmpty else { return nil }
      let context = contextMembers.lazy.compactMap { entry[$0]?.int }.first
      let tokens = entry["meta"]?["n_ctx"]?.int ?? context ?? entry["meta"]?["n_ctx_train"]?.int
      models.append(ListedModel(id: id, contextTokens: tokens.flatMap { $0 > 0 ? $0 : nil }))
    }
    return models
  }
}
