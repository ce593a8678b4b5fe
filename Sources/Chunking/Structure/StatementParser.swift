/// Finds what statements create in languages whose statements a semicolon ends (SQL).
struct StatementParser {
  var lexer: Lexer
  private var outline = Outline()
  private var statement: [Token] = []
  private var parentheses = 0
  private var blocks = 0
  private var lastEnd = 0

  init(lexer: Lexer) {
    self.lexer = lexer
  }

  private func keyword(_ token: Token) -> Keyword {
    lexer.language.keywords.keywords[token.kind == .word ? Int(token.keyword) : 0]
  }

  mutating func parse() -> Outline {
    var afterEnd = false
    while true {
      let token = lexer.next()
      switch token.kind {
      case .end:
        endStatement()
        outline.comments = lexer.comments
        return outline
      case .newline: continue
      default: break
      }
      if token.isPunctuation(Punctuation.semicolon), blocks == 0 || parentheses == 0 && !createsRoutine {
        lastEnd = token.end
        endStatement()
        continue
      }
      switch keyword(token).role {
      case .opens where createsRoutine && !afterEnd: blocks += 1
      case .closes where blocks > 0: blocks -= 1
      default: break
      }
      // `END IF`, `END CASE` and `END LOOP` end what only `CASE` opened.
      afterEnd = keyword(token).role == .closes
      if afterEnd, endsControl() { blocks += blocks > 0 ? 1 : 0 }
      if token.isPunctuation(Punctuation.openParenthesis) { parentheses += 1 }
      if token.isPunctuation(Punctuation.closeParenthesis) { parentheses = max(0, parentheses - 1) }
      if statement.count < 64 { statement.append(token) }
      lastEnd = token.end
    }
  }

  /// Whether the word after `END` says that what it ends opened no block.
  private func endsControl() -> Bool {
    var cursor = lexer.position
    while cursor < lexer.count, lexer.isBlank(lexer.base[cursor]), cursor - lexer.position < 64 { cursor += 1 }
    let first = lexer.byte(cursor) | 0x20
    let second = lexer.byte(cursor + 1) | 0x20
    return first == UInt8(ascii: "i") && second == UInt8(ascii: "f")
      || first == UInt8(ascii: "l") && second == UInt8(ascii: "o")
      || first == UInt8(ascii: "w") && second == UInt8(ascii: "h")
      || first == UInt8(ascii: "r") && second == UInt8(ascii: "e")
  }

  private var createsRoutine: Bool {
    guard let first = statement.first, keyword(first).role == .imports else { return false }
    return statement.prefix(8).contains { keyword($0).role == .declares && keyword($0).kind == .function }
  }

  private mutating func endStatement() {
    defer {
      statement.removeAll(keepingCapacity: true)
      parentheses = 0
      blocks = 0
    }
    guard let first = statement.first, keyword(first).role == .imports else { return }
    var index = 1
    while index < statement.count, keyword(statement[index]).role != .declares {
      guard index < 12 else { return }
      index += 1
    }
    guard index < statement.count else { return }
    let word = keyword(statement[index])
    index += 1
    // `IF NOT EXISTS`
    if index + 3 < statement.count, keyword(statement[index]).role == .control { index += 3 }
    guard index < statement.count, statement[index].kind == .word else { return }
    let start = statement[index].start
    var end = statement[index].end
    while index + 2 < statement.count, statement[index + 1].isPunctuation(Punctuation.dot),
      statement[index + 2].kind == .word
    {
      index += 2
      end = statement[index].end
    }
    let line = lexer.lineEnd(from: end, limit: 1_000)
    outline.declarations.append(
      FoundDeclaration(
        kind: word.kind, start: first.start, keywordStart: first.start, name: start..<end,
        signatureEnd: min(line, lastEnd), bodyStart: end, bodyEnd: lastEnd, end: lastEnd, parent: -1, depth: 0))
  }
}
