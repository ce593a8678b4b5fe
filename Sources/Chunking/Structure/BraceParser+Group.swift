/// Go's `type (…)`, `const (…)`, `var (…)` and `import (…)`: one keyword, many declarations.
extension BraceParser {
  /// Whether the statement so far is nothing but a keyword that may stand before a group.
  func startsGroup() -> Bool {
    guard depth == 0, tokens.count == base + 1, tokens[base].kind == .word else { return false }
    let word = keyword(tokens[base])
    switch word.role {
    case .variable, .imports: return true
    case .declares: return word.name == .beforeBody
    default: return false
    }
  }

  /// Gives the lines in the parentheses a frame of their own, in the scope around them.
  mutating func openGroup() {
    let group = tokens[base].keyword
    tokens.removeLast(tokens.count - base)
    frames.append(Frame(scope: scope, declaration: -1, base: base, depth: 0, resumes: false, group: group))
    sawNewline = false
  }

  /// Closes the groups on top of the stack; more than one is open only where a parenthesis is missing.
  mutating func closeGroups(end: Int) {
    while frames.count > 1, frames[frames.count - 1].group != 0 {
      endStatement()
      popFrame(end: end)
    }
    sawNewline = false
  }

  /// Whether the brace after `tokens` holds a macro's arguments: `name! {`, `name!(… {`.
  func invokesMacro() -> Bool {
    var index = base
    while index + 1 < tokens.count {
      if tokens[index].kind == .word, tokens[index + 1].isPunctuation(Punctuation.bang) {
        guard index + 2 < tokens.count else { return true }
        if tokens[index + 2].isPunctuation(Punctuation.openParenthesis)
          || tokens[index + 2].isPunctuation(Punctuation.openBracket)
        {
          return groupEnd(index + 2, tokens.count) == tokens.count
        }
      }
      index += 1
    }
    return false
  }

  /// Whether the statement is nothing but a path, `!` and perhaps a name.
  func isMacroStatement() -> Bool {
    depth == 0
      && tokens[base...].allSatisfy {
        $0.kind == .word && role($0) == .none || $0.isPunctuation(Punctuation.scope)
          || $0.isPunctuation(Punctuation.bang)
      }
  }
}
