public import Workspace

/// A passage that an answer rests on.
public struct Citation: Sendable, Codable, Hashable {
  /// The number that stands in the answer as `[id]`, from 1.
  public var id: Int
  /// The URI of the file.
  public var uri: String
  /// The path relative to the workspace folder, `/`-separated.
  public var path: String
  /// The cited lines, in the encoding that the caller asked for.
  public var range: SourceRange
  /// The symbol path of the declaration, such as `Index.recover`.
  public var symbol: String?
  /// Hash of the cited text, 16 hexadecimal digits: what was read.
  public var contentHash: String
  /// Whether the text at `range` was found to have `contentHash` when the answer was complete.
  public var verified: Bool
  /// How well the passage matches the question, 0...1.
  public var score: Double

  /// Makes a citation.
  public init(
    id: Int, uri: String, path: String, range: SourceRange, symbol: String?, contentHash: String, verified: Bool,
    score: Double
  ) {
    self.id = id
    self.uri = uri
    self.path = path
    self.range = range
    self.symbol = symbol
    self.contentHash = contentHash
    self.verified = verified
    self.score = score
  }
}

/// Why an answer is less than what was asked for.
public struct Degradation: Sendable, Codable, Hashable {
  /// A sentence for the user.
  public var reason: String

  /// Gives the reason.
  public init(reason: String) {
    self.reason = reason
  }
}

/// Tokens that a model used, in disjoint buckets.
public struct UsageSummary: Sendable, Codable, Hashable {
  /// Input tokens that came from no cache.
  public var input: Int
  /// Input tokens read from the provider's cache.
  public var cacheRead: Int
  /// Input tokens written to the provider's cache.
  public var cacheWrite: Int
  /// Output tokens without those of reasoning.
  public var output: Int
  /// Output tokens of reasoning.
  public var reasoning: Int
  /// Whether the numbers are ours (`true`) or the provider's (`false`).
  public var estimated: Bool

  /// Makes a summary; all numbers are ≥ 0.
  public init(input: Int, cacheRead: Int, cacheWrite: Int, output: Int, reasoning: Int, estimated: Bool) {
    self.input = input
    self.cacheRead = cacheRead
    self.cacheWrite = cacheWrite
    self.output = output
    self.reasoning = reasoning
    self.estimated = estimated
  }
}

/// Money, in US dollars.
public struct CostSummary: Sendable, Codable, Hashable {
  /// What was expected before the request left.
  public var estimated: Double
  /// What it cost.
  public var actual: Double
  /// What is left of the tightest limit; left out where no limit is set.
  public var remaining: Double?

  /// Makes a summary; all numbers are ≥ 0.
  public init(estimated: Double, actual: Double, remaining: Double? = nil) {
    self.estimated = estimated
    self.actual = actual
    self.remaining = remaining
  }
}

/// What was given to the answerer.
public struct ContextSize: Sendable, Codable, Hashable {
  /// Passages in the context.
  public var passages: Int
  /// Tokens of those passages.
  public var tokens: Int
  /// The limit on `tokens`.
  public var tokenBudget: Int

  /// Makes a size.
  public init(passages: Int, tokens: Int, tokenBudget: Int) {
    self.passages = passages
    self.tokens = tokens
    self.tokenBudget = tokenBudget
  }
}

/// Why an answer ended.
public enum FinishReason: String, Sendable, Codable {
  /// It is complete.
  case stop
  /// It reached the limit on output tokens.
  case length
  /// The provider refused to go on.
  case contentFilter
  /// The connection ended before the answer did; what had come is kept.
  case truncated
  /// The workspace does not support an answer.
  case noEvidence
}

/// The result of `rag/ask`.
public struct AskResult: Sendable, Codable {
  /// The conversation that this turn belongs to.
  public var conversationId: String
  /// This turn.
  public var turnId: String
  /// The answer in Markdown; `[n]` refers to the citation whose id is n.
  public var answer: String
  /// What the answer rests on, in the order of their ids.
  public var citations: [Citation]
  /// Whether the workspace did not support an answer.
  public var abstained: Bool
  /// Set when the answer is less than what was asked for.
  public var degraded: Degradation?
  /// The model that answered; `extractive` for the offline answerer.
  public var model: String?
  /// How the model was chosen and what was tried; left out where no model was asked.
  public var route: RouteSummary?
  /// Tokens used; left out where no model was asked.
  public var usage: UsageSummary?
  /// Money spent.
  public var cost: CostSummary
  /// What was given to the answerer.
  public var contextSize: ContextSize
  /// Whether the answer came from the cache.
  public var cached: Bool
  /// Why the answer ended.
  public var finishReason: FinishReason

  /// Makes a result.
  public init(
    conversationId: String, turnId: String, answer: String, citations: [Citation], abstained: Bool,
    degraded: Degradation?, model: String?, usage: UsageSummary?, cost: CostSummary, contextSize: ContextSize,
    cached: Bool, finishReason: FinishReason
  ) {
    self.conversationId = conversationId
    self.turnId = turnId
    self.answer = answer
    self.citations = citations
    self.abstained = abstained
    self.degraded = degraded
    self.model = model
    self.usage = usage
    self.cost = cost
    self.contextSize = contextSize
    self.cached = cached
    self.finishReason = finishReason
  }
}

/// A piece of an answer that is being made; every member is appended to what came before.
public struct AskDelta: Sendable, Codable {
  /// More of the answer's text.
  public var text: String?
  /// More citations; they come before the text that uses them.
  public var citations: [Citation]?
  /// What is being done now, for a status line.
  public var status: String?

  /// Makes a delta.
  public init(text: String? = nil, citations: [Citation]? = nil, status: String? = nil) {
    self.text = text
    self.citations = citations
    self.status = status
  }
}

extension AskResult {
  /// Adds a reason why the answer is less than what was asked for.
  mutating func degrade(_ reason: String) {
    degraded = Degradation(reason: [degraded?.reason, reason].compactMap(\.self).joined(separator: " "))
  }
}
