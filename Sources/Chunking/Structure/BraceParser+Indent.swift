/// Bodies that are indented instead of in braces, as Scala 3 allows.
extension BraceParser {
  /// Closes what the column of `token`, the first of its line, ends, and opens what it begins.
  mutating func indent(before token: Token) {
    guard frames[frames.count - 1].column >= 0 || tokens.count > base else { return }
    let column = column(of: token.start)
    while frames.count > 1, frames[frames.count - 1].column >= column, !closesLater(token) {
      endStatement()
      popFrame(end: lastEnd)
    }
    guard tokens.count > base else { return }
    let last = tokens[tokens.count - 1]
    let ends = last.isPunctuation(Punctuation.colon) || role(last) == .continuation
    if ends || hasValue(), column > self.column(of: tokens[base].start), role(token) != .continuation,
      let head = classify(end: tokens.count, opensBody: true),
      head.kind.isType || head.kind == .module ? ends : role(last) == .continuation || hasValue()
    {
      openIndented(head, scope: role(last) == .continuation ? .type : nil, body: token.start)
    } else if startsDeclaration(token) || isSelfType() {
      // No expression goes on with a declaration.
      endStatement()
    }
  }

  /// Brackets, and words that go on with what is above them at the same column.
  private func closesLater(_ token: Token) -> Bool {
    token.isPunctuation(Punctuation.closeBrace) || token.isPunctuation(Punctuation.closeParenthesis)
      || token.isPunctuation(Punctuation.closeBracket)
  }

  /// Whether the statement so far gives what it declares a value: `def f(x: Int = 1) = …`.
  private func hasValue() -> Bool {
    var index = base
    while index < tokens.count {
      if tokens[index].isPunctuation(Punctuation.equals) { return true }
      if tokens[index].isPunctuation(Punctuation.openParenthesis)
        || tokens[index].isPunctuation(Punctuation.openBracket)
      {
        index = groupEnd(index, tokens.count)
      } else {
        index += 1
      }
    }
    return false
  }

  private mutating func openIndented(_ head: Head, scope: Scope?, body: Int) {
    let column = column(of: tokens[base].start)
    let index = declare(head, end: lastEnd, body: body)
    tokens.removeLast(tokens.count - base)
    frames.append(
      Frame(
        scope: scope ?? BraceParser.scope(of: head.kind), declaration: index, base: base, depth: 0, resumes: false,
        column: column))
    if index >= 0 { openDeclarations.append(index) }
  }

  /// Whether `token` begins a declaration to which the statement so far does not belong.
  private func startsDeclaration(_ token: Token) -> Bool {
    switch role(token) {
    case .declares, .variable: break
    default: return false
    }
    if tokens[base].kind == .word, lexer.equals(tokens[base].start..<tokens[base].end, "extension") { return true }
    return prefixEnd(base, tokens.count) < tokens.count
  }

  /// `self =>` and `this: A =>` at the head of a type's body.
  private func isSelfType() -> Bool {
    scope == .type && tokens[tokens.count - 1].isPunctuation(Punctuation.fatArrow) && role(tokens[base]) == .none
  }

  /// The column of the first token of the line that `offset` is on. Lines longer than this looks back are no code.
  private func column(of offset: Int) -> Int {
    var start = offset
    let floor = max(0, offset - 1_000)
    while start > floor, lexer.base[start - 1] != 0x0A, lexer.base[start - 1] != 0x0D { start -= 1 }
    var cursor = start
    while cursor < offset, lexer.base[cursor] == 0x20 || lexer.base[cursor] == 0x09 { cursor += 1 }
    return cursor - start
  }
}
