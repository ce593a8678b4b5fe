/// Reading the head of a statement: what comes before the keyword or the type.
extension BraceParser {
  /// What the statement in `tokens[base..<end]` declares, if anything.
  mutating func classify(end: Int, opensBody: Bool) -> Head? {
    guard end > base, scope != .opaque else { return nil }
    switch grammar.style {
    case .selector: return selectorHead(end, opensBody)
    case .labels: return labelHead(end, opensBody)
    case .assignment: return assignmentHead(end)
    case .shell: return shellHead(end)
    default: break
    }
    let keywordIndex = attributesEnd(base, end)
    guard keywordIndex < end else { return nil }
    let first = modifiersEnd(keywordIndex, end)
    guard first < end else {
      return grammar.style == .script ? scriptHead(base, keywordIndex, first, end, opensBody) : nil
    }
    if role(tokens[first]) == .imports, grammar.style != .script || tokens.count > first + 1 {
      // `use a::{` is not complete yet.
      if !opensBody { addImport(first, end) }
      return nil
    }
    switch grammar.style {
    case .keyword: return keywordHead(base, keywordIndex, first, end, opensBody)
    case .shape: return shapeHead(base, keywordIndex, first, end, opensBody)
    case .script: return scriptHead(base, keywordIndex, first, end, opensBody)
    default: return nil
    }
  }

  /// The index after attributes and modifiers.
  func prefixEnd(_ start: Int, _ end: Int) -> Int {
    modifiersEnd(attributesEnd(start, end), end)
  }

  /// The index of the first token that belongs to no attribute.
  func attributesEnd(_ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end, let next = attributeEnd(index, end) { index = next }
    return index
  }

  /// The index after the attribute at `index`, or nil if there is none.
  private func attributeEnd(_ index: Int, _ end: Int) -> Int? {
    let token = tokens[index]
    guard token.kind == .punctuation else { return nil }
    if token.byte == Punctuation.at, grammar.attributes.contains(.at) {
      guard index + 1 < end else { return end }
      // `@interface` declares.
      guard role(tokens[index + 1]) != .declares else { return nil }
      if tokens[index + 1].isPunctuation(Punctuation.openBracket) { return groupEnd(index + 1, end) }
      guard tokens[index + 1].kind == .word else { return nil }
      var next = index + 2
      while next + 1 < end,
        tokens[next].isPunctuation(Punctuation.dot) || tokens[next].isPunctuation(Punctuation.colon),
        tokens[next + 1].kind == .word
      {
        next += 2
      }
      if next < end, tokens[next].isPunctuation(Punctuation.less) { next = anglesEnd(next, end) ?? next }
      if next < end, tokens[next].isPunctuation(Punctuation.openParenthesis),
        tokens[next].start == tokens[next - 1].end || grammar.style == .shape && !grammar.localFunctions
      {
        next = groupEnd(next, end)
      }
      return next
    }
    if token.byte == Punctuation.hash, grammar.attributes.contains(.hashBracket), index + 1 < end {
      var next = index + 1
      if tokens[next].isPunctuation(Punctuation.bang), next + 1 < end { next += 1 }
      return tokens[next].isPunctuation(Punctuation.openBracket) ? groupEnd(next, end) : nil
    }
    if token.byte == Punctuation.openBracket, grammar.attributes.contains(.bracket) {
      return groupEnd(index, end)
    }
    return nil
  }

  /// The index of the first token that is no modifier. Attributes among modifiers are passed over.
  func modifiersEnd(_ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end {
      let token = tokens[index]
      if role(token) == .modifier {
        var next = index + 1
        if next < end, tokens[next].kind == .string {
          next += 1
        } else if next < end, tokens[next].isPunctuation(Punctuation.openParenthesis) {
          // `pub(crate)` is a modifier, `get(key) {` a function.
          let after = groupEnd(next, end)
          if grammar.style == .script || after >= end { return index }
          next = after
        } else if next < end, tokens[next].isPunctuation(Punctuation.openBracket), grammar.style == .keyword,
          tokens[next].start == token.end
        {
          // Scala's `private[this]`.
          next = groupEnd(next, end)
        } else if next < end, tokens[next].kind == .punctuation, isNameEnd(tokens[next].byte) {
          return index
        }
        index = next
      } else if index > start, let next = attributeEnd(index, end) {
        index = next
      } else {
        break
      }
    }
    return index
  }

  /// Whether what stands before this punctuation is a name, whatever its spelling.
  private func isNameEnd(_ byte: UInt8) -> Bool {
    switch byte {
    case Punctuation.equals, Punctuation.colon, Punctuation.semicolon, Punctuation.comma, Punctuation.dot: true
    default: false
    }
  }

  private mutating func addImport(_ first: Int, _ end: Int) {
    guard first + 1 < end else { return }
    // In scripts what matters is the module's name, the only string.
    if let string = tokens[(first + 1)..<end].first(where: { $0.kind == .string }) {
      outline.imports.append(string.start + 1..<max(string.start + 1, string.end - 1))
      return
    }
    var last = end - 1
    if tokens[last].isPunctuation(Punctuation.semicolon) { last -= 1 }
    guard last > first else { return }
    outline.imports.append(tokens[first + 1].start..<tokens[last].end)
  }

  // MARK: - Groups

  /// The index after the bracket that closes the one at `open`, or `end`.
  func groupEnd(_ open: Int, _ end: Int) -> Int {
    var level = 0
    var index = open
    while index < end {
      if tokens[index].kind == .punctuation {
        switch tokens[index].byte {
        case Punctuation.openParenthesis, Punctuation.openBracket: level += 1
        case Punctuation.closeParenthesis, Punctuation.closeBracket:
          level -= 1
          if level <= 0 { return index + 1 }
        default: break
        }
      }
      index += 1
    }
    return end
  }

  /// The index after the `>` that closes the `<` at `open`; nil if none does before the statement's end.
  func anglesEnd(_ open: Int, _ end: Int) -> Int? {
    var level = 0
    var index = open
    while index < end {
      let token = tokens[index]
      if token.kind == .punctuation {
        switch token.byte {
        case Punctuation.less: level += 1
        case Punctuation.greater:
          level -= 1
          if level == 0 { return index + 1 }
        case Punctuation.comparison where lexer.base[token.start] == UInt8(ascii: ">"):
          level -= 1
          if level <= 0 { return index + 1 }
        case Punctuation.openParenthesis, Punctuation.openBracket:
          index = groupEnd(index, end)
          continue
        case Punctuation.semicolon: return nil
        default: break
        }
      }
      index += 1
    }
    return nil
  }

  /// A head whose signature is the whole statement.
  func head(_ kind: SymbolKind, _ start: Int, _ keywordIndex: Int, name: Range<Int>, end: Int) -> Head {
    Head(
      kind: kind, start: tokens[start].start, keywordStart: tokens[keywordIndex].start, name: name,
      signatureEnd: tokens[end - 1].end)
  }

  // MARK: - Lines and braces

  /// Whether the statement goes on with `token`, the first of a new line.
  func continues(onto token: Token) -> Bool {
    let last = tokens[tokens.count - 1]
    if prefixEnd(base, tokens.count) == tokens.count, role(last) == .modifier || tokens[base].kind == .punctuation {
      return true
    }
    if token.kind == .punctuation {
      switch token.byte {
      case Punctuation.openBrace, Punctuation.dot, Punctuation.question, Punctuation.colon, Punctuation.equals,
        Punctuation.arrow, Punctuation.fatArrow, Punctuation.scope, Punctuation.comma, Punctuation.bar,
        Punctuation.closeParenthesis, Punctuation.closeBracket, Punctuation.greater, Punctuation.percent,
        Punctuation.plus, Punctuation.slash, Punctuation.comparison:
        return true
      case Punctuation.ampersand, Punctuation.minus, Punctuation.less:
        return grammar.style == .script
      case Punctuation.star:
        return grammar.style == .script && scope != .type && scope != .object
      default: break
      }
    }
    if role(token) == .continuation { return true }
    // `import a.*` ends with its star.
    if grammar.style == .keyword, role(tokens[base]) == .imports, last.isPunctuation(Punctuation.star) { return false }
    // `function(x)`, `if (x)`: what follows in R is their body.
    if grammar.style == .assignment, last.isPunctuation(Punctuation.closeParenthesis) {
      return endsHead()
    }
    // `throws` may end a requirement's line.
    if role(last) == .continuation, keyword(last).name != .own { return true }
    guard last.kind == .punctuation else { return false }
    switch last.byte {
    case Punctuation.equals, Punctuation.comma, Punctuation.star, Punctuation.slash, Punctuation.ampersand,
      Punctuation.bar, Punctuation.less, Punctuation.arrow, Punctuation.fatArrow, Punctuation.scope, Punctuation.dot,
      Punctuation.comparison, Punctuation.define, Punctuation.openParenthesis, Punctuation.openBracket:
      return tokens.count - base > 1 || last.byte != Punctuation.star
    case Punctuation.plus, Punctuation.minus:
      return tokens.count < 2 || !tokens[tokens.count - 2].isPunctuation(last.byte)
    case Punctuation.colon:
      let first = role(tokens[base])
      return first != .control && first != .enumCase
    default: return false
    }
  }

  /// Whether the statement ends with a word that takes a body, and its parentheses.
  private func endsHead() -> Bool {
    var level = 0
    var index = tokens.count - 1
    while index > base {
      if tokens[index].isPunctuation(Punctuation.closeParenthesis) { level += 1 }
      if tokens[index].isPunctuation(Punctuation.openParenthesis) { level -= 1 }
      index -= 1
      if level == 0 { break }
    }
    let before = tokens[index]
    return role(before) == .declares || role(before) == .control || before.isPunctuation(UInt8(ascii: "\\"))
  }

  /// Whether the brace after `tokens` belongs to an expression, and what stands in it.
  func anonymousScope() -> (Scope, resumes: Bool) {
    guard tokens.count > base else {
      // In a script a brace that follows nothing, inside brackets, is an object.
      return (scope == .file || scope == .module ? scope : .block, false)
    }
    let last = tokens[tokens.count - 1]
    let expression: Bool
    if last.kind == .punctuation {
      switch last.byte {
      case Punctuation.closeParenthesis, Punctuation.fatArrow, Punctuation.arrow, Punctuation.closeBrace,
        Punctuation.greater, Punctuation.semicolon, Punctuation.bar, Punctuation.closeBracket:
        expression = false
      case Punctuation.colon:
        expression = role(tokens[base]) != .enumCase && role(tokens[base]) != .control
      default: expression = true
      }
    } else {
      expression =
        last.kind == .word && role(last) == .control && lexer.equals(last.start..<last.end, "return")
        || grammar.style == .script && role(last) == .modifier && tokens.count > base + 1
          && lexer.equals(last.start..<last.end, "default")
    }
    if expression { return (.object, true) }
    if instantiates() { return (.type, true) }
    if depth > 0 { return (.block, true) }
    if scope == .enumeration, grammar.style == .shape { return (.type, false) }
    let plain = !tokens[base..<tokens.count].contains {
      $0.kind == .punctuation || role($0) == .control
    }
    return (plain && (scope == .file || scope == .module) ? scope : .block, false)
  }

  /// Whether the brace after `tokens` opens the body of a class without a name of its own: `new A() {`, and in scripts
  /// `return class extends A {`.
  ///
  /// Goes back over what may stand between the word and the brace: names, type arguments, one list of arguments.
  func instantiates() -> Bool {
    guard !grammar.elaboratedTypes, tokens.count > base,
      !tokens[tokens.count - 1].isPunctuation(Punctuation.closeBracket)
    else { return false }
    var index = tokens.count - 1
    while index >= base {
      let token = tokens[index]
      if token.kind == .word {
        if role(token) == .control { return isNew(token) }
        if grammar.style == .script, role(token) == .declares, keyword(token).kind == .class,
          index == base || !tokens[index - 1].isPunctuation(Punctuation.dot)
        {
          return true
        }
        // Zig's `return struct {`.
        if grammar.style == .keyword, !grammar.newlineEnds, role(token) == .declares, keyword(token).kind.isType {
          return true
        }
      } else if token.isPunctuation(Punctuation.closeParenthesis) || token.isPunctuation(Punctuation.closeBracket) {
        var level = 0
        while index >= base {
          switch tokens[index].kind == .punctuation ? tokens[index].byte : 0 {
          case Punctuation.closeParenthesis, Punctuation.closeBracket: level += 1
          case Punctuation.openParenthesis, Punctuation.openBracket: level -= 1
          default: break
          }
          if level == 0 { break }
          index -= 1
        }
      } else if token.kind == .punctuation {
        switch token.byte {
        case Punctuation.dot, Punctuation.less, Punctuation.greater, Punctuation.comma, Punctuation.question,
          Punctuation.ampersand, Punctuation.at, UInt8(ascii: "\\"):
          break
        default: return false
        }
      }
      index -= 1
    }
    return false
  }

  private func isNew(_ token: Token) -> Bool {
    lexer.equals(token.start..<token.end, "new")
  }
}
