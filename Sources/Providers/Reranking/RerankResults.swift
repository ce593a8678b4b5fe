/// Reads the results of rerankers.
enum RerankResults {
  /// Best first; of equal scores in the order of the documents. Scores are of any scale, and may be negative.
  static func read(_ answer: JSONTree, of count: Int, provider: String) throws(ProviderError) -> [RerankResponse.Result]
  {
    guard let elements = answer["results"]?.array ?? answer["data"]?.array ?? answer.array else {
      throw .invalidAnswer(provider, "there are no results")
    }
    guard !elements.isEmpty else { throw .invalidAnswer(provider, "it holds no result") }
    var seen: Set<Int> = []
    var results: [RerankResponse.Result] = []
    for element in elements {
      guard let index = element["index"]?.int, (0..<count).contains(index) else {
        throw .invalidAnswer(provider, "a result has no number, or one that no document has")
      }
      guard seen.insert(index).inserted else { throw .invalidAnswer(provider, "two results have the number \(index)") }
      guard let score = score(element["relevance_score"] ?? element["score"]) else {
        throw .invalidAnswer(provider, "a result has no score")
      }
      results.append(RerankResponse.Result(index: index, score: score))
    }
    return results.sorted { $0.score == $1.score ? $0.index < $1.index : $0.score > $1.score }
  }

  private static func score(_ tree: JSONTree?) -> Double? {
    switch tree {
    case .number(let value) where value.isFinite: value
    case .integer(let value): Double(value)
    default: nil
    }
  }
}
