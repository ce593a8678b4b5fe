/// What the catalogue knows of a model.
public struct CatalogueModel: Sendable, Hashable {
  /// What a model is for.
  public enum Mode: String, Sendable {
    /// Conversation.
    case chat
    /// Conversation, by OpenAI's newer interface only.
    case responses
    /// Text in, vector out.
    case embedding
    /// Query and passages in, scores out.
    case rerank
    /// Plain continuation.
    case completion
    /// An entry that prices a class of models.
    case priceClass = "price_class"
  }

  /// Under which provider it stands.
  public var provider: String
  /// Its name there.
  public var name: String
  /// What it is for.
  public var mode: Mode
  /// The most input tokens.
  public var contextTokens: Int?
  /// The most output tokens.
  public var maxOutputTokens: Int?
  /// The smallest prefix, in tokens, that the provider's prompt cache keeps.
  public var minimumCachedTokens: Int?
  /// What it costs.
  public var price: Price
  /// What a query costs, for models that rerank and are billed so.
  public var pricePerQuery: Money?
  /// How long its vectors are, for models that embed.
  public var dimensions: Int?
  /// Abilities and limits by the catalogue's short names: `think`, `tools`, `noSampling`.
  public var flags: Set<String>
  /// When it goes away: `2026-12-11`.
  public var deprecationDate: String?

  /// Whether it answers at the chat completions interface, as a stream.
  public var streamsChat: Bool { mode == .chat && !flags.contains("noStream") }
}
