/// Heads that are neither keywords nor shapes of C: CSS, HCL, R, shell, Objective-C.
extension BraceParser {
  /// Everything before the brace is the name.
  func selectorHead(_ end: Int, _ opensBody: Bool) -> Head? {
    guard opensBody else { return nil }
    return head(.block, base, base, name: tokens[base].start..<tokens[end - 1].end, end: end)
  }

  /// `resource "a" "b" {`, at top level.
  func labelHead(_ end: Int, _ opensBody: Bool) -> Head? {
    guard opensBody, frames.count == 1, tokens[base].kind == .word,
      tokens[base..<end].allSatisfy({ $0.kind == .word || $0.kind == .string })
    else { return nil }
    var result = head(.block, base, base, name: tokens[base].start..<tokens[end - 1].end, end: end)
    result.spelling = label(base, end)
    return result
  }

  /// `name <- function(…)`, `a$name = function(…)`, `a = b = function(…)`, `if (x) name <- \(y) …`.
  func assignmentHead(_ end: Int) -> Head? {
    var first = base
    if role(tokens[first]) == .control {
      first += 1
      if first < end, tokens[first].isPunctuation(Punctuation.openParenthesis) { first = groupEnd(first, end) }
    }
    guard first < end, tokens[first].kind == .word || tokens[first].kind == .string else { return nil }
    var name = first
    var target = first
    var index = first + 1
    // The target of the first assignment: what else is assigned to is of the same value.
    while index < end, !isAssignment(index, end) {
      switch tokens[index].kind {
      case .word, .string: name = index
      case .punctuation:
        switch tokens[index].byte {
        case Punctuation.openParenthesis, Punctuation.openBracket:
          index = groupEnd(index, end)
          continue
        case Punctuation.dollar, Punctuation.at, Punctuation.scope, Punctuation.less: break
        default: return nil
        }
      default: return nil
      }
      index += 1
    }
    target = index
    while index < end, isAssignment(index, end) {
      index += 1
      if index < end, role(tokens[index]) == .declares || isLambda(index, end) {
        let quote = tokens[name].kind == .string && tokens[name].end - tokens[name].start > 2 ? 1 : 0
        var result = head(
          .function, first, first, name: tokens[name].start + quote..<tokens[name].end - quote, end: end)
        if name > first, tokens[first].kind == .word, target == name + 1 {
          result.qualifier = tokens[first].start..<tokens[name - 1].start
        }
        return result
      }
      while index < end, !isAssignment(index, end) {
        guard
          tokens[index].kind == .word || tokens[index].kind == .string || tokens[index].isPunctuation(Punctuation.less)
        else { return nil }
        index += 1
      }
    }
    return nil
  }

  private func isAssignment(_ index: Int, _ end: Int) -> Bool {
    tokens[index].isPunctuation(Punctuation.leftArrow) || tokens[index].isPunctuation(Punctuation.equals)
  }

  /// R's `\(x) …`.
  private func isLambda(_ index: Int, _ end: Int) -> Bool {
    tokens[index].isPunctuation(UInt8(ascii: "\\")) && index + 1 < end
      && tokens[index + 1].isPunctuation(Punctuation.openParenthesis)
  }

  /// `name() {`, `function name {`.
  func shellHead(_ end: Int) -> Head? {
    var index = base
    if role(tokens[index]) == .declares {
      index += 1
      guard index < end, tokens[index].kind == .word else { return nil }
    } else {
      guard index + 2 < end, tokens[index].kind == .word, role(tokens[index]) == .none,
        tokens[index + 1].isPunctuation(Punctuation.openParenthesis),
        tokens[index + 2].isPunctuation(Punctuation.closeParenthesis)
      else { return nil }
    }
    return head(.function, base, base, name: tokens[index].start..<tokens[index].end, end: end)
  }

  /// Whether a brace is the word that opens or closes a group and not part of another word.
  func isShellGroup(_ token: Token) -> Bool {
    if token.byte == Punctuation.openBrace {
      let after = lexer.byte(token.end)
      let before = lexer.byte(token.start - 1)
      return (token.end >= lexer.count || lexer.isBlank(after))
        && (token.start == 0 || lexer.isBlank(before) || before == UInt8(ascii: ")") || before == UInt8(ascii: ";"))
    }
    return tokens.count == base
  }

  // MARK: - Objective-C

  /// `- (type)first:(type)a second:(type)b`, `@property (…) type *name`, `@interface A : B`.
  func messageHead(_ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int) -> Head? {
    let lead = tokens[first]
    if lead.isPunctuation(Punctuation.at), first + 1 < end {
      let word = tokens[first + 1]
      if lexer.equals(word.start..<word.end, "property"),
        let name = tokens[first..<end].last(where: { $0.kind == .word })
      {
        return head(.property, start, keywordIndex, name: name.start..<name.end, end: end)
      }
      return nil
    }
    guard lead.isPunctuation(Punctuation.minus) || lead.isPunctuation(Punctuation.plus), scope == .type else {
      return nil
    }
    var index = first + 1
    if index < end, tokens[index].isPunctuation(Punctuation.openParenthesis) { index = groupEnd(index, end) }
    var selector = ""
    var name: Range<Int>?
    // Parts of the selector with a colon each, and after it the type and the name of a parameter.
    while index < end {
      if tokens[index].kind == .word {
        name = (name?.lowerBound ?? tokens[index].start)..<tokens[index].end
        selector += String(
          decoding: UnsafeBufferPointer(rebasing: buffer[tokens[index].start..<tokens[index].end]), as: UTF8.self)
        index += 1
      }
      guard index < end, tokens[index].isPunctuation(Punctuation.colon), name != nil else { break }
      selector += ":"
      index += 1
      while index < end, tokens[index].isPunctuation(Punctuation.openParenthesis) { index = groupEnd(index, end) }
      if index < end, tokens[index].kind == .word { index += 1 }
    }
    guard let name else { return nil }
    var result = head(.method, start, keywordIndex, name: name, end: end)
    result.spelling = selector
    return result
  }

  /// Opens a class at the end of the line that begins it.
  mutating func openObjectiveClass() {
    guard grammar.selectors, depth == 0, tokens.count >= base + 3, tokens[base].isPunctuation(Punctuation.at),
      role(tokens[base + 1]) == .declares, tokens[base + 1].start == tokens[base].end
    else { return }
    // A list of protocols or a category may go on.
    let last = tokens[tokens.count - 1]
    if last.isPunctuation(Punctuation.comma) || last.isPunctuation(Punctuation.colon) { return }
    let word = keyword(tokens[base + 1])
    let name = tokens[base + 2]
    guard name.kind == .word else { return }
    var found = head(word.kind, base, base, name: name.start..<name.end, end: tokens.count)
    if tokens.count > base + 3, tokens[base + 3].isPunctuation(Punctuation.openParenthesis) { found.kind = .extension }
    // `@end` closes what was left open.
    closeObjectiveClass(at: tokens[base].start)
    let index = declare(found, end: lastEnd, body: lastEnd)
    tokens.removeLast(tokens.count - base)
    frames.append(Frame(scope: .type, declaration: index, base: base, depth: 0, resumes: false))
    if index >= 0 { openDeclarations.append(index) }
  }

  mutating func closeObjectiveClass(at end: Int) {
    while frames.count > 1 {
      popFrame(end: end)
    }
  }
}
