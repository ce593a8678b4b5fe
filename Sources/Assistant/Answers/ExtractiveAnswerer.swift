internal import Chunking
internal import SearchIndex

/// Answers from the workspace's own words: the declarations that match, what their comments say, and the lines that
/// matter. It adds nothing of its own, so it cannot invent.
struct ExtractiveAnswerer: Sendable {
  /// An answer with what it quotes; `[n]` in the text is `used[n - 1]`.
  struct Answer: Sendable {
    var text: String
    var used: [Evidence]
  }

  /// Passages that are quoted, and such that are named below them, at most.
  private let quoted = 3
  private let named = 5

  /// Composes an answer from evidence in the order of its rank; there is at least one.
  func answer(_ question: String, evidence: [Evidence], terms: QueryTerms) -> Answer {
    let chunker = Chunker()
    let selection = select(evidence)
    let excerpts = selection.map { Excerpt($0, terms: terms, chunker: chunker) }
    var blocks: [String] = [opening(QuestionKind(question), excerpts: excerpts, evidence: selection)]
    for number in selection.indices.prefix(quoted) {
      blocks.append(quote(excerpts[number], selection[number], id: number + 1))
    }
    if selection.count > quoted {
      let lines = selection.indices.dropFirst(quoted).map { mention(excerpts[$0], selection[$0], id: $0 + 1) }
      blocks.append("Also related:\n" + lines.joined(separator: "\n"))
    }
    return Answer(text: MarkdownGuard.guarded(blocks.joined(separator: "\n\n")), used: selection)
  }

  /// The best passages, of one file no more than two, of one declaration one, and none far behind the first.
  private func select(_ evidence: [Evidence]) -> [Evidence] {
    var selection: [Evidence] = []
    var perFile: [String: Int] = [:]
    let best = evidence.first?.score ?? 0
    for item in evidence where item.score >= best * 0.45 {
      if perFile[item.uri, default: 0] >= 2 { continue }
      if !item.symbol.isEmpty, selection.contains(where: { $0.uri == item.uri && $0.symbol == item.symbol }) {
        continue
      }
      perFile[item.uri, default: 0] += 1
      selection.append(item)
      if selection.count == quoted + named { break }
    }
    return selection
  }

  /// A sentence that says what this is.
  private func opening(_ kind: QuestionKind, excerpts: [Excerpt], evidence: [Evidence]) -> String {
    let subject = Self.codeSpan(excerpts[0].symbol.isEmpty ? evidence[0].path : excerpts[0].symbol)
    let place = "in " + Self.codeSpan(evidence[0].path)
    let head =
      switch kind {
      case .location: "The closest match is \(subject)" + (excerpts[0].symbol.isEmpty ? "" : " \(place)") + " [1]."
      case .definition:
        "The workspace describes it at \(subject)" + (excerpts[0].symbol.isEmpty ? "" : " \(place)") + " [1]."
      case .reason: "The reason, where the workspace gives one, stands closest to \(subject) [1]."
      case .list: "These passages match best, \(subject) first [1]."
      case .mechanism: "The passages below carry this out; \(subject) matches best [1]."
      case .other: "\(subject) matches best [1]."
      }
    return head + " *What follows is quoted from the workspace; no model wrote it.*"
  }

  private func quote(_ excerpt: Excerpt, _ evidence: Evidence, id: Int) -> String {
    let name = excerpt.symbol.isEmpty ? "" : "**\(Self.codeSpan(excerpt.symbol))** — "
    var text = "\(name)\(Self.codeSpan(evidence.location)) [\(id)]\n"
    for paragraph in [excerpt.summary, excerpt.detail] where !paragraph.isEmpty {
      text += "\n\(CitationFilter.escaped(paragraph))\n"
    }
    if DocumentLanguages.contains(evidence.language) {
      // Prose is quoted as prose.
      let lines = CitationFilter.escaped(excerpt.code).split(separator: "\n", omittingEmptySubsequences: false)
      text += "\n" + lines.map { "> \($0)" }.joined(separator: "\n")
    } else {
      let fence = ExtractiveAnswerer.fence(for: excerpt.code)
      text += "\n\(fence)\(evidence.language)\n\(excerpt.code)\n\(fence)"
    }
    return text
  }

  private func mention(_ excerpt: Excerpt, _ evidence: Evidence, id: Int) -> String {
    let name = excerpt.symbol.isEmpty ? "" : "\(Self.codeSpan(excerpt.symbol)) — "
    var text = "- \(name)\(Self.codeSpan(evidence.location)) [\(id)]"
    if !excerpt.summary.isEmpty {
      text += " — \(CitationFilter.escaped(firstSentence(excerpt.summary)))"
    } else if !excerpt.signature.isEmpty {
      text += " — \(Self.codeSpan(excerpt.signature))"
    }
    return text
  }

  private func firstSentence(_ text: String) -> String {
    let characters = Array(text)
    guard let end = characters.indices.dropLast().first(where: { characters[$0] == "." && characters[$0 + 1] == " " })
    else { return text }
    return String(characters[...end])
  }

  /// A fence longer than any run of backticks inside.
  static func fence(for code: String) -> String {
    String(repeating: "`", count: max(2, longestRun(in: code)) + 1)
  }

  /// A text of the workspace as code within a line, whatever backticks and line ends it holds.
  static func codeSpan(_ text: String) -> String {
    let line = String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    let longest = longestRun(in: line)
    if longest == 0 { return "`\(line)`" }
    let ticks = String(repeating: "`", count: longest + 1)
    return "\(ticks) \(line) \(ticks)"
  }

  private static func longestRun(in text: String) -> Int {
    var longest = 0
    var run = 0
    for byte in text.utf8 {
      run = byte == 0x60 ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}

/// The languages whose text is prose.
enum DocumentLanguages {
  static func contains(_ language: String) -> Bool {
    ["markdown", "restructuredtext", "asciidoc", "plaintext"].contains(language)
  }
}
