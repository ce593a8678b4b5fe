/// A row of the language table: everything the scanner knows about a language.
struct LanguageRow: Sendable {
  /// The LSP identifier.
  var id: String
  /// File name extensions without the dot, in lower case.
  var extensions: [String]
  /// Whole file names.
  var fileNames: [String] = []
  /// Names of interpreters in a `#!` line.
  var interpreters: [String] = []
  var lexical = LexicalRules()
  var keywords: [String: Keyword] = [:]
  var structure: Structure

  /// How declarations are delimited.
  enum Structure: Sendable {
    case braces(BraceGrammar)
    case indentation
    /// By a closing word.
    case closingWord(EndStyle)
    /// By the column of the next declaration.
    case offside(OffsideStyle)
    /// A document or data file.
    case document(DocumentStyle)
    case paragraphs
    /// By statements that a semicolon ends.
    case statements
  }
}

/// What differs among languages whose bodies stand in braces.
struct BraceGrammar: Sendable {
  var style: Style
  /// Whether a line's end may end a statement.
  var newlineEnds = false
  var attributes: Attributes = []
  /// Whether functions may be declared inside functions without a keyword.
  var localFunctions = false
  /// Whether `struct x f() {` is a function rather than a type.
  var elaboratedTypes = false

  /// Whether a body may be indented instead of in braces.
  var indents = false

  /// Whether commas end the fields of types.
  var commaEnds = false

  /// Whether `name! {` hands what is in the braces to a macro.
  var macros = false

  /// Whether one keyword may stand before several declarations in parentheses.
  var groups = false

  /// Whether methods are written as selectors, and `@end` ends classes.
  var selectors = false

  /// How a function is recognised.
  enum Style: Sendable {
    /// By a keyword.
    case keyword
    /// By its shape: type, name, parameters.
    case shape
    /// By a keyword, by its shape in classes and objects, or by an arrow.
    case script
    /// Whatever stands before the brace names it (CSS).
    case selector
    /// A word and strings before the brace (HCL).
    case labels
    /// A function is assigned to its name (R).
    case assignment
    /// `name() {` and `function name {`, where braces are words.
    case shell
  }

  struct Attributes: OptionSet, Sendable {
    let rawValue: UInt8
    /// `@Name(…)`
    static let at = Attributes(rawValue: 1)
    /// `#[…]`
    static let hashBracket = Attributes(rawValue: 2)
    /// `[…]`
    static let bracket = Attributes(rawValue: 4)
  }
}
