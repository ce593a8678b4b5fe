/// LiteLLM's `model_info`, as far as something depends on it.
public struct ModelInfo: Sendable, Hashable {
  /// What a model is for.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Answers messages.
    case chat
    /// Continues a text.
    case completion
    /// Answers at OpenAI's Responses.
    case responses
    /// Embeds texts.
    case embedding
    /// Orders texts by a question.
    case rerank
  }

  /// `id`.
  public var id: String?
  /// `mode`; `nil` where nothing, or something that cannot be asked here (images, speech), is written.
  public var mode: Mode?
  /// Whether `mode` names something that cannot be asked here.
  public var isOther = false
  /// `base_model`: the model by whose price and limits a deployment of another name goes.
  public var baseModel: String?
  /// `tier`: `free` or `paid`.
  public var tier: String?
  /// `output_vector_size`: the dimensions of an embedding.
  public var outputVectorSize: Int?
  /// `supports_…`, by what follows: `reasoning`, `vision`.
  public var supports: [String: Bool] = [:]

  /// Nothing known.
  public init() {}
}
