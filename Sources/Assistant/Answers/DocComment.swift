/// Reads the prose out of a documentation comment.
enum DocComment {
  /// The first paragraph without comment markers, on one line; empty if there is none.
  ///
  /// - Parameter limit: characters at most; a longer paragraph ends at a sentence or a word.
  static func summary(of comment: String, limit: Int = 400) -> String {
    paragraphs(of: comment).first.map { shortened($0, limit: limit) } ?? ""
  }

  /// The paragraphs before the first tag (`@param`, `- Parameter`, `:param x:`, `Args:`), each on one line.
  static func paragraphs(of comment: String) -> [String] {
    var paragraphs: [[Substring]] = [[]]
    for line in comment.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let text = stripped(line)
      if isTag(text) { break }
      if text.isEmpty { paragraphs.append([]) } else { paragraphs[paragraphs.count - 1].append(text) }
    }
    return paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: " ") }
  }

  private static func isTag(_ text: Substring) -> Bool {
    text.hasPrefix("@") || text.hasPrefix("- ") || text.hasPrefix(":param") || text.hasPrefix("\\param")
      || ["Args:", "Parameters:", "Returns:", "Raises:", "Example:", "Examples:", "```"].contains {
        text.hasPrefix($0)
      }
  }

  /// A line without the marks of a comment.
  private static func stripped(_ line: Substring) -> Substring {
    var text = line.drop { $0.isWhitespace }
    let isComment = drop(oneOf: comments, from: &text)
    text = text.drop { $0.isWhitespace }
    // The tags that introduce what a documentation tool takes for the summary.
    let isIntroduced = drop(oneOf: introductions, from: &text)
    if isIntroduced { text = text.drop { $0.isWhitespace } }
    drop(oneOf: strings, from: &text)
    // A plain quote delimits where no comment does; elsewhere it quotes.
    let isQuoted = (isIntroduced || !isComment) && drop(oneOf: ["\""], from: &text)
    while text.last?.isWhitespace == true { text.removeLast() }
    for marker in closings where text.hasSuffix(marker) { text = text.dropLast(marker.count) }
    if isQuoted, text.hasSuffix("\"") { text = text.dropLast() }
    text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// What starts a comment or one of its lines, longer marks before shorter ones.
  private static let comments = [
    "/**", "/*!", "///<", "///", "//!", "//", "/*", "--- ", "-- |", "-- ^", "--[[", "--", ";;;", ";;", "#'", "#=", "#|",
    "##", "#", "%%%", "%%", "%", "{-|", "{- |", "{-", "-}", "(**", "(*", "*)", "<!--", "-->", "*/", "* ", "*", "=begin",
    "=end",
    "=pod", "=cut", "]]", "|#",
  ]

  private static let introductions = [
    "@moduledoc", "@typedoc", "@doc", "@brief", "\\brief", "@summary", "<summary>", "</summary>", "@desc",
  ]

  private static let strings = [
    "~S\"\"\"", "~s\"\"\"", "\"\"\"", "'''", "~S'''",
  ]

  private static let closings = ["*/", "-->", "*)", "-}", "|#", "=#", "]]", "\"\"\"", "'''", "</summary>"]

  /// Drops the first of the marks that the text starts with; false if it starts with none.
  @discardableResult
  private static func drop(oneOf marks: [String], from text: inout Substring) -> Bool {
    guard let mark = marks.first(where: { text.hasPrefix($0) }) else { return false }
    text = text.dropFirst(mark.count)
    return true
  }

  /// A text cut at a sentence or a word.
  static func shortened(_ text: String, limit: Int) -> String {
    guard text.count > limit else { return text }
    let prefix = Array(text.prefix(limit))
    // The end of the last whole sentence, if that leaves something to read.
    if let end = prefix.indices.dropLast().last(where: { prefix[$0] == "." && prefix[$0 + 1] == " " }), end > limit / 3
    {
      return String(prefix[...end])
    }
    // Scripts without blanks between words are cut anywhere.
    guard let blank = prefix.lastIndex(of: " "), blank > limit / 3 else { return String(prefix) + "…" }
    return String(prefix[..<blank]) + " …"
  }
}
