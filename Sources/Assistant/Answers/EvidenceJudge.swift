/// Decides whether what was found supports an answer at all.
///
/// The rule and its numbers come from the development benchmark: `Benchmarks/retrieval/abstention.py` asks each corpus
/// its own questions and those of other corpora, 330 each. Of its refusals 94 % are right; it refuses 80 % of the foreign
/// questions, and 6 % of a corpus' own.
enum EvidenceJudge {
  /// How many of the best passages are looked at.
  static let depth = 5
  /// What covering all of the question's words (by their rarity) counts beside a cosine of 1.
  static let coverageWeight: Float = 0.25
  /// What is taken off for a question whose words stand nowhere in the workspace.
  static let unknownWeight: Float = 0.2
  /// Below this, on the mean, the passages do not speak of the question …
  static let threshold: Float = 0.355
  /// … unless one of them alone does: a small workspace has few that could.
  static let loneThreshold: Float = 0.48

  /// Whether the best of the evidence is good enough to answer from.
  ///
  /// - Parameter unknownShare: how much of the question's weight of words the workspace does not know, 0...1.
  static func supportsAnswer(_ evidence: [Evidence], unknownShare: Float) -> Bool {
    // The rule was found for our own order, whatever a reranker made of it.
    let isReranked = evidence.contains { $0.why["rerank"] != nil }
    let best = (isReranked ? evidence.sorted { $0.ownScore > $1.ownScore } : evidence).prefix(depth)
    guard !best.isEmpty else { return false }
    // Who names an identifier that is declared here is answered.
    if best.contains(where: { $0.why["definition"] != nil }) { return true }
    let values = best.map { coverageWeight * $0.coverage + $0.similarity - unknownWeight * unknownShare }
    return values.contains { $0 >= loneThreshold } || values.reduce(0, +) / Float(values.count) >= threshold
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
