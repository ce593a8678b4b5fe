public import Ledger

/// What comes back, in order: deltas, then exactly one `usage`, then `finished` as the last.
public enum ChatEvent: Sendable, Hashable {
  /// A piece of the answer, never empty.
  case text(String)
  /// A piece of what the model thought, never empty; not part of the answer.
  case reasoning(String)
  /// A piece of a refusal, shown in place of an answer.
  case refusal(String)
  /// A call the model wants made, whole.
  case toolCall(ToolCall)
  /// What was used.
  case usage(TokenUsage)
  /// The end.
  case finished(FinishReason)

  /// Whether the user may have seen something of it.
  public var isDelta: Bool {
    switch self {
    case .text, .reasoning, .refusal, .toolCall: true
    case .usage, .finished: false
    }
  }
}

/// A call of a tool.
public struct ToolCall: Sendable, Hashable {
  /// The provider's name of this call.
  public var id: String
  /// The tool.
  public var name: String
  /// JSON, as the model wrote it.
  public var arguments: String

  /// Makes a call.
  public init(id: String, name: String, arguments: String) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

/// Why an answer ended.
public enum FinishReason: Sendable, Hashable {
  /// It was complete.
  case stop
  /// It reached the limit of output tokens.
  case length
  /// It waits for tools.
  case toolCalls
  /// It was filtered, or the model refused.
  case contentFilter
  /// Something else, in the provider's word.
  case other(String)

  /// Reads the word of OpenAI's format; `nil` when there is none.
  init?(word: String?) {
    switch word {
    case nil, "": return nil
    case "stop", "eos", "end_turn", "stop_sequence": self = .stop
    case "length", "max_tokens", "model_length": self = .length
    case "tool_calls", "function_call": self = .toolCalls
    case "content_filter": self = .contentFilter
    case .some(let other): self = .other(other)
    }
  }
}
