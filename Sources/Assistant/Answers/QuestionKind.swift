/// What a question asks for, as far as its words tell.
enum QuestionKind: Sendable {
  /// Where something is.
  case location
  /// How something works or happens.
  case mechanism
  /// What something is.
  case definition
  /// Why something is as it is.
  case reason
  /// Which things there are.
  case list
  /// Words to look for, or anything else.
  case other

  init(_ question: String) {
    let words = question.lowercased().split(whereSeparator: { !$0.isLetter && $0 != "'" }).map(String.init)
    let first = words.prefix(3)
    if first.contains("where") || words.starts(with: ["in", "which", "file"]) || words.starts(with: ["which", "file"]) {
      self = .location
    } else if first.contains("why") {
      self = .reason
    } else if words.first == "list" || words.first == "which" || words.starts(with: ["what", "are"]) {
      self = .list
    } else if first.contains("how") || words.starts(with: ["what", "happens"]) || words.first == "when" {
      self = .mechanism
    } else if first.contains("what") || first.contains("what's") || words.first == "explain"
      || words.first == "describe"
    {
      self = .definition
    } else {
      self = .other
    }
  }
}
