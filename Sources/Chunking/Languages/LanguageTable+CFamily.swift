extension LanguageTable {
  /// Languages that put the type before the name.
  static let cFamily = [c, cpp, java, csharp]

  static let cLexical = LexicalRules(
    lineComments: ["//"], blockComments: [.c], strings: [.double, .single], joinsLines: true, directives: .all)

  static let cControl = Keyword.all(
    .control, "if for while do switch case return goto else break continue default sizeof")

  static let cKeywords: [String: Keyword] =
    [
      "struct": .declares(.struct), "union": .declares(.struct), "enum": .declares(.enum), "typedef": .modifier,
      // Headers are C until told otherwise, and many are C++.
      "class": .declares(.class), "namespace": .declares(.module), "using": .control, "static_assert": .control,
    ] + cControl + Keyword.all(.modifier, "extern static inline const virtual explicit constexpr friend")
    + Keyword.all(.label, "public private protected signals Q_SIGNALS")

  static let c = LanguageRow(
    id: "c", extensions: ["c", "h"], lexical: cLexical, keywords: cKeywords,
    structure: .braces(BraceGrammar(style: .shape, attributes: .bracket, elaboratedTypes: true)))

  static let cpp = LanguageRow(
    id: "cpp", extensions: ["cc", "cpp", "cxx", "c++", "hpp", "hh", "hxx", "h++", "ipp", "inl", "tpp", "cu", "cuh"],
    lexical: with(cLexical) { $0.custom = [.cppRawString] },
    keywords: cKeywords
      + [
        "new": .control, "throw": .control, "delete": .control, "co_return": .control, "co_await": .control,
        "co_yield": .control, "catch": .control, "try": .control,
      ] + Keyword.all(.modifier, "consteval constinit"),
    structure: .braces(BraceGrammar(style: .shape, attributes: .bracket, elaboratedTypes: true)))

  static let java = LanguageRow(
    id: "java", extensions: ["java"],
    lexical: LexicalRules(
      lineComments: ["//"], blockComments: [.c], strings: [.tripleDouble, .double, .single], wordBytes: "$"),
    keywords: [
      "class": .declares(.class), "interface": .declares(.interface), "enum": .declares(.enum),
      "record": .declares(.class), "import": .imports, "package": .control,
    ]
      + Keyword.all(
        .modifier,
        "public private protected static final abstract native synchronized transient volatile strictfp default sealed")
      + Keyword.all(
        .control,
        "if for while do switch case return throw try catch finally else new assert break continue yield")
      + Keyword.all(.continuation, "extends implements throws permits"),
    structure: .braces(BraceGrammar(style: .shape, attributes: .at)))

  static let csharp = LanguageRow(
    id: "csharp", extensions: ["cs", "csx"],
    lexical: LexicalRules(
      lineComments: ["//"], blockComments: [.c],
      strings: [
        .tripleDouble, StringRule("$@\"", "\"", escapes: false, multiline: true, doubles: true),
        StringRule("@$\"", "\"", escapes: false, multiline: true, doubles: true),
        StringRule("@\"", "\"", escapes: false, multiline: true, doubles: true),
        StringRule("$\"", "\"", interpolation: .brace), .double, .single,
      ], directives: .all),
    keywords: [
      "class": .declares(.class), "interface": .declares(.interface), "enum": .declares(.enum),
      "struct": .declares(.struct), "record": .declares(.class), "namespace": .declares(.module),
      "using": .imports,
    ]
      + Keyword.all(
        .modifier,
        """
        public private protected internal static readonly abstract sealed virtual override extern unsafe volatile \
        async partial const new ref fixed required file implicit explicit event delegate
        """)
      + Keyword.all(
        .control,
        """
        if for foreach while do switch case return throw try catch finally else lock checked unchecked yield await \
        goto break continue default get set add remove init
        """)
      + Keyword.all(.continuation, "where"),
    structure: .braces(BraceGrammar(style: .shape, attributes: .bracket, localFunctions: true)))

  /// A copy of `value` with a change.
  static func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var copy = value
    change(&copy)
    return copy
  }
}
