/// The language table: one row a language. To add one, see `docs/adding-a-language.md`.
enum LanguageTable {
  static let rows: [LanguageRow] =
    [swift, python] + scripts + cFamily + modern + braces + closingWord + offside + documents + [plaintext]

  static let plaintext = LanguageRow(id: "plaintext", extensions: ["txt", "text", "log"], structure: .paragraphs)

  static let python = LanguageRow(
    id: "python", extensions: ["py", "pyi", "pyw", "bzl"], fileNames: ["SConstruct", "SConscript", "wscript"],
    interpreters: ["python", "pypy"],
    lexical: LexicalRules(
      lineComments: ["#"], strings: [.tripleDouble, .tripleSingle, .double, .single], joinsLines: true),
    keywords: [
      "def": .declares(.function), "class": .declares(.class), "async": .modifier, "import": .imports,
      "from": .imports, "if": .control, "elif": .control, "else": .control, "for": .control, "while": .control,
      "try": .control, "except": .control, "finally": .control, "with": .control, "return": .control,
      "raise": .control, "yield": .control, "lambda": .control, "as": .continuation,
    ],
    structure: .indentation)
}

/// Adds up the keywords of related languages: later ones win.
func + (left: [String: Keyword], right: [String: Keyword]) -> [String: Keyword] {
  left.merging(right) { $1 }
}

extension Keyword {
  /// All of `words` with the same meaning.
  static func all(_ keyword: Keyword, _ words: String) -> [String: Keyword] {
    var result: [String: Keyword] = [:]
    for word in words.split(separator: " ") { result[String(word)] = keyword }
    return result
  }
}
