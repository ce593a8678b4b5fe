/// What a model is asked for: each task can have a model of its own.
public enum ModelTask: String, Sendable, Hashable, CaseIterable, Codable {
  /// A question.
  case ask
  /// A place in the code.
  case explain
  /// A summary shown on hovering.
  case hoverSummary = "hover-summary"
  /// Searching with better words.
  case rewriteQuery = "rewrite-query"
  /// A long text in fewer words.
  case summarise

  /// How capable a model should be, 0 to 1, for a task of that difficulty (0 to 1).
  ///
  /// The scale is that of ``ModelCapability``. Rewriting a query or summarising is done well by small models whatever
  /// the question; answers gain from larger ones the more has to be put together.
  func neededCapability(difficulty: Double) -> Double {
    let difficulty = min(1, max(0, difficulty))
    return switch self {
    case .ask: 0.25 + 0.55 * difficulty
    case .explain: 0.25 + 0.45 * difficulty
    case .hoverSummary: 0.2 + 0.2 * difficulty
    case .rewriteQuery: 0.15
    case .summarise: 0.25
    }
  }
}
