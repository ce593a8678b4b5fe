extension LanguageTable {
  /// More languages with braces.
  static let braces = [
    scala, php, dart, zig, r, perl, shell, css, scss, less, terraform, protobuf, graphql, objectiveC, sql,
  ]

  static let scala = LanguageRow(
    id: "scala", extensions: ["scala", "sc", "sbt"], interpreters: ["scala"],
    lexical: LexicalRules(
      lineComments: ["//"], blockComments: [.nestedC],
      strings: [
        StringRule("\"\"\"", escapes: false, multiline: true, interpolation: .dollarBrace),
        StringRule("\"", interpolation: .dollarBrace), .backtickWord,
      ], custom: [.quoteOrCharacter], wordBytes: "$"),
    keywords: [
      "def": .declares(.function), "class": .declares(.class), "object": .declares(.class),
      "trait": .declares(.interface), "enum": .declares(.enum), "type": .declares(.typeAlias),
      "given": .declares(.constant), "package": .declares(.module, .path), "val": .variable(.constant),
      "var": .variable(), "case": Keyword(role: .enumCase), "import": .imports,
    ]
      + Keyword.all(
        .modifier,
        "private protected override abstract final sealed implicit lazy inline opaque open transparent infix export extension"
      )
      + Keyword.all(.control, "if for while do match return throw try catch finally else new yield then")
      + Keyword.all(.continuation, "extends with derives"),
    structure: .braces(BraceGrammar(style: .keyword, newlineEnds: true, attributes: .at, indents: true)))

  static let php = LanguageRow(
    id: "php", extensions: ["php", "phtml", "php3", "php4", "php5", "inc"], interpreters: ["php"],
    lexical: LexicalRules(
      lineComments: ["//", "#"], blockComments: [.c],
      strings: [
        StringRule("\"", multiline: true), StringRule("'", multiline: true), StringRule("`", multiline: true),
      ], custom: [.phpHeredoc, .phpClose, .phpAttribute], wordBytes: "$", ignoresCase: true),
    keywords: [
      "function": .declares(.function), "class": .declares(.class), "interface": .declares(.interface),
      "trait": .declares(.interface), "enum": .declares(.enum), "namespace": .declares(.module, .path),
      "const": .variable(.constant), "use": .imports, "case": Keyword(role: .enumCase),
    ] + Keyword.all(.modifier, "public private protected static final abstract readonly var")
      + Keyword.all(
        .control,
        """
        if for foreach while do switch return throw try catch finally else elseif new echo print match break continue \
        default declare require require_once include include_once
        """)
      + Keyword.all(.continuation, "extends implements"),
    structure: .braces(BraceGrammar(style: .keyword, attributes: .hashBracket)))

  static let dart = LanguageRow(
    id: "dart", extensions: ["dart"], interpreters: ["dart"],
    lexical: LexicalRules(
      lineComments: ["//"], blockComments: [.nestedC],
      strings: [
        StringRule("\"\"\"", multiline: true, interpolation: .dollarBrace),
        StringRule("'''", multiline: true, interpolation: .dollarBrace),
        StringRule("\"", interpolation: .dollarBrace), StringRule("'", interpolation: .dollarBrace),
      ], custom: [.dartRawString], wordBytes: "$"),
    keywords: [
      "class": .declares(.class), "mixin": .declares(.class), "enum": .declares(.enum),
      "extension": .declares(.extension), "typedef": .declares(.typeAlias), "import": .imports,
      "export": .imports, "library": .control, "part": .control,
    ]
      + Keyword.all(
        .modifier,
        "static final abstract const late external factory covariant base sealed interface required get set var")
      + Keyword.all(
        .control,
        "if for while do switch case return throw try catch finally else new assert break continue yield await rethrow")
      + Keyword.all(.continuation, "extends implements with on"),
    structure: .braces(BraceGrammar(style: .shape, attributes: .at, localFunctions: true)))

  static let zig = LanguageRow(
    id: "zig", extensions: ["zig", "zon"],
    lexical: LexicalRules(lineComments: ["//"], strings: [.double, .single], custom: [.zigMultiline]),
    keywords: [
      "fn": .declares(.function), "const": .variable(.constant), "var": .variable(),
      "test": .declares(.test), "struct": .declares(.struct), "enum": .declares(.enum),
      "union": .declares(.struct), "opaque": .declares(.struct),
    ] + Keyword.all(.modifier, "pub export extern inline noinline comptime threadlocal packed")
      + Keyword.all(.control, "if for while switch return defer errdefer else break continue try catch orelse"),
    structure: .braces(BraceGrammar(style: .keyword, commaEnds: true)))

  static let r = LanguageRow(
    id: "r", extensions: ["r"], interpreters: ["Rscript", "R"],
    lexical: LexicalRules(
      lineComments: ["#"],
      strings: [StringRule("\"", multiline: true), StringRule("'", multiline: true), .backtickWord],
      custom: [.rRawString], wordBytes: "."),
    keywords: ["function": .declares(.function), "library": .imports, "require": .imports]
      + Keyword.all(.control, "if for while repeat return else break next in"),
    structure: .braces(BraceGrammar(style: .assignment, newlineEnds: true)))

  static let perl = LanguageRow(
    id: "perl", extensions: ["pl", "pm", "t"], interpreters: ["perl"],
    lexical: LexicalRules(
      lineComments: ["#"],
      blockComments: ["=pod", "=head", "=over", "=item", "=begin", "=for", "=encoding"].map {
        BlockComment($0, "=cut", atLineStart: true)
      } + [BlockComment("__END__", "\u{0}", atLineStart: true), BlockComment("__DATA__", "\u{0}", atLineStart: true)],
      strings: [StringRule("\"", multiline: true), StringRule("'", multiline: true), StringRule("`", multiline: true)],
      custom: [.perlQuote, .perlVariable, .rubyHeredoc, .tightSlashRegex]),
    keywords: [
      "sub": .declares(.function), "package": .declares(.module, .path), "use": .imports, "require": .imports,
    ]
      + Keyword.all(
        .control,
        "if unless for foreach while until do return else elsif last next redo my our local and or not split grep map"),
    structure: .braces(BraceGrammar(style: .keyword)))

  static let shell = LanguageRow(
    id: "shellscript", extensions: ["sh", "bash", "zsh", "ksh", "bats", "ebuild"],
    fileNames: [".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", "PKGBUILD", "APKBUILD"],
    interpreters: ["sh", "bash", "zsh", "ksh", "dash", "ash", "busybox"],
    lexical: LexicalRules(
      strings: [
        StringRule("\"", multiline: true, interpolation: .dollarParenthesis),
        StringRule("'", escapes: false, multiline: true),
      ], custom: [.shellHeredoc, .shellExpansion, .shellComment, .shellEscape], wordBytes: "-.:+@/%"),
    keywords: ["function": .declares(.function), "source": .imports, ".": .imports]
      + Keyword.all(.control, "if for while until case do then else elif fi done esac return in select"),
    structure: .braces(BraceGrammar(style: .shell, newlineEnds: true)))

  static let cssLexical = LexicalRules(blockComments: [.c], strings: [.double, .single], wordBytes: "-")

  static let css = LanguageRow(
    id: "css", extensions: ["css"], lexical: cssLexical, keywords: ["import": .imports],
    structure: .braces(BraceGrammar(style: .selector)))
  static let scss = LanguageRow(
    id: "scss", extensions: ["scss", "sass"], lexical: with(cssLexical) { $0.lineComments = ["//"] },
    structure: .braces(BraceGrammar(style: .selector)))
  static let less = LanguageRow(
    id: "less", extensions: ["less"], lexical: with(cssLexical) { $0.lineComments = ["//"] },
    structure: .braces(BraceGrammar(style: .selector)))

  static let terraform = LanguageRow(
    id: "terraform", extensions: ["tf", "tfvars", "hcl", "nomad"],
    lexical: LexicalRules(
      lineComments: ["#", "//"], blockComments: [.c], strings: [StringRule("\"", interpolation: .dollarBrace)],
      custom: [.shellHeredoc], wordBytes: "-"),
    structure: .braces(BraceGrammar(style: .labels, newlineEnds: true)))

  static let protobuf = LanguageRow(
    id: "proto", extensions: ["proto"],
    lexical: LexicalRules(lineComments: ["//"], blockComments: [.c], strings: [.double, .single]),
    keywords: [
      "message": .declares(.struct), "service": .declares(.interface), "enum": .declares(.enum),
      "rpc": .declares(.method), "oneof": .declares(.property), "extend": .declares(.extension, .path),
      "package": .declares(.module, .path), "import": .imports,
    ] + Keyword.all(.control, "option syntax reserved extensions returns"),
    structure: .braces(BraceGrammar(style: .keyword)))

  static let graphql = LanguageRow(
    id: "graphql", extensions: ["graphql", "gql", "graphqls"],
    lexical: LexicalRules(
      lineComments: ["#"], blockComments: [BlockComment("\"\"\"", "\"\"\"")], strings: [.double]),
    keywords: [
      "type": .declares(.class), "interface": .declares(.interface), "enum": .declares(.enum),
      "input": .declares(.struct), "union": .declares(.typeAlias), "scalar": .declares(.typeAlias),
      "query": .declares(.function), "mutation": .declares(.function), "subscription": .declares(.function),
      "fragment": .declares(.function), "directive": .declares(.macro), "schema": .control, "extend": .modifier,
    ] + Keyword.all(.continuation, "implements on"),
    structure: .braces(BraceGrammar(style: .keyword, newlineEnds: true)))

  static let objectiveC = LanguageRow(
    id: "objective-c", extensions: ["m", "mm"], lexical: cLexical,
    keywords: cKeywords
      + [
        "interface": .declares(.class), "implementation": .declares(.class), "protocol": .declares(.interface),
        "class": .control, "end": .closes, "namespace": .control,
      ],
    structure: .braces(BraceGrammar(style: .shape, elaboratedTypes: true, selectors: true)))

  static let sql = LanguageRow(
    id: "sql", extensions: ["sql", "psql", "pgsql", "ddl"],
    lexical: LexicalRules(
      lineComments: ["--"], blockComments: [.nestedC],
      strings: [
        StringRule("'", escapes: false, multiline: true, doubles: true), StringRule("\"", escapes: false, isWord: true),
        .backtickWord,
      ], custom: [.dollarQuote], ignoresCase: true),
    keywords: [
      "table": .declares(.struct), "view": .declares(.struct), "function": .declares(.function),
      "procedure": .declares(.function), "trigger": .declares(.function), "index": .declares(.other),
      "type": .declares(.typeAlias), "domain": .declares(.typeAlias), "schema": .declares(.module),
      "database": .declares(.module), "sequence": .declares(.other), "extension": .declares(.other),
      "create": .imports,
      "begin": .opens, "case": .opens, "end": .closes, "if": .control, "loop": .control,
    ]
      + Keyword.all(
        .modifier,
        "or replace temp temporary unlogged materialized unique recursive external global local virtual definer"),
    structure: .statements)
}
