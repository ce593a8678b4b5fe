import Ledger

/// What an answer has used so far: what the provider said, else what came.
struct AnswerTally {
  /// What was asked.
  let request: ChatRequest
  /// What the provider said last.
  var usage: TokenUsage?
  private(set) var outputBytes = 0
  private(set) var reasoningBytes = 0

  init(_ request: ChatRequest) { self.request = request }

  /// Counts a piece of the answer.
  mutating func count(_ event: ChatEvent) {
    switch event {
    case .text(let text), .refusal(let text): outputBytes += text.utf8.count
    case .reasoning(let text): reasoningBytes += text.utf8.count
    case .toolCall(let call): outputBytes += call.name.utf8.count + call.arguments.utf8.count
    case .usage, .finished: break
    }
  }

  /// Whether nothing at all has come.
  var isEmpty: Bool { outputBytes + reasoningBytes == 0 && usage == nil }

  /// What has been used.
  var finalUsage: TokenUsage { usage ?? estimate }

  /// What has been used, by what came alone.
  var estimate: TokenUsage {
    OpenAIUsage.estimate(request, outputBytes: outputBytes, reasoningBytes: reasoningBytes)
  }
}
