extension LanguageTable {
  /// JavaScript, TypeScript and both with JSX.
  static let scripts = [
    LanguageRow(
      id: "javascript", extensions: ["js", "mjs", "cjs", "es6"], interpreters: ["node", "nodejs"],
      lexical: scriptLexical, keywords: scriptKeywords, structure: .braces(scriptGrammar)),
    LanguageRow(
      id: "typescript", extensions: ["ts", "mts", "cts"], interpreters: ["deno", "ts-node", "bun"],
      lexical: scriptLexical, keywords: scriptKeywords + typeKeywords, structure: .braces(scriptGrammar)),
    LanguageRow(
      id: "javascriptreact", extensions: ["jsx"], lexical: scriptLexical, keywords: scriptKeywords,
      structure: .braces(scriptGrammar)),
    LanguageRow(
      id: "typescriptreact", extensions: ["tsx"], lexical: scriptLexical, keywords: scriptKeywords + typeKeywords,
      structure: .braces(scriptGrammar)),
  ]

  static let scriptGrammar = BraceGrammar(style: .script, newlineEnds: true, attributes: .at)

  static let scriptLexical = LexicalRules(
    lineComments: ["//"], blockComments: [.c],
    strings: [.double, .single, StringRule("`", multiline: true, interpolation: .dollarBrace)],
    custom: [.slashRegex], wordBytes: "$", hasMarkup: true)

  static let scriptKeywords: [String: Keyword] =
    [
      "function": .declares(.function), "class": .declares(.class), "const": .variable(.constant),
      "let": .variable(), "var": .variable(), "import": .imports,
    ]
    + Keyword.all(.modifier, "export default async static get set accessor")
    + Keyword.all(
      .control,
      """
      if for while do switch case return throw try catch finally else with new delete typeof void in of instanceof \
      break continue yield await
      """)
    + Keyword.all(.continuation, "extends implements")

  static let typeKeywords: [String: Keyword] =
    [
      "interface": .declares(.interface), "enum": .declares(.enum), "type": .declares(.typeAlias),
      "namespace": .declares(.module), "module": .declares(.module),
    ]
    + Keyword.all(.modifier, "public private protected readonly abstract declare override")
}
