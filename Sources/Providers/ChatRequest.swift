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

  /// Makes a message.
  public init(_ role: Role, _ text: String) {
    self.role = role
    self.text = text
  }
}

/// What a model is asked, whatever its provider.
public struct ChatRequest: Sendable, Hashable {
  /// In order.
  public var messages: [ChatMessage]
  /// The provider's name of the model.
  public var model: String
  /// The most tokens to answer with, reasoning included; the provider's own limit when `nil`.
  public var maxOutputTokens: Int?
  /// 0 (always the likeliest word) to 2; left out for models that refuse it.
  public var temperature: Double?
  /// Texts that end the answer; at most four are sent.
  public var stop: [String]
  /// An upper bound of the input in tokens, if the caller counted: the estimate when the provider reports no usage.
  public var estimatedInputTokens: Int?

  /// Makes a request.
  public init(
    model: String, messages: [ChatMessage], maxOutputTokens: Int? = nil, temperature: Double? = nil,
    stop: [String] = [], estimatedInputTokens: Int? = nil
  ) {
    self.model = model
    self.messages = messages
    self.maxOutputTokens = maxOutputTokens
    self.temperature = temperature
    self.stop = stop
    self.estimatedInputTokens = estimatedInputTokens
  }
}
