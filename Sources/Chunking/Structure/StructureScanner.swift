/// Runs the parser that a language's row asks for.
enum StructureScanner {
  static func scan(_ text: UnsafeBufferPointer<UInt8>, lines: LineTable, language: Language) -> Outline {
    guard let base = text.baseAddress, !text.isEmpty,
      let compiled = LanguageRegistry.shared.compiled(id: language.id)
    else { return Outline() }
    return compiled.classes.withUnsafeBufferPointer { classes in
      // The table has 256 entries for every row, so it has a base address.
      guard let table = classes.baseAddress else { return Outline() }
      let lexer = Lexer(text: text, base: base, classes: table, language: compiled)
      switch compiled.row.structure {
      case .braces(let grammar):
        var parser = BraceParser(lexer: lexer, grammar: grammar)
        return parser.parse()
      case .indentation:
        var parser = IndentationParser(lexer: lexer, lines: lines)
        return parser.parse()
      case .closingWord(let style):
        var parser = EndParser(lexer: lexer, style: style)
        return parser.parse()
      case .offside(let style):
        var parser = OffsideParser(lexer: lexer, style: style)
        return parser.parse()
      case .document(let style):
        var parser = DocumentParser(text: text, base: base, lines: lines)
        return parser.parse(style)
      case .statements:
        var parser = StatementParser(lexer: lexer)
        return parser.parse()
      case .paragraphs:
        return Outline()
      }
    }
  }
}
