/// How hard a question is to answer well, 0 to 1, judged without asking a model: it decides which model `auto` means.
///
/// What a question asks for matters most: a place is read off one passage, reasons and mechanisms are put together from
/// several. Then how much is asked at once, over how many files the evidence is spread, and how clearly one passage
/// stands out. The weights are judgements, not measurements: they only have to order questions.
enum QuestionDifficulty {
  /// The difficulty of `question`, given the evidence that is to be sent, best first.
  static func of(_ question: String, evidence: [Evidence], isFollowUp: Bool) -> Double {
    let base =
      switch QuestionKind(question) {
      case .location: 0.1
      case .definition: 0.25
      case .other: 0.35
      case .list: 0.4
      case .mechanism: 0.5
      case .reason: 0.6
      }
    let words = question.split(whereSeparator: \.isWhitespace).count
    let questions = question.filter { $0 == "?" }.count
    let clauses = question.lowercased().split(whereSeparator: { !$0.isLetter })
      .filter { ["and", "or", "versus", "vs", "compared", "difference", "between"].contains($0) }.count
    var value = base
    value += 0.15 * min(1, Double(max(0, words - 12)) / 30)
    value += 0.08 * Double(min(3, max(0, questions - 1) + clauses))
    let files = Set(evidence.map(\.uri)).count
    value += 0.15 * min(1, Double(max(0, files - 1)) / 6)
    if evidence.count > 1, evidence[0].score > 0 {
      // One passage far ahead of the next usually holds the answer by itself.
      let lead = Double(1 - evidence[1].score / evidence[0].score)
      value -= 0.1 * min(1, max(0, lead) * 2)
    }
    if isFollowUp { value += 0.05 }
    return min(1, max(0, value))
  }
}
