/// A lexeme that matters to structure. Comments and blanks are not tokens.
struct Token {
  var start: Int
  var end: Int
  var kind: Kind
  /// For punctuation, the byte itself or one of the codes in `Punctuation`.
  var byte: UInt8 = 0
  /// For words, the index in the keyword table; 0 for none.
  var keyword: UInt8 = 0

  enum Kind: UInt8 {
    case end, word, number, string, punctuation, newline, directive
  }

  @inline(__always)
  func isPunctuation(_ byte: UInt8) -> Bool {
    kind == .punctuation && self.byte == byte
  }
}

/// Punctuation by name: ASCII bytes, and codes above them for what is written with two.
enum Punctuation {
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let openParenthesis = UInt8(ascii: "(")
  static let closeParenthesis = UInt8(ascii: ")")
  static let openBracket = UInt8(ascii: "[")
  static let closeBracket = UInt8(ascii: "]")
  static let less = UInt8(ascii: "<")
  static let greater = UInt8(ascii: ">")
  static let semicolon = UInt8(ascii: ";")
  static let comma = UInt8(ascii: ",")
  static let colon = UInt8(ascii: ":")
  static let dot = UInt8(ascii: ".")
  static let equals = UInt8(ascii: "=")
  static let at = UInt8(ascii: "@")
  static let hash = UInt8(ascii: "#")
  static let tilde = UInt8(ascii: "~")
  static let star = UInt8(ascii: "*")
  static let bang = UInt8(ascii: "!")
  static let question = UInt8(ascii: "?")
  static let ampersand = UInt8(ascii: "&")
  static let bar = UInt8(ascii: "|")
  static let plus = UInt8(ascii: "+")
  static let minus = UInt8(ascii: "-")
  static let slash = UInt8(ascii: "/")
  static let percent = UInt8(ascii: "%")
  static let caret = UInt8(ascii: "^")
  static let dollar = UInt8(ascii: "$")
  /// `->`
  static let arrow: UInt8 = 128
  /// `=>`
  static let fatArrow: UInt8 = 129
  /// `::`
  static let scope: UInt8 = 130
  /// `==`, `!=`, `<=`, `>=`
  static let comparison: UInt8 = 131
  /// `:=`
  static let define: UInt8 = 132
  /// `<-`
  static let leftArrow: UInt8 = 133
  /// `@[`, `@{`, `@(` of Objective-C's literals
  static let literal: UInt8 = 134
}
