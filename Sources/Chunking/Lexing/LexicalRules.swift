/// The lexical part of a language's row: what its comments, strings and words look like.
struct LexicalRules: Sendable {
  /// What starts a comment that ends with the line.
  var lineComments: [String] = []
  /// What starts and ends a comment that may span lines.
  var blockComments: [BlockComment] = []
  /// The kinds of strings. Longer openers are tried first.
  var strings: [StringRule] = []
  /// Lexemes no table can describe.
  var custom: [CustomLexeme] = []
  /// Bytes that belong to words besides letters, digits, `_` and everything outside ASCII.
  var wordBytes: String = ""
  /// Whether words may go on with primes: `f'`.
  var primes = false
  /// Whether text may stand among code, with apostrophes and addresses in it: `<p>it's</p>`.
  var hasMarkup = false
  /// Whether keywords are recognised in any case.
  var ignoresCase = false
  /// Whether a backslash at the end of a line joins the next line to it.
  var joinsLines = false
  /// Whether `#` at the start of a line is a preprocessor directive.
  var directives: Directives = .none

  /// Which lines that start with `#` are directives.
  enum Directives: Sendable {
    case none
    /// All of them.
    case all
    /// Those of conditional compilation.
    case conditional
  }
}

/// A comment that may span lines.
struct BlockComment: Sendable {
  var open: String
  var close: String
  var nests = false
  /// Whether both delimiters must be the first of their lines (Ruby's `=begin`, Perl's `=pod`).
  var atLineStart = false

  init(_ open: String, _ close: String, nests: Bool = false, atLineStart: Bool = false) {
    self.open = open
    self.close = close
    self.nests = nests
    self.atLineStart = atLineStart
  }

  static let c = BlockComment("/*", "*/")
  static let nestedC = BlockComment("/*", "*/", nests: true)
}

/// A kind of string literal.
struct StringRule: Sendable {
  var open: String
  var close: String
  /// Whether a backslash takes the meaning from the next byte.
  var escapes = true
  /// Whether it may span lines. One that may not ends with its line, closed or not.
  var multiline = false
  /// Whether the closing delimiter, doubled, stands for itself.
  var doubles = false
  /// What starts code inside the string.
  var interpolation = Interpolation.none
  /// Whether it is a quoted identifier instead.
  var isWord = false

  init(
    _ open: String, _ close: String? = nil, escapes: Bool = true, multiline: Bool = false, doubles: Bool = false,
    interpolation: Interpolation = .none, isWord: Bool = false
  ) {
    self.open = open
    self.close = close ?? open
    self.escapes = escapes
    self.multiline = multiline
    self.doubles = doubles
    self.interpolation = interpolation
    self.isWord = isWord
  }

  static let double = StringRule("\"")
  static let single = StringRule("'")
  static let tripleDouble = StringRule("\"\"\"", multiline: true)
  static let tripleSingle = StringRule("'''", multiline: true)
  static let backtickWord = StringRule("`", escapes: false, isWord: true)
}

/// What starts code inside a string: a byte, then a bracket.
enum Interpolation: Sendable {
  case none
  /// `${ }`
  case dollarBrace
  /// `#{ }`
  case hashBrace
  /// `\( )`
  case backslashParenthesis
  /// `$( )`
  case dollarParenthesis
  /// `{ }`, where `{{` is a brace.
  case brace

  var lead: UInt8 {
    switch self {
    case .none: 0
    case .dollarBrace, .dollarParenthesis: UInt8(ascii: "$")
    case .hashBrace: UInt8(ascii: "#")
    case .backslashParenthesis: UInt8(ascii: "\\")
    case .brace: UInt8(ascii: "{")
    }
  }

  var bracket: UInt8 {
    switch self {
    case .none: 0
    case .dollarBrace, .hashBrace: UInt8(ascii: "{")
    case .dollarParenthesis, .backslashParenthesis: UInt8(ascii: "(")
    case .brace: 0
    }
  }

  var close: UInt8 {
    switch self {
    case .dollarParenthesis, .backslashParenthesis: UInt8(ascii: ")")
    default: UInt8(ascii: "}")
    }
  }
}

/// Lexemes that need code: each is a case here and a function in `Lexer+Custom.swift`.
enum CustomLexeme: Sendable {
  /// `r"…"`, `r#"…"#`, also after `b` and `c`.
  case rustRawString
  /// `R"tag(…)tag"`.
  case cppRawString
  /// `r'…'`, `r"""…"""`.
  case dartRawString
  /// `#"…"#`, `#"""…"""#`, `#/…/#`.
  case swiftRawString
  /// `'a'` is a character, `'a` is not.
  case quoteOrCharacter
  /// `A'` is a transposition, `'a'` a character.
  case transposeOrCharacter
  /// `/…/` where an operand is expected.
  case slashRegex
  /// As `slashRegex`, where white space after the slash means division.
  case tightSlashRegex
  /// `[[…]]`, `[==[…]==]`, also after `--`.
  case luaLongBracket
  /// `<<TAG`, `<<-TAG`, `<<'TAG'`.
  case shellHeredoc
  /// `<<~TAG`, `<<-TAG`, `<<TAG` after an operator.
  case rubyHeredoc
  /// `<<<TAG`.
  case phpHeredoc
  /// `%w(…)`, `%{…}`, `%q[…]`.
  case rubyPercent
  /// `~s(…)`, `~r/…/`, `~S"""…"""`.
  case elixirSigil
  /// `?a`.
  case questionCharacter
  /// `q{…}`, `qw(…)`, `s/…/…/`, `m{…}`.
  case perlQuote
  /// `{|…|}`, `{tag|…|tag}`.
  case ocamlQuoted
  /// `$$…$$`, `$tag$…$tag$`.
  case dollarQuote
  /// `\\…` to the end of the line.
  case zigMultiline
  /// `$a`.
  case dollarCharacter
  /// `${…}`, `$(…)`, `$'…'` and `$#`.
  case shellExpansion
  /// `#` starts a comment only at the start of a word.
  case shellComment
  /// `"` starts a comment at the start of a line.
  case vimComment
  /// `?>`, after which nothing is code up to `<?`.
  case phpClose
  /// `#[` is no comment.
  case phpAttribute
  /// `$#a`, `$'`, `$"`.
  case perlVariable
  /// `\(`.
  case shellEscape
  /// `r"(…)"`, `R"---(…)---"`.
  case rRawString
  /// `#[[…]]`, `[[…]]`, `[=[…]=]`.
  case cmakeBracket
  /// `[name| … |]`.
  case quasiQuote
  /// `<< EOF` after the name of another language, `=<< trim EOF`.
  case vimHeredoc
}
