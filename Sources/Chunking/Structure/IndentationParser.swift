/// Finds declarations in languages whose bodies are indented (Python).
struct IndentationParser {
  var lexer: Lexer
  let lines: LineTable
  private var outline = Outline()
  private var open: [Open] = []
  private var depth = 0
  private var lastEnd = 0
  /// Where the decorators of the next declaration start, or -1.
  private var decoratorStart = -1
  private var statement: [Token] = []

  private struct Open {
    var declaration: Int
    var indentation: Int
    var isType: Bool
  }

  init(lexer: Lexer, lines: LineTable) {
    self.lexer = lexer
    self.lines = lines
    outline.docsShareIndentation = true
  }

  mutating func parse() -> Outline {
    while true {
      let token = lexer.next()
      switch token.kind {
      case .end:
        endStatement()
        close(to: -1)
        outline.comments = lexer.comments
        return outline
      case .newline:
        if depth == 0 { endStatement() }
      default:
        if depth > 0, startsAnew(token) {
          // A bracket that was never closed must not swallow the rest of the file.
          depth = 0
          endStatement()
        }
        track(token)
        if statement.count < 96 || (depth == 0 && statement.count < 192) { statement.append(token) }
        lastEnd = token.end
      }
    }
  }

  private mutating func track(_ token: Token) {
    guard token.kind == .punctuation else { return }
    switch token.byte {
    case Punctuation.openParenthesis, Punctuation.openBracket, Punctuation.openBrace: depth += 1
    case Punctuation.closeParenthesis, Punctuation.closeBracket, Punctuation.closeBrace: if depth > 0 { depth -= 1 }
    default: break
    }
  }

  /// `def` and `class` first on a line cannot stand inside brackets.
  private func startsAnew(_ token: Token) -> Bool {
    guard token.kind == .word, token.keyword != 0 else { return false }
    let role = lexer.language.keywords.keywords[Int(token.keyword)].role
    guard role == .declares else { return false }
    var cursor = token.start
    while cursor > 0, lexer.base[cursor - 1] == 0x20 || lexer.base[cursor - 1] == 0x09 { cursor -= 1 }
    return cursor == 0 || lexer.base[cursor - 1] == 0x0A || lexer.base[cursor - 1] == 0x0D
  }

  private func keyword(_ token: Token) -> Keyword {
    lexer.language.keywords.keywords[Int(token.keyword)]
  }

  private mutating func endStatement() {
    defer { statement.removeAll(keepingCapacity: true) }
    guard let first = statement.first else { return }
    let indentation = column(of: first.start)
    close(to: indentation)
    if first.isPunctuation(Punctuation.at) {
      if decoratorStart < 0 { decoratorStart = first.start }
      extend()
      return
    }
    defer { decoratorStart = -1 }
    var index = 0
    while index < statement.count, keyword(statement[index]).role == .modifier, statement[index].kind == .word {
      index += 1
    }
    guard index < statement.count else { return extend() }
    let token = statement[index]
    let word = token.kind == .word ? keyword(token) : Keyword(role: .none)
    switch word.role {
    case .declares:
      guard index + 1 < statement.count, statement[index + 1].kind == .word else { break }
      declare(word.kind, name: statement[index + 1], from: first, indentation: indentation)
    case .imports:
      if index + 1 < statement.count { addImport(from: index + 1) }
    case .none:
      if token.kind == .string, statement.count == 1 {
        docstring(token)
      } else if token.kind == .word {
        assignment(index)
      }
    default: break
    }
    extend()
  }

  /// Every open declaration reaches to the end of the last statement in it.
  private mutating func extend() {
    for index in open.suffix(1) {
      outline.declarations[index.declaration].end = max(outline.declarations[index.declaration].end, lastEnd)
    }
  }

  private func column(of offset: Int) -> Int {
    var cursor = offset
    var width = 0
    while cursor > 0, lexer.base[cursor - 1] == 0x20 || lexer.base[cursor - 1] == 0x09 {
      width += lexer.base[cursor - 1] == 0x09 ? 8 : 1
      cursor -= 1
    }
    return width
  }

  private mutating func close(to indentation: Int) {
    while let last = open.last, last.indentation >= indentation {
      let end = outline.declarations[last.declaration].end
      outline.declarations[last.declaration].bodyEnd = end
      open.removeLast()
      if let parent = open.last {
        outline.declarations[parent.declaration].end = max(outline.declarations[parent.declaration].end, end)
      }
    }
  }

  private mutating func declare(_ kind: SymbolKind, name: Token, from first: Token, indentation: Int) {
    let parent = open.last?.declaration ?? -1
    let level = parent < 0 ? 0 : outline.declarations[parent].depth + 1
    guard level < Outline.maxDepth else { return }
    var colon = statement.count - 1
    var brackets = 0
    for (index, token) in statement.enumerated() where token.kind == .punctuation {
      switch token.byte {
      case Punctuation.openParenthesis, Punctuation.openBracket, Punctuation.openBrace: brackets += 1
      case Punctuation.closeParenthesis, Punctuation.closeBracket, Punctuation.closeBrace: brackets -= 1
      case Punctuation.colon where brackets == 0:
        colon = index
      default: continue
      }
      if token.byte == Punctuation.colon, brackets == 0 { break }
    }
    var actual = kind
    if kind == .function, open.last?.isType == true {
      actual = lexer.equals(name.start..<name.end, "__init__") ? .constructor : .method
    }
    let signatureEnd = statement[colon].end
    outline.declarations.append(
      FoundDeclaration(
        kind: actual, start: decoratorStart >= 0 ? decoratorStart : first.start, keywordStart: first.start,
        name: name.start..<name.end, signatureEnd: signatureEnd, bodyStart: signatureEnd, end: lastEnd, parent: parent,
        depth: level))
    open.append(Open(declaration: outline.declarations.count - 1, indentation: indentation, isType: kind == .class))
  }

  private mutating func docstring(_ token: Token) {
    guard let last = open.last else { return }
    let declaration = outline.declarations[last.declaration]
    guard declaration.docstring == nil, declaration.end <= token.start else { return }
    outline.declarations[last.declaration].docstring = token.start..<token.end
  }

  /// `NAME = …` and `name: Type = …` at top level and in classes.
  private mutating func assignment(_ index: Int) {
    guard open.last.map(\.isType) ?? true, index + 1 < statement.count,
      statement[index + 1].isPunctuation(Punctuation.equals) || statement[index + 1].isPunctuation(Punctuation.colon)
    else { return }
    // Inside `if` and `try` blocks at top level too, but not in their heads.
    let name = statement[index]
    let parent = open.last?.declaration ?? -1
    let level = parent < 0 ? 0 : outline.declarations[parent].depth + 1
    guard level < Outline.maxDepth else { return }
    var isConstant = true
    for offset in name.start..<name.end where lexer.isLowercase(lexer.base[offset]) { isConstant = false }
    let kind: SymbolKind = parent >= 0 ? .property : isConstant ? .constant : .variable
    let line = lexer.lineEnd(from: name.start, limit: 1_000)
    outline.declarations.append(
      FoundDeclaration(
        kind: kind, start: name.start, keywordStart: name.start, name: name.start..<name.end,
        signatureEnd: min(line, lastEnd), end: lastEnd, parent: parent, depth: level))
  }

  private mutating func addImport(from index: Int) {
    let start = statement[index].start
    var end = start
    for token in statement[index...] {
      if token.kind == .word, keyword(token).role != .none { break }
      if token.start > end, end > start, token.kind == .word { break }
      if token.isPunctuation(Punctuation.comma) { break }
      end = token.end
    }
    if end > start { outline.imports.append(start..<end) }
  }
}
