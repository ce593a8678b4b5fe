/// Decides whether what was found supports an answer at all.
///
/// The two thresholds come from the development benchmark: `Benchmarks/` asks each corpus its own questions and those
/// of the other corpora, and prints how well they tell the two apart.
enum EvidenceJudge {
  /// Below this share of the question's words (by their rarity) a passage does not speak of the question …
  static let coverage: Float = 0.34
  /// … unless its meaning is this near.
  static let similarity: Float = 0.42

  /// Whether the best of the evidence is good enough to answer from.
  static func supportsAnswer(_ evidence: [Evidence]) -> Bool {
    evidence.prefix(5).contains { $0.coverage >= coverage || $0.similarity >= similarity }
  }

  /// The answer where it is not: what was looked for, and the nearest things.
  static func abstention(_ question: String, nearest: [Evidence]) -> String {
    var text = "I found nothing in this workspace that answers this."
    if !nearest.isEmpty {
      let list = nearest.prefix(3).map { item in
        "- " + (item.symbol.isEmpty ? "" : "\(ExtractiveAnswerer.codeSpan(item.symbol)) — ")
          + ExtractiveAnswerer.codeSpan(item.location)
      }
      text += " The nearest passages, which do not answer it:\n\n" + list.joined(separator: "\n")
    }
    return text
  }
}
