extension LanguageTable {
  /// Languages whose bodies end with a word.
  static let closingWord = [ruby, lua, elixir, julia, vim, cmake]

  static let ruby = LanguageRow(
    id: "ruby", extensions: ["rb", "rake", "gemspec", "podspec", "ru"],
    fileNames: ["Rakefile", "Gemfile", "Guardfile", "Vagrantfile", "Podfile", "Fastfile", "Brewfile", "Capfile"],
    interpreters: ["ruby", "jruby"],
    lexical: LexicalRules(
      lineComments: ["#"],
      blockComments: [
        BlockComment("=begin", "=end", atLineStart: true), BlockComment("__END__", "\u{0}", atLineStart: true),
      ],
      strings: [
        StringRule("\"", multiline: true, interpolation: .hashBrace), StringRule("'", multiline: true),
        StringRule("`", multiline: true, interpolation: .hashBrace),
      ], custom: [.tightSlashRegex, .rubyHeredoc, .rubyPercent, .questionCharacter]),
    keywords: [
      "class": .declares(.class), "module": .declares(.module), "def": .declares(.function), "end": .closes,
      "begin": .opens, "case": .opens, "if": .opensAtStart, "unless": .opensAtStart,
      "while": Keyword(role: .opensAtStart, name: .own), "until": Keyword(role: .opensAtStart, name: .own),
      "for": Keyword(role: .opensAtStart, name: .own), "do": .doWord, "require": .imports,
      "require_relative": .imports,
    ]
      + Keyword.all(.control, "then else elsif when rescue ensure and or not in")
      // After these `if` says when: `return if x`.
      + Keyword.all(Keyword(role: .control, name: .own), "return puts yield raise next break redo retry"),
    structure: .closingWord(.ruby))

  static let lua = LanguageRow(
    id: "lua", extensions: ["lua", "luau", "rockspec"], interpreters: ["lua", "luajit", "texlua"],
    lexical: LexicalRules(lineComments: ["--"], strings: [.double, .single], custom: [.luaLongBracket]),
    keywords: [
      "function": .declares(.function), "local": .modifier, "end": .closes, "do": .opens, "if": .opens,
      "repeat": .opens, "until": .closes,
    ] + Keyword.all(.control, "then else elseif return"),
    structure: .closingWord(.lua))

  static let elixir = LanguageRow(
    id: "elixir", extensions: ["ex", "exs"], interpreters: ["elixir"],
    lexical: LexicalRules(
      lineComments: ["#"],
      strings: [
        StringRule("\"\"\"", multiline: true, interpolation: .hashBrace), .tripleSingle,
        StringRule("\"", multiline: true, interpolation: .hashBrace), StringRule("'", multiline: true),
      ], custom: [.elixirSigil, .questionCharacter]),
    keywords: [
      "defmodule": .declares(.module), "defprotocol": .declares(.interface), "defimpl": .declares(.extension),
      "def": .declares(.function), "defp": .declares(.function), "defmacro": .declares(.macro),
      "defmacrop": .declares(.macro), "defguard": .declares(.function), "defguardp": .declares(.function),
      "defdelegate": .declares(.function), "do": .doWord, "fn": .opens, "end": .closes, "import": .imports,
      "alias": .imports, "require": .imports, "use": .imports,
    ] + Keyword.all(.continuation, "when and or not in"),
    structure: .closingWord(.elixir))

  static let julia = LanguageRow(
    id: "julia", extensions: ["jl"], interpreters: ["julia"],
    lexical: LexicalRules(
      lineComments: ["#"], blockComments: [BlockComment("#=", "=#", nests: true)],
      strings: [
        StringRule("\"\"\"", multiline: true, interpolation: .dollarParenthesis),
        StringRule("\"", multiline: true, interpolation: .dollarParenthesis), StringRule("`", multiline: true),
      ], custom: [.transposeOrCharacter], wordBytes: "!"),
    keywords: [
      "function": .declares(.function), "macro": .declares(.macro), "struct": .declares(.struct),
      "module": .declares(.module), "baremodule": .declares(.module), "type": .declares(.typeAlias),
      "mutable": .modifier, "abstract": .modifier, "primitive": .modifier, "end": .closes, "using": .imports,
      "import": .imports,
    ] + Keyword.all(.opens, "begin quote let do try") + Keyword.all(.opensAtStart, "if for while")
      + Keyword.all(.control, "else elseif catch finally return"),
    structure: .closingWord(.julia))

  static let vim = LanguageRow(
    id: "vim", extensions: ["vim", "vimrc"], fileNames: [".vimrc", "_vimrc", ".gvimrc", "vimrc"],
    lexical: LexicalRules(
      strings: [.double, StringRule("'", escapes: false, doubles: true)], custom: [.vimComment, .vimHeredoc],
      wordBytes: ":#"),
    keywords: [
      "function": .declares(.function), "func": .declares(.function), "fun": .declares(.function),
      "fu": .declares(.function), "def": .declares(.function), "endfunction": .closes, "endfunc": .closes,
      "endfun": .closes, "endf": .closes, "endfu": .closes, "enddef": .closes,
      "class": .declares(.class), "interface": .declares(.interface), "enum": .declares(.enum), "endclass": .closes,
      "endinterface": .closes, "endenum": .closes, "export": .modifier, "static": .modifier, "abstract": .modifier,
      "public": .modifier, "source": .imports, "runtime": .imports,
    ], structure: .closingWord(.vim))

  static let cmake = LanguageRow(
    id: "cmake", extensions: ["cmake"], fileNames: ["CMakeLists.txt"],
    lexical: LexicalRules(
      lineComments: ["#"], strings: [StringRule("\"", multiline: true)], custom: [.cmakeBracket], wordBytes: "-",
      ignoresCase: true),
    keywords: [
      "function": .declares(.function), "macro": .declares(.macro), "endfunction": .closes, "endmacro": .closes,
      "include": .imports, "find_package": .imports,
    ], structure: .closingWord(.cmake))

  /// Languages with an offside rule.
  static let offside = [haskell, ocaml, erlang]

  static let haskell = LanguageRow(
    id: "haskell", extensions: ["hs", "lhs", "hsc"], interpreters: ["runhaskell", "stack"],
    lexical: LexicalRules(
      lineComments: ["--"], blockComments: [BlockComment("{-", "-}", nests: true)], strings: [.double],
      custom: [.quoteOrCharacter, .quasiQuote], primes: true),
    keywords: [
      "data": .declares(.struct), "newtype": .declares(.struct), "type": .declares(.typeAlias),
      "class": .declares(.interface), "instance": .declares(.extension), "module": .declares(.module),
      "import": .imports, "where": .opens, "qualified": .modifier, "family": .modifier,
    ] + Keyword.all(.control, "deriving foreign infixl infixr infix default pattern"),
    structure: .offside(.haskell))

  static let ocaml = LanguageRow(
    id: "ocaml", extensions: ["ml", "mli", "mll", "mly"],
    lexical: LexicalRules(
      blockComments: [BlockComment("(*", "*)", nests: true)], strings: [StringRule("\"", multiline: true)],
      custom: [.quoteOrCharacter, .ocamlQuoted], primes: true),
    keywords: [
      "let": .declares(.function), "and": .declares(.function), "type": .declares(.struct),
      "module": .declares(.module), "class": .declares(.class), "val": .declares(.constant),
      "external": .declares(.function), "exception": .declares(.struct), "method": .declares(.method),
      "open": .imports, "include": .imports, "end": .closes, "fun": .opensAtStart, "function": .opensAtStart,
    ] + Keyword.all(.opens, "struct sig object") + Keyword.all(.modifier, "rec nonrec private virtual mutable"),
    structure: .offside(.ocaml))

  static let erlang = LanguageRow(
    id: "erlang", extensions: ["erl", "hrl", "escript"], interpreters: ["escript"],
    lexical: LexicalRules(
      lineComments: ["%"],
      strings: [StringRule("\"", multiline: true), StringRule("'", isWord: true)], custom: [.dollarCharacter],
      wordBytes: "@"),
    keywords: [
      "module": .declares(.module), "record": .declares(.struct), "type": .declares(.typeAlias),
      "opaque": .declares(.typeAlias), "define": .declares(.macro), "include": .imports, "include_lib": .imports,
      "import": .imports, "behaviour": .imports, "behavior": .imports,
    ], structure: .offside(.erlang))
}
