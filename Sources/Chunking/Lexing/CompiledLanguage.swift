/// A row of the language table in the form the scanner reads. Built once a language, then shared.
final class CompiledLanguage: Sendable {
  let row: LanguageRow
  let keywords: KeywordTable
  /// A `ByteClass` for each byte.
  let classes: [UInt8]
  /// For each byte, where its candidates start in `candidates`; one more entry for the end.
  let candidateStarts: [UInt16]
  /// What may start with a byte, the most specific first.
  let candidates: [Lexeme]
  let strings: [CompiledString]
  let blockComments: [CompiledBlockComment]
  let lineComments: [[UInt8]]
  let customWords: CustomWords
  /// Whether `__END__` or `__DATA__` on a line of its own ends the program.
  let endsAtMarker: Bool

  /// Something other than a word, number or punctuation mark.
  enum Lexeme: Sendable {
    case lineComment(Int)
    case blockComment(Int)
    case string(Int)
    case custom(CustomLexeme)
  }

  /// Raw strings that start with what looks like a word.
  struct CustomWords: OptionSet, Sendable {
    let rawValue: UInt8
    static let rust = CustomWords(rawValue: 1)
    static let cpp = CustomWords(rawValue: 2)
    static let dart = CustomWords(rawValue: 4)
    static let r = CustomWords(rawValue: 8)
    static let perl = CustomWords(rawValue: 16)
  }

  init(_ row: LanguageRow) {
    self.row = row
    let lexical = row.lexical
    keywords = KeywordTable(row.keywords, ignoresCase: lexical.ignoresCase)
    strings = lexical.strings.map(CompiledString.init)
    blockComments = lexical.blockComments.map(CompiledBlockComment.init)
    lineComments = lexical.lineComments.map { Array($0.utf8) }

    var byByte = [[(length: Int, lexeme: Lexeme)]](repeating: [], count: 256)
    for (index, rule) in lexical.lineComments.enumerated() {
      guard let first = rule.utf8.first else { continue }
      byByte[Int(first)].append((rule.utf8.count, .lineComment(index)))
    }
    for (index, rule) in lexical.blockComments.enumerated() {
      guard let first = rule.open.utf8.first else { continue }
      byByte[Int(first)].append((rule.open.utf8.count, .blockComment(index)))
    }
    for (index, rule) in lexical.strings.enumerated() {
      guard let first = rule.open.utf8.first else { continue }
      byByte[Int(first)].append((rule.open.utf8.count, .string(index)))
    }
    var words: CustomWords = []
    for custom in lexical.custom {
      for byte in custom.leads { byByte[Int(byte)].append((custom.weight, .custom(custom))) }
      words.formUnion(custom.words)
    }
    customWords = words
    endsAtMarker = lexical.blockComments.contains { $0.open == "__END__" }

    var starts: [UInt16] = []
    var flat: [Lexeme] = []
    for entries in byByte {
      starts.append(UInt16(flat.count))
      flat += entries.enumerated().sorted { ($1.element.length, $0.offset) < ($0.element.length, $1.offset) }
        .map(\.element.lexeme)
    }
    starts.append(UInt16(flat.count))
    candidateStarts = starts
    candidates = flat
    classes = CompiledLanguage.classify(lexical, special: byByte.map { !$0.isEmpty })
  }

  private static func classify(_ lexical: LexicalRules, special: [Bool]) -> [UInt8] {
    (0..<256).map { value in
      let byte = UInt8(value)
      switch byte {
      case 0x0A, 0x0D: return ByteClass.newline
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...:
        return ByteClass.word
      case UInt8(ascii: "0")...UInt8(ascii: "9"): return ByteClass.digit
      default: break
      }
      if special[value] { return ByteClass.special }
      if lexical.wordBytes.utf8.contains(byte) { return ByteClass.word }
      if byte <= 0x20 || byte == 0x7F { return ByteClass.space }
      if byte == UInt8(ascii: "\\") && lexical.joinsLines { return ByteClass.backslash }
      if byte == UInt8(ascii: "#") && lexical.directives != .none { return ByteClass.hash }
      return ByteClass.punctuation
    }
  }
}

/// What the scanner does on a byte.
enum ByteClass {
  static let punctuation: UInt8 = 0
  static let space: UInt8 = 1
  static let newline: UInt8 = 2
  static let word: UInt8 = 3
  static let digit: UInt8 = 4
  static let special: UInt8 = 5
  static let backslash: UInt8 = 6
  static let hash: UInt8 = 7
}

/// A `StringRule` in bytes.
struct CompiledString: Sendable {
  let open: [UInt8]
  let close: [UInt8]
  let rule: StringRule

  init(_ rule: StringRule) {
    self.rule = rule
    open = Array(rule.open.utf8)
    close = Array(rule.close.utf8)
  }
}

/// A `BlockComment` in bytes.
struct CompiledBlockComment: Sendable {
  let open: [UInt8]
  let close: [UInt8]
  let rule: BlockComment

  init(_ rule: BlockComment) {
    self.rule = rule
    open = Array(rule.open.utf8)
    close = Array(rule.close.utf8)
  }
}

extension CustomLexeme {
  /// The bytes that may start it.
  var leads: [UInt8] {
    switch self {
    case .rustRawString, .cppRawString, .dartRawString, .perlQuote, .rRawString: []
    case .swiftRawString, .shellComment: [UInt8(ascii: "#")]
    case .quoteOrCharacter, .transposeOrCharacter: [UInt8(ascii: "'")]
    case .slashRegex, .tightSlashRegex: [UInt8(ascii: "/")]
    case .luaLongBracket: [UInt8(ascii: "["), UInt8(ascii: "-")]
    case .shellHeredoc, .rubyHeredoc, .phpHeredoc: [UInt8(ascii: "<")]
    case .rubyPercent: [UInt8(ascii: "%")]
    case .elixirSigil: [UInt8(ascii: "~")]
    case .questionCharacter: [UInt8(ascii: "?")]
    case .ocamlQuoted: [UInt8(ascii: "{")]
    case .dollarQuote, .dollarCharacter, .shellExpansion: [UInt8(ascii: "$")]
    case .phpClose: [UInt8(ascii: "?")]
    case .phpAttribute: [UInt8(ascii: "#")]
    case .perlVariable: [UInt8(ascii: "$")]
    case .shellEscape, .zigMultiline: [UInt8(ascii: "\\")]
    case .vimComment: [UInt8(ascii: "\"")]
    case .cmakeBracket: [UInt8(ascii: "["), UInt8(ascii: "#")]
    case .quasiQuote: [UInt8(ascii: "[")]
    case .vimHeredoc: [UInt8(ascii: "<")]
    }
  }

  /// How early it is tried among those with the same first byte: the length of a delimiter it beats.
  var weight: Int {
    switch self {
    case .slashRegex, .tightSlashRegex: 0
    default: 10
    }
  }

  /// Which words it may follow.
  var words: CompiledLanguage.CustomWords {
    switch self {
    case .rustRawString: .rust
    case .cppRawString: .cpp
    case .dartRawString: .dart
    case .rRawString: .r
    case .perlQuote: .perl
    default: []
    }
  }
}
