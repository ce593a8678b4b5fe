/// One message of a conversation.
public struct ChatMessage: Sendable, Hashable {
  /// Who speaks.
  public enum Role: String, Sendable {
    /// The one who sets the rules.
    case system
    /// The one who asks.
    case user
    /// The model.
    case assistant
  }

  /// Who speaks.
  public var role: Role
  /// What is said.
  public var text: String
  /// Whether everything up to here is likely to be sent again soon, so that a provider's prompt cache may keep it.
  public var endsCachedPrefix: Bool

  /// Makes a message.
  public init(_ role: Role, _ text: String, endsCachedPrefix: Bool = false) {
    self.role = role
    self.text = text
    self.endsCachedPrefix = endsCachedPrefix
  }
}

/// What a model is asked, whatever its provider.
public struct ChatRequest: Sendable, Hashable {
  /// In order.
  public var messages: [ChatMessage]
  /// The provider's name of the model.
  public var model: String
  /// What is known of the model.
  public var traits: ModelTraits
  /// The most tokens to answer with, reasoning included; the provider's own limit when `nil`.
  public var maxOutputTokens: Int?
  /// 0 (always the likeliest word) to 2; left out for models that refuse it.
  public var temperature: Double?
  /// 0 to 1: the share of likely words to choose among.
  public var topP: Double?
  /// Makes answers repeatable, where a provider offers that.
  public var seed: Int?
  /// Texts that end the answer; at most four are sent.
  public var stop: [String]
  /// How much to think before the answer; the model's own habit when `nil`.
  public var reasoning: Reasoning?
  /// Whether providers that cache prompts on demand are asked to.
  public var cachesPrompt: Bool
  /// Further members of the body, in the provider's own words; formats of one JSON object add them as they are.
  public var extraBody: [String: JSONTree]
  /// An upper bound of the input in tokens, if the caller counted: the estimate when the provider reports no usage.
  public var estimatedInputTokens: Int?

  /// How much a model thinks.
  public enum Reasoning: Sendable, Hashable {
    /// In the common words: `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`.
    case effort(Effort)
    /// At most so many tokens.
    case budget(Int)
    /// As much as the model finds right.
    case adaptive
  }

  /// The common words for it, in ascending order.
  public enum Effort: String, Sendable, Hashable, CaseIterable {
    /// Not at all.
    case none
    /// Hardly.
    case minimal
    /// A little.
    case low
    /// As usual.
    case medium
    /// Much.
    case high
    /// Very much.
    case xhigh
    /// All that the model can.
    case max
  }

  /// Makes a request.
  public init(
    model: String, messages: [ChatMessage], traits: ModelTraits = ModelTraits(), maxOutputTokens: Int? = nil,
    temperature: Double? = nil, topP: Double? = nil, seed: Int? = nil, stop: [String] = [],
    reasoning: Reasoning? = nil, cachesPrompt: Bool = true, extraBody: [String: JSONTree] = [:],
    estimatedInputTokens: Int? = nil
  ) {
    self.model = model
    self.messages = messages
    self.traits = traits
    self.maxOutputTokens = maxOutputTokens
    self.temperature = temperature
    self.topP = topP
    self.seed = seed
    self.stop = stop
    self.reasoning = reasoning
    self.cachesPrompt = cachesPrompt
    self.extraBody = extraBody
    self.estimatedInputTokens = estimatedInputTokens
  }
}
