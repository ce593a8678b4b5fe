public import Workspace

/// A document as LSP names it.
public struct DocumentIdentifier: Sendable, Codable, Hashable {
  /// The document's URI, `file:` for files.
  public var uri: String

  /// Names a document.
  public init(uri: String) {
    self.uri = uri
  }
}

/// Which part of the workspace may be searched.
public struct SearchScope: Sendable, Codable, Hashable {
  /// Globs of workspace-relative paths; when given, a path must match at least one.
  public var include: [String]?
  /// Globs of workspace-relative paths which are left out.
  public var exclude: [String]?
  /// Language identifiers as LSP spells them (`swift`, `python`); when given, only these.
  public var languages: [String]?

  /// Makes a scope; members left out do not narrow.
  public init(include: [String]? = nil, exclude: [String]? = nil, languages: [String]? = nil) {
    self.include = include
    self.exclude = exclude
    self.languages = languages
  }
}

/// What one request may cost at most.
public struct RequestBudget: Sendable, Codable, Hashable {
  /// Limit in US dollars; 0 allows free models only.
  public var maxUSD: Double?
  /// Limit on input and output tokens together.
  public var maxTokens: Int?

  /// Makes a budget; members left out do not limit.
  public init(maxUSD: Double? = nil, maxTokens: Int? = nil) {
    self.maxUSD = maxUSD
    self.maxTokens = maxTokens
  }
}

/// The parameters of `rag/ask`.
public struct AskParameters: Sendable, Codable {
  /// The question, in any language; must hold something besides white space.
  public var question: String
  /// The document that the question is asked from.
  public var textDocument: DocumentIdentifier?
  /// The selection in `textDocument`.
  public var range: SourceRange?
  /// Continues the conversation of an earlier result.
  public var conversationId: String?
  /// Which part of the workspace may be searched.
  public var scope: SearchScope?
  /// Tokens of retrieved context at most, 1...1,000,000 (default 4,000).
  public var tokenBudget: Int?
  /// Passages of context at most, 1...100 (default 12).
  public var maxPassages: Int?
  /// The model or model group to use; `auto` for one that suits the question, `extractive` for the offline answerer.
  public var model: String?
  /// Only deployments with one of these tags may answer, where the configuration has tags.
  public var tags: [String]?
  /// What the request may cost.
  public var budget: RequestBudget?
  /// Whether the result lists citations (default true).
  public var returnSources: Bool?

  /// Asks `question` with every default.
  public init(question: String) {
    self.question = question
  }
}
