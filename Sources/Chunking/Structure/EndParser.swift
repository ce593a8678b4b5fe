/// Finds declarations in languages whose bodies end with a word: Ruby, Lua, Elixir, Julia, Vim script, CMake.
///
/// A stack holds a frame for every open block, so that each closing word finds the one it closes. Blocks without a
/// name matter only for that.
struct EndParser {
  var lexer: Lexer
  let style: EndStyle
  var outline = Outline()
  var frames: [Frame] = []
  /// The tokens of the current statement, as far as they are of use.
  var statement: [Token] = []
  /// How many brackets of any kind are open, and how many of them are square.
  var brackets = 0
  var squares = 0
  /// A token read too early.
  var pending: Token?
  /// A loop's head has opened its block: its `do` opens none.
  var loopHead = false
  /// What documents the next declaration without being a comment: `@doc "…"`, a string of its own.
  var docstring: Range<Int>?
  /// What stands directly above the next declaration and belongs to it, or -1.
  var attributeStart = -1
  /// A head that waits for the word that opens its body (Elixir).
  var waiting: (declaration: Head, isType: Bool)?
  var sawNewline = false
  var lastEnd = 0

  struct Frame {
    /// -1 for a block without a name.
    var declaration: Int
    var isType: Bool
    var brackets: Int
    var squares: Int
  }

  init(lexer: Lexer, style: EndStyle) {
    self.lexer = lexer
    self.style = style
  }

  func keyword(_ token: Token) -> Keyword {
    lexer.language.keywords.keywords[token.kind == .word ? Int(token.keyword) : 0]
  }

  mutating func next() -> Token {
    if let token = pending {
      pending = nil
      return token
    }
    return lexer.next()
  }

  mutating func parse() -> Outline {
    while true {
      let token = next()
      switch token.kind {
      case .end:
        endStatement()
        finishWaiting()
        while !frames.isEmpty { pop(end: lastEnd) }
        outline.comments = lexer.comments
        return outline
      case .newline:
        sawNewline = true
        loopHead = false
        if waiting == nil { endStatement() }
      default:
        if sawNewline {
          sawNewline = false
          if waiting != nil, !continuesHead(token) {
            finishWaiting()
            endStatement()
          }
        }
        let mark = token.end
        if token.kind == .word { word(token) } else { other(token) }
        lastEnd = max(lastEnd, mark)
      }
    }
  }

  private mutating func other(_ token: Token) {
    if token.kind == .punctuation {
      switch token.byte {
      case Punctuation.openParenthesis, Punctuation.openBrace: brackets += 1
      case Punctuation.openBracket:
        brackets += 1
        squares += 1
      case Punctuation.closeParenthesis, Punctuation.closeBrace:
        brackets = max(brackets - 1, frames.last?.brackets ?? 0)
      case Punctuation.closeBracket:
        brackets = max(brackets - 1, frames.last?.brackets ?? 0)
        squares = max(squares - 1, frames.last?.squares ?? 0)
      case Punctuation.semicolon where style != .lua || brackets == 0:
        endStatement()
        return
      default: break
      }
    }
    keep(token)
  }

  mutating func keep(_ token: Token) {
    if statement.count < 64 { statement.append(token) }
  }

  /// Words after a dot, before a colon and in symbols are names, whatever they spell.
  private func isPlainName(_ token: Token) -> Bool {
    if let last = statement.last, last.kind == .punctuation, last.end == token.start {
      if last.byte == Punctuation.dot || last.byte == Punctuation.at || last.byte == Punctuation.dollar { return true }
      if last.byte == Punctuation.colon, style != .julia || statement.count > 1 {
        // `a ? b :end` does not occur; `:end` does.
        return true
      }
    }
    if style == .ruby || style == .elixir, lexer.byte(token.end) == UInt8(ascii: ":"),
      lexer.byte(token.end + 1) != UInt8(ascii: ":")
    {
      return true
    }
    if style == .ruby || style == .elixir {
      let following = lexer.byte(token.end)
      return following == UInt8(ascii: "?")
        || following == UInt8(ascii: "!") && lexer.byte(token.end + 1) != UInt8(ascii: "=")
    }
    return false
  }

  private mutating func word(_ token: Token) {
    let word = keyword(token)
    guard word.role != .none, !isPlainName(token) else { return keep(token) }
    switch word.role {
    case .declares:
      declares(token, word)
    case .opens:
      if style == .julia, squares > (frames.last?.squares ?? 0), brackets > 0 { return keep(token) }
      open()
      restart(token)
    case .opensAtStart:
      guard startsExpression(token) else { return keep(token) }
      open()
      loopHead = word.name == .own
      keep(token)
    case .doWord:
      if waiting != nil {
        openWaiting(token)
      } else if loopHead {
        loopHead = false
      } else {
        open()
      }
      restart(token)
    case .closes:
      if squares > (frames.last?.squares ?? 0), style == .julia { return keep(token) }
      close(token)
    case .modifier:
      keep(token)
    case .imports where statement.isEmpty:
      addImport(token)
    default:
      if word.role == .control, style == .lua || style == .ruby && word.name != .own {
        restart(token)
      } else {
        keep(token)
      }
    }
  }

  /// After a word that begins a list of statements the next word starts one.
  private mutating func restart(_ token: Token) {
    statement.removeAll(keepingCapacity: true)
  }

  /// Whether a word that may also follow a statement (`x if y`) stands where an expression starts.
  private func startsExpression(_ token: Token) -> Bool {
    guard let last = statement.last else { return true }
    guard last.kind == .punctuation else { return false }
    switch last.byte {
    case Punctuation.closeParenthesis, Punctuation.closeBracket, Punctuation.closeBrace, Punctuation.question,
      Punctuation.bang:
      return false
    case Punctuation.openParenthesis, Punctuation.openBracket: return style != .julia
    default: return true
    }
  }

  // MARK: - Frames

  mutating func open(_ declaration: Int = -1, isType: Bool = false) {
    frames.append(Frame(declaration: declaration, isType: isType, brackets: brackets, squares: squares))
  }

  private mutating func close(_ token: Token) {
    finishWaiting()
    endStatement()
    guard !frames.isEmpty else { return }
    pop(end: token.end)
    // What follows on the line (`end.map`, `end if x`) goes on with an expression.
    keep(Token(start: token.start, end: token.end, kind: .number))
  }

  private mutating func pop(end: Int) {
    let frame = frames.removeLast()
    brackets = frame.brackets
    squares = frame.squares
    if frame.declaration >= 0 {
      outline.declarations[frame.declaration].end = end
      outline.declarations[frame.declaration].bodyEnd = end
    }
  }

  var enclosing: Frame? {
    // Bounded: blocks without a name inside a declaration are few, and past that a parent is not worth a search.
    for frame in frames.suffix(64).reversed() where frame.declaration >= 0 { return frame }
    return nil
  }

  /// Adds a declaration; -1 if it is too deep to be kept.
  mutating func declare(_ head: Head, end: Int) -> Int {
    let parent = enclosing
    let index = parent?.declaration ?? -1
    let level = index < 0 ? 0 : outline.declarations[index].depth + 1
    guard level < Outline.maxDepth else { return -1 }
    var kind = head.kind
    if kind == .function, parent?.isType == true {
      kind =
        style == .ruby && lexer.equals(head.name, "initialize") ? .constructor : style == .elixir ? .function : .method
    }
    outline.declarations.append(
      FoundDeclaration(
        kind: kind, start: head.start, keywordStart: head.keywordStart, name: head.name, spelling: head.spelling,
        qualifier: head.qualifier, signatureEnd: head.signatureEnd, bodyStart: head.signatureEnd, bodyEnd: -1,
        end: end, parent: index, depth: level))
    outline.declarations[outline.declarations.count - 1].docstring = docstring
    attributeStart = -1
    docstring = nil
    return outline.declarations.count - 1
  }

  // MARK: - Statements

  mutating func endStatement() {
    guard let first = statement.first else { return }
    if style == .elixir, first.isPunctuation(Punctuation.at) {
      if attributeStart < 0, isDocumenting() { attributeStart = first.start }
      readDocumentation(first)
    } else if style == .julia, statement.count == 1, first.kind == .string {
      attributeStart = first.start
      docstring = first.start..<first.end
    } else {
      shortFunction()
      attributeStart = -1
      docstring = nil
    }
    statement.removeAll(keepingCapacity: true)
  }

  /// `@doc "…"` documents what follows, `@moduledoc "…"` the module it stands in.
  private mutating func readDocumentation(_ first: Token) {
    guard statement.count > 2, let last = statement.last(where: { $0.kind == .string }) else { return }
    let word = statement[1].start..<statement[1].end
    if lexer.equals(word, "doc") || lexer.equals(word, "typedoc") {
      docstring = first.start..<last.end
    } else if lexer.equals(word, "moduledoc"), let module = enclosing?.declaration {
      outline.declarations[module].docstring = first.start..<last.end
    }
  }

  private func isDocumenting() -> Bool {
    guard statement.count > 1 else { return false }
    let word = statement[1].start..<statement[1].end
    return lexer.equals(word, "doc") || lexer.equals(word, "spec") || lexer.equals(word, "impl")
      || lexer.equals(word, "deprecated") || lexer.equals(word, "since")
  }

  /// Julia's `name(…) = …`.
  private mutating func shortFunction() {
    guard style == .julia, statement.count > 4, brackets == 0, statement[0].kind == .word, statement[0].keyword == 0,
      enclosing.map({ outline.declarations[$0.declaration].kind == .module }) ?? true
    else { return }
    var index = 1
    while index + 1 < statement.count, statement[index].isPunctuation(Punctuation.dot) { index += 2 }
    guard index < statement.count, statement[index].isPunctuation(Punctuation.openParenthesis),
      statement[index].start == statement[index - 1].end
    else { return }
    let name = statement[index - 1]
    var level = 0
    while index < statement.count {
      if statement[index].isPunctuation(Punctuation.openParenthesis) { level += 1 }
      if statement[index].isPunctuation(Punctuation.closeParenthesis) {
        level -= 1
        if level == 0 { break }
      }
      index += 1
    }
    guard index + 1 < statement.count, statement[index + 1].isPunctuation(Punctuation.equals) else { return }
    let start = attributeStart >= 0 ? attributeStart : statement[0].start
    var head = Head(
      kind: .function, start: start, keywordStart: statement[0].start, name: name.start..<name.end,
      signatureEnd: statement[index].end)
    // `Base.show(…) = …`
    if name.start > statement[0].start { head.qualifier = statement[0].start..<name.start - 1 }
    _ = declare(head, end: lastEnd)
  }

  private mutating func addImport(_ token: Token) {
    let end = lexer.lineEnd(from: token.end, limit: 400)
    var start = token.end
    while start < end, lexer.isBlank(lexer.base[start]) || lexer.base[start] == UInt8(ascii: "(") { start += 1 }
    var last = start
    while last < end, !lexer.isBlank(lexer.base[last]), lexer.base[last] != UInt8(ascii: ","),
      lexer.base[last] != UInt8(ascii: ")"), style != .julia || lexer.base[last] != UInt8(ascii: ":"),
      last - start < 200
    {
      last += 1
    }
    if last > start + 1, lexer.base[start] == UInt8(ascii: "\"") || lexer.base[start] == UInt8(ascii: "'") {
      start += 1
      last -= 1
    }
    outline.imports.append(start..<max(start, last))
    keep(token)
  }
}

/// Which of the languages with closing words.
enum EndStyle: Sendable {
  case ruby, lua, elixir, julia, vim, cmake
}
