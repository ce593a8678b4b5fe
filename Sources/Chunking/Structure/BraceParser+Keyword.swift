/// Declarations that a keyword introduces.
extension BraceParser {
  mutating func keywordHead(_ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int, _ opensBody: Bool) -> Head? {
    var index = first
    var token = tokens[index]
    guard token.kind == .word || token.isPunctuation(Punctuation.at) else { return nil }
    if token.isPunctuation(Punctuation.at), index + 1 < end {
      index += 1
      token = tokens[index]
    }
    var word = keyword(token)
    switch word.role {
    case .variable:
      // `const fn`, `const unsafe extern "C" fn`
      let next = modifiersEnd(index + 1, end)
      if next + 1 < end, role(tokens[next]) == .declares, keyword(tokens[next]).kind.isCallable,
        tokens[next + 1].kind == .word
      {
        index = next
        word = keyword(tokens[next])
        break
      }
      return variableHead(start, keywordIndex, index, end, word)
    case .enumCase:
      if index + 1 < end, keyword(tokens[index + 1]).role == .declares, tokens[index + 1].kind == .word {
        index += 1
        word = keyword(tokens[index])
        break
      }
      return enumCaseHead(start, keywordIndex, index, end)
    case .declares: break
    case .none: return caseHead(start, keywordIndex, index, end)
    default: return nil
    }
    // `enum class`, `fun interface`, `class func`, `package object`: the last keyword says what it is.
    while index + 1 < end, tokens[index + 1].kind == .word {
      let following = keyword(tokens[index + 1])
      if word.kind.isCallable, index + 2 < end, !isNameStart(tokens[index + 2]) {
        // `func macro(` is named by a keyword.
        break
      } else if following.role == .declares, word.name != .own, following.name != .own || word.kind.isType {
        if word.kind != .enum || following.kind.isCallable { word = following }
        index += 1
      } else if following.role == .variable, word.kind.isType || word.kind == .constant {
        return variableHead(start, keywordIndex, index + 1, end, following)
      } else if following.role == .modifier, word.kind.isType, index + 2 < end,
        [.declares, .variable].contains(role(tokens[index + 2]))
      {
        index += 1
      } else {
        break
      }
    }
    return named(start, keywordIndex, index, end, word)
  }

  /// Finds the name after the keyword at `index`.
  private func named(_ start: Int, _ keywordIndex: Int, _ index: Int, _ end: Int, _ word: Keyword) -> Head? {
    let keywordToken = tokens[index]
    var result = head(word.kind, start, keywordIndex, name: keywordToken.start..<keywordToken.start, end: end)
    switch word.name {
    case .own:
      // `init` and `subscript` are names only where they are followed by what a declaration has.
      guard scope == .type || scope == .enumeration else { return nil }
      result.name = keywordToken.start..<keywordToken.end
      return result
    case .implementation:
      return implementation(index + 1, end, result)
    case .receiver:
      var next = index + 1
      if next < end, tokens[next].isPunctuation(Punctuation.openParenthesis) {
        let close = groupEnd(next, end)
        result.qualifier = receiverType(next + 1, close - 1)
        if result.qualifier != nil { result.kind = .method }
        next = close
      }
      guard next < end, tokens[next].kind == .word else { return nil }
      result.name = tokens[next].start..<tokens[next].end
      return result
    case .beforeBody:
      // Go's `type A interface {`, `type A struct {`, `type A = B`.
      guard index + 1 < end, tokens[index + 1].kind == .word else { return nil }
      result.name = tokens[index + 1].start..<tokens[index + 1].end
      if let last = tokens[(index + 2)..<max(end, index + 2)].last(where: { $0.kind == .word }) {
        if lexer.equals(last.start..<last.end, "interface") { result.kind = .interface }
        if !lexer.equals(last.start..<last.end, "struct"), result.kind == .struct { result.kind = .typeAlias }
      }
      return result
    case .beforeParenthesis:
      var last = -1
      var next = index + 1
      if next < end, tokens[next].isPunctuation(Punctuation.less) { next = anglesEnd(next, end) ?? next }
      while next < end, !tokens[next].isPunctuation(Punctuation.openParenthesis) {
        if tokens[next].kind == .word { last = next }
        if tokens[next].isPunctuation(Punctuation.less) { next = anglesEnd(next, end) ?? next + 1 } else { next += 1 }
      }
      guard last >= 0, next < end else { return nil }
      result.name = tokens[last].start..<tokens[last].end
      return result
    case .path:
      var next = index + 1
      if next < end, tokens[next].isPunctuation(Punctuation.less) { next = anglesEnd(next, end) ?? next }
      if next < end, tokens[next].isPunctuation(Punctuation.openBracket) {
        // Swift's `extension [Key: Value]`.
        result.name = tokens[next].start..<tokens[groupEnd(next, end) - 1].end
        return result
      }
      guard next < end, tokens[next].kind == .word || tokens[next].isPunctuation(Punctuation.scope) else { return nil }
      var last = next
      while last + 2 < end, isJoint(tokens[last + 1]), tokens[last + 2].kind == .word { last += 2 }
      result.name = tokens[next].start..<tokens[last].end
      return result
    case .whole:
      result.name = tokens[keywordIndex].start..<tokens[end - 1].end
      return result
    case .labels:
      var last = index
      while last + 1 < end, tokens[last + 1].kind == .string || tokens[last + 1].kind == .word { last += 1 }
      result.spelling = label(index, last + 1)
      result.name = tokens[index].start..<tokens[last].end
      return result
    case .optional:
      if let named = nextName(index + 1, end, result) { return named }
      result.name = keywordToken.start..<keywordToken.end
      if index > base, lexer.equals(tokens[index - 1].start..<tokens[index - 1].end, "companion") {
        result.spelling = "Companion"
      }
      return result
    case .next:
      return nextName(index + 1, end, result)
    }
  }

  private func isJoint(_ token: Token) -> Bool {
    token.isPunctuation(Punctuation.dot) || token.isPunctuation(Punctuation.scope)
      || token.isPunctuation(UInt8(ascii: "\\"))
  }

  private func isNameStart(_ token: Token) -> Bool {
    token.kind == .word || token.kind == .string
  }

  private func nextName(_ index: Int, _ end: Int, _ partial: Head) -> Head? {
    var result = partial
    var next = index
    // `function &name`, `macro_rules! name`, `fn (…)`.
    while next < end,
      tokens[next].isPunctuation(Punctuation.ampersand) || tokens[next].isPunctuation(Punctuation.bang)
        || tokens[next].isPunctuation(Punctuation.at)
    {
      guard next + 1 < end, tokens[next + 1].kind == .word else { break }
      next += 1
    }
    guard next < end else { return nil }
    if tokens[next].kind == .word || tokens[next].kind == .string {
      result.name = tokens[next].start..<tokens[next].end
      if grammar.indents, lexer.byte(tokens[next].end - 1) == UInt8(ascii: "_"), next + 1 < end,
        tokens[next + 1].isPunctuation(Punctuation.equals), tokens[next + 1].start == tokens[next].end
      {
        // Scala's `value_=` sets.
        result.name = tokens[next].start..<tokens[next + 1].end
      }
      return result
    }
    guard tokens[next].kind == .punctuation, partial.kind.isCallable || partial.kind == .operator else { return nil }
    var last = next
    while last < end, tokens[last].kind == .punctuation, !tokens[last].isPunctuation(Punctuation.openParenthesis),
      last == next || tokens[last].start == tokens[last - 1].end
    {
      last += 1
    }
    guard last > next, last < end else { return nil }
    // `func < <T>(a: T)`: generic parameters are not part of the operator.
    result.name = tokens[next].start..<tokens[last - 1].end
    return result
  }

  /// The type a receiver `(name *Type[T])` is of.
  private func receiverType(_ start: Int, _ end: Int) -> Range<Int>? {
    var found: Range<Int>?
    var index = start
    while index < end, !tokens[index].isPunctuation(Punctuation.openBracket) {
      if tokens[index].kind == .word { found = tokens[index].start..<tokens[index].end }
      index += 1
    }
    return found
  }

  /// Rust's `impl<T> Trait for Type<T>`: named by the type.
  private func implementation(_ start: Int, _ end: Int, _ partial: Head) -> Head? {
    var result = partial
    var index = start
    if index < end, tokens[index].isPunctuation(Punctuation.less) { index = anglesEnd(index, end) ?? index }
    var name: Range<Int>?
    while index < end {
      let token = tokens[index]
      if token.isPunctuation(Punctuation.less) {
        index = anglesEnd(index, end) ?? index + 1
        continue
      }
      if token.kind == .word {
        let word = token.start..<token.end
        if lexer.equals(word, "for") {
          name = nil
        } else if lexer.equals(word, "where") {
          break
        } else if !lexer.equals(word, "dyn"), !lexer.equals(word, "mut"), !lexer.equals(word, "const"),
          lexer.byte(token.start - 1) != UInt8(ascii: "'")
        {
          name = word
        }
      }
      index += 1
    }
    guard let name else { return nil }
    result.name = name
    return result
  }

  func label(_ start: Int, _ end: Int) -> String {
    var parts: [String] = []
    for token in tokens[start..<end].prefix(6) {
      let range =
        token.kind == .string ? token.start + 1..<max(token.start + 1, token.end - 1) : token.start..<token.end
      parts.append(String(decoding: UnsafeBufferPointer(rebasing: buffer[range]), as: UTF8.self))
    }
    return parts.joined(separator: ".")
  }

  var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: lexer.base, count: lexer.count) }

  private func variableHead(_ start: Int, _ keywordIndex: Int, _ index: Int, _ end: Int, _ word: Keyword) -> Head? {
    guard scope != .function, scope != .block, scope != .object else { return nil }
    var next = index + 1
    if next < end, tokens[next].isPunctuation(Punctuation.less) { next = anglesEnd(next, end) ?? next }
    while next < end, tokens[next].kind == .word, role(tokens[next]) == .modifier || role(tokens[next]) == .variable,
      next + 1 < end, tokens[next + 1].kind == .word
    {
      next += 1
    }
    guard next < end, tokens[next].kind == .word else { return nil }
    while next + 2 < end, tokens[next + 1].isPunctuation(Punctuation.dot), tokens[next + 2].kind == .word { next += 2 }
    var kind = word.kind
    // `const T = struct {`
    if !grammar.newlineEnds, grammar.style == .keyword, let type = typeValue(end) { kind = type }
    return head(kind, start, keywordIndex, name: tokens[next].start..<tokens[next].end, end: end)
  }

  /// The kind of type whose keyword is the last word of the statement.
  private func typeValue(_ end: Int) -> SymbolKind? {
    guard end > base + 2, tokens[end - 1].kind == .word || tokens[end - 1].isPunctuation(Punctuation.closeParenthesis)
    else { return nil }
    guard let equals = tokens[base..<end].firstIndex(where: { $0.isPunctuation(Punctuation.equals) }) else {
      return nil
    }
    guard let last = tokens[(equals + 1)..<end].first(where: { role($0) != .modifier }) else { return nil }
    let found = keyword(last)
    return last.kind == .word && found.role == .declares && found.kind.isType ? found.kind : nil
  }

  /// A case without a keyword: Kotlin's `A(1) {`, Rust's `B { x: u8 }`, Zig's `c = 2`.
  private func caseHead(_ start: Int, _ keywordIndex: Int, _ index: Int, _ end: Int) -> Head? {
    guard scope == .enumeration, tokens[index].kind == .word else { return nil }
    var after = index + 1
    if after < end, tokens[after].isPunctuation(Punctuation.openParenthesis) { after = groupEnd(after, end) }
    guard after == end || tokens[after].isPunctuation(Punctuation.equals) else { return nil }
    return head(.enumCase, start, keywordIndex, name: tokens[index].start..<tokens[index].end, end: end)
  }

  private func enumCaseHead(_ start: Int, _ keywordIndex: Int, _ index: Int, _ end: Int) -> Head? {
    guard scope == .enumeration, index + 1 < end, tokens[index + 1].kind == .word else { return nil }
    return head(.enumCase, start, keywordIndex, name: tokens[index + 1].start..<tokens[index + 1].end, end: end)
  }

  /// Whether type parameters or arguments are open at the end of the statement: `class A<T extends {`, `Promise<{`.
  private func isInAngles(after offset: Int) -> Bool {
    var level = 0
    var index = base
    while index < tokens.count {
      let token = tokens[index]
      if token.isPunctuation(Punctuation.openParenthesis) || token.isPunctuation(Punctuation.openBracket) {
        index = groupEnd(index, tokens.count)
        continue
      }
      if token.start >= offset, token.isPunctuation(Punctuation.less) { level += 1 }
      if token.isPunctuation(Punctuation.greater) { level = max(0, level - 1) }
      // What is compared in a value is no type.
      if token.isPunctuation(Punctuation.equals) || token.isPunctuation(Punctuation.fatArrow) { level = 0 }
      index += 1
    }
    return level > 0
  }

  /// Whether the brace after a head belongs to its type or default value and not to its body.
  func isExpressionBrace(in head: Head) -> Bool {
    guard let last = tokens.last, tokens.count > base else { return false }
    if grammar.style == .script, isInAngles(after: head.name.upperBound) { return true }
    if grammar.style == .shape { return isInitializerBrace(head) }
    guard head.kind.isCallable else {
      // `import a.{b}`, `type T = { … }` and `val x = { … }` keep the brace as their body.
      return last.isPunctuation(Punctuation.scope)
    }
    if last.kind == .word, last.end != head.name.upperBound || last.start != head.name.lowerBound {
      let word = last.start..<last.end
      return lexer.equals(word, "interface") || lexer.equals(word, "struct")
    }
    return grammar.style == .script && last.isPunctuation(Punctuation.colon)
  }
}
