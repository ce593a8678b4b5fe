extension LanguageTable {
  static let swift = LanguageRow(
    id: "swift", extensions: ["swift", "swiftinterface"], interpreters: ["swift"],
    lexical: LexicalRules(
      lineComments: ["//"], blockComments: [.nestedC],
      strings: [
        StringRule("\"\"\"", multiline: true, interpolation: .backslashParenthesis),
        StringRule("\"", interpolation: .backslashParenthesis), .backtickWord,
      ],
      custom: [.swiftRawString, .tightSlashRegex], wordBytes: "$", directives: .conditional),
    keywords: [
      "func": .declares(.function), "init": .declares(.constructor, .own), "deinit": .declares(.method, .own),
      "subscript": .declares(.method, .own), "class": .declares(.class), "actor": .declares(.class),
      "struct": .declares(.struct), "enum": .declares(.enum), "protocol": .declares(.interface),
      "extension": .declares(.extension, .path), "typealias": .declares(.typeAlias),
      "associatedtype": .declares(.typeAlias), "macro": .declares(.macro), "precedencegroup": .declares(.operator),
      "operator": .declares(.operator), "let": .variable(.constant), "var": .variable(),
      "case": Keyword(role: .enumCase),
      "import": .imports,
    ]
      + Keyword.all(
        .modifier,
        """
        public private internal fileprivate open package static final lazy weak unowned override mutating nonmutating \
        convenience required dynamic optional indirect prefix postfix infix async nonisolated isolated consuming \
        borrowing distributed __consuming __owned unsafe
        """)
      + Keyword.all(
        .control,
        """
        if guard for while switch do repeat return throw defer break continue default else catch try await in is as \
        fallthrough yield
        """)
      + Keyword.all(.continuation, "where")
      + Keyword.all(Keyword(role: .continuation, name: .own), "throws rethrows"),
    structure: .braces(BraceGrammar(style: .keyword, newlineEnds: true, attributes: .at)))
}
