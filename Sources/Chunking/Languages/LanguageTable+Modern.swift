extension LanguageTable {
  /// Languages that introduce declarations by keyword and hold bodies in braces.
  static let modern = [go, rust, kotlin]

  static let go = LanguageRow(
    id: "go", extensions: ["go"],
    lexical: LexicalRules(
      lineComments: ["//"], blockComments: [.c],
      strings: [.double, .single, StringRule("`", escapes: false, multiline: true)]),
    keywords: [
      "func": .declares(.function, .receiver), "type": .declares(.struct, .beforeBody), "var": .variable(),
      "const": .variable(.constant), "import": .imports,
    ]
      + Keyword.all(
        .control, "if for switch select case return go defer else break continue goto fallthrough default range package"
      ),
    structure: .braces(BraceGrammar(style: .keyword, newlineEnds: true, groups: true)))

  static let rust = LanguageRow(
    id: "rust", extensions: ["rs"],
    lexical: LexicalRules(
      lineComments: ["//"], blockComments: [.nestedC], strings: [StringRule("\"", multiline: true)],
      custom: [.rustRawString, .quoteOrCharacter]),
    keywords: [
      "fn": .declares(.function), "struct": .declares(.struct), "enum": .declares(.enum),
      "union": .declares(.struct), "trait": .declares(.interface), "impl": .declares(.extension, .implementation),
      "mod": .declares(.module), "type": .declares(.typeAlias), "macro_rules": .declares(.macro),
      "const": .variable(.constant), "static": .variable(), "use": .imports,
    ]
      + Keyword.all(.modifier, "pub async unsafe extern default auto")
      + Keyword.all(.control, "if for while loop match return else break continue let move await in")
      + Keyword.all(.continuation, "where"),
    structure: .braces(BraceGrammar(style: .keyword, attributes: .hashBracket, macros: true)))

  static let kotlin = LanguageRow(
    id: "kotlin", extensions: ["kt", "kts"],
    lexical: LexicalRules(
      lineComments: ["//"], blockComments: [.nestedC],
      strings: [
        StringRule("\"\"\"", escapes: false, multiline: true, interpolation: .dollarBrace),
        StringRule("\"", interpolation: .dollarBrace), .single, .backtickWord,
      ]),
    keywords: [
      "fun": .declares(.function, .beforeParenthesis), "class": .declares(.class),
      "interface": .declares(.interface), "object": .declares(.class, .optional), "typealias": .declares(.typeAlias),
      "constructor": .declares(.constructor, .own), "init": .control, "enum": .declares(.enum),
      "val": .variable(.constant), "var": .variable(), "import": .imports, "package": .control,
    ]
      + Keyword.all(
        .modifier,
        """
        public private internal protected open abstract final sealed data inner companion override lateinit inline \
        noinline crossinline suspend operator infix external tailrec const expect actual annotation value vararg
        """)
      + Keyword.all(.control, "if for while do when return throw try catch finally else break continue in is as")
      + Keyword.all(.continuation, "where by"),
    structure: .braces(BraceGrammar(style: .keyword, newlineEnds: true, attributes: .at)))
}
