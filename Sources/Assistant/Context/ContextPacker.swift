internal import Tokenization
internal import Workspace

/// Chooses the passages that go into the context of a question.
struct ContextPacker: Sendable {
  /// Passages with their ids: the context in reading order.
  struct Context: Sendable {
    /// By file and line; the id of `passages[i]` is i + 1.
    var passages: [Evidence]
    /// Tokens of all passages, headings included.
    var tokens: Int
  }

  /// Tokens of context at most.
  var tokenBudget: Int
  /// Passages at most.
  var maxPassages: Int

  /// The share of the best score below which a passage would mislead more than it helps: a small workspace has little
  /// to say about any one question, and there the budget alone would take everything.
  static let relevance: Float = 0.3

  /// Takes passages in the order of their rank while they fit, joins those that touch, and orders them by file and
  /// line, so that they are read as they stand.
  func pack(_ evidence: [Evidence]) -> Context {
    var chosen: [Evidence] = []
    var tokens = 0
    let floor = (evidence.first?.score ?? 0) * ContextPacker.relevance
    for item in evidence {
      if chosen.count == maxPassages { break }
      if item.score < floor { continue }
      // Overlapping passages (of an overlay, say) would say the same twice.
      if chosen.contains(where: { $0.uri == item.uri && $0.lines.overlaps(item.lines) }) { continue }
      let cost = ContextPacker.tokens(of: item)
      // One that is too long does not end the search: a shorter one may fit.
      if tokens + cost > tokenBudget { continue }
      tokens += cost
      chosen.append(item)
    }
    let ordered = chosen.sorted { ($0.path, $0.uri, $0.lines.lowerBound) < ($1.path, $1.uri, $1.lines.lowerBound) }
    return Context(passages: joined(ordered), tokens: tokens)
  }

  /// The tokens that a passage takes in a prompt, its heading included.
  static func tokens(of item: Evidence) -> Int {
    TokenEstimate.tokens(in: item.text) + TokenEstimate.tokens(in: item.location) + 12
  }

  /// Makes one passage of those that follow one another in a file with nothing but blank lines between them.
  private func joined(_ passages: [Evidence]) -> [Evidence] {
    var result: [Evidence] = []
    for item in passages {
      guard var last = result.last, last.uri == item.uri, last.source.hash == item.source.hash,
        last.bytes.upperBound <= item.bytes.lowerBound,
        last.source.bytes[last.bytes.upperBound..<item.bytes.lowerBound].allSatisfy({ $0 == 0x0A || $0 == 0x0D })
      else {
        result.append(item)
        continue
      }
      last.bytes = last.bytes.lowerBound..<item.bytes.upperBound
      last.lines = last.lines.lowerBound..<item.lines.upperBound
      last.symbol = last.symbol == item.symbol ? last.symbol : ContextPacker.commonSymbol(last.symbol, item.symbol)
      last.score = max(last.score, item.score)
      last.coverage = max(last.coverage, item.coverage)
      last.similarity = max(last.similarity, item.similarity)
      result[result.count - 1] = last
    }
    return result
  }

  /// The declaration that holds both; of one in the other, the outer.
  private static func commonSymbol(_ first: String, _ second: String) -> String {
    let common = zip(first.split(separator: "."), second.split(separator: ".")).prefix { $0 == $1 }
    return common.map { String($0.0) }.joined(separator: ".")
  }
}
