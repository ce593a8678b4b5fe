/// How many tokens stand around the texts of a conversation: what marks the start, the role and the end of a message,
/// and what leads to the answer.
public struct MessageFraming: Sendable, Hashable {
  /// Tokens a message, its role among them.
  public var perMessage: Int
  /// Tokens a request.
  public var perRequest: Int

  /// Any framing.
  public init(perMessage: Int, perRequest: Int) {
    self.perMessage = perMessage
    self.perRequest = perRequest
  }

  /// As OpenAI documents it for its chat models: three tokens a message and one for its role, three that lead to the
  /// answer.
  public static let openAI = MessageFraming(perMessage: 4, perRequest: 3)

  /// Above what is known of other models' templates: these take up to about ten tokens a message, and some put a text of
  /// their own before the first (dates, how to reason) of up to about a hundred. Templates are up to whoever serves a
  /// model, so this is generous, not proven.
  public static let generous = MessageFraming(perMessage: 16, perRequest: 192)

  /// The tokens around a number of messages.
  public func tokens(messages: Int) -> Int { perRequest + messages * perMessage }
}
