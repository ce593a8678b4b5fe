/// Reads the prose out of a documentation comment.
enum DocComment {
  /// The first paragraph without comment markers, on one line; empty if there is none.
  ///
  /// - Parameter limit: characters at most; a longer paragraph ends at a sentence or a word.
  static func summary(of comment: String, limit: Int = 400) -> String {
    var paragraph: [Substring] = []
    for line in comment.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let text = stripped(line)
      // Tags (`@param`, `- Parameter`, `:param x:`, `Args:`) begin what a summary leaves out.
      let isTag =
        text.hasPrefix("@") || text.hasPrefix("- ") || text.hasPrefix(":param") || text.hasPrefix("\\param")
        || ["Args:", "Parameters:", "Returns:", "Raises:", "Example:", "Examples:", "```"].contains {
          text.hasPrefix($0)
        }
      if text.isEmpty || isTag {
        if paragraph.isEmpty, !isTag { continue }
        break
      }
      paragraph.append(text)
    }
    return shortened(paragraph.joined(separator: " "), limit: limit)
  }

  /// A line without the marks of a comment.
  private static func stripped(_ line: Substring) -> Substring {
    var text = line.drop { $0.isWhitespace }
    for marker in [
      "/**", "/*!", "///", "//!", "//", "/*", "\"\"\"", "'''", "--- ", "-- |", "--", ";;;", ";;", "#'", "##", "#", "%%",
      "*/", "* ", "*", "=begin", "=end", "@doc", "@moduledoc",
    ] {
      if text.hasPrefix(marker) {
        text = text.dropFirst(marker.count)
        break
      }
    }
    for marker in ["*/", "\"\"\"", "'''"] where text.hasSuffix(marker) { text = text.dropLast(marker.count) }
    text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  private static func shortened(_ text: String, limit: Int) -> String {
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
