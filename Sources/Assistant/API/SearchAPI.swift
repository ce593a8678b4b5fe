public import Workspace

/// How `rag/search` finds passages.
public enum SearchMode: String, Sendable, Codable, CaseIterable {
  /// Words and meaning together: the default.
  case hybrid
  /// Meaning alone.
  case dense
  /// Words alone.
  case lexical
  /// Names of declarations.
  case symbol
}

/// The parameters of `rag/search`.
public struct SearchParameters: Sendable, Codable {
  /// What to look for.
  public var query: String
  /// Passages at most, 1...1,000 (default 10).
  public var limit: Int?
  /// Which part of the workspace may be searched.
  public var scope: SearchScope?
  /// How to search (default hybrid).
  public var mode: SearchMode?
  /// Whether the passages carry their text (default false).
  public var includeText: Bool?

  /// Searches for `query` with every default.
  public init(query: String) {
    self.query = query
  }
}

/// A passage that was found.
public struct FoundPassage: Sendable, Codable {
  /// The URI of the file.
  public var uri: String
  /// The path relative to the workspace folder, `/`-separated.
  public var path: String
  /// The lines of the passage, in the encoding that the caller asked for.
  public var range: SourceRange
  /// The symbol path of the declaration.
  public var symbol: String?
  /// The language identifier as LSP spells it.
  public var language: String
  /// Higher is better; comparable within one result only.
  public var score: Double
  /// The parts of the score, by name.
  public var why: [String: Double]?
  /// The text, where it was asked for.
  public var text: String?

  /// Makes a passage.
  public init(
    uri: String, path: String, range: SourceRange, symbol: String?, language: String, score: Double,
    why: [String: Double]?, text: String?
  ) {
    self.uri = uri
    self.path = path
    self.range = range
    self.symbol = symbol
    self.language = language
    self.score = score
    self.why = why
    self.text = text
  }
}

/// The result of `rag/search`.
public struct SearchResult: Sendable, Codable {
  /// The passages, best first.
  public var passages: [FoundPassage]
  /// How long the search took, in microseconds.
  public var tookMicroseconds: Int

  /// Makes a result.
  public init(passages: [FoundPassage], tookMicroseconds: Int) {
    self.passages = passages
    self.tookMicroseconds = tookMicroseconds
  }
}
