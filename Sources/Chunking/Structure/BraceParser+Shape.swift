/// Declarations recognised by their shape: type, name, parameters (C and its relatives).
extension BraceParser {
  mutating func shapeHead(_ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int, _ opensBody: Bool) -> Head? {
    var index = first
    var keywordIndex = keywordIndex
    var template = -1
    // `template <…>` stands before what it parameterises; a lone macro in capitals on a line of its own is not part
    // of the next declaration.
    while index < end {
      if index + 1 < end, tokens[index].kind == .word, isTemplate(tokens[index]),
        tokens[index + 1].isPunctuation(Punctuation.less), let after = anglesEnd(index + 1, end)
      {
        if template < 0 { template = keywordIndex }
        index = requirementEnd(after, end)
        keywordIndex = index
      } else if grammar.elaboratedTypes, tokens[index].kind == .word, isTemplate(tokens[index]) {
        // `template class A<B>;` asks for an instance of what is declared elsewhere.
        return nil
      } else if index + 1 < end, tokens[index].kind == .word, isMacroLine(index) {
        index += 1
        keywordIndex = index
      } else if tokens[index].isPunctuation(Punctuation.closeBrace) {
        return nil
      } else {
        let next = prefixEnd(index, end)
        if next == index { break }
        index = next
      }
    }
    guard index < end else { return nil }
    if grammar.selectors, tokens[index].kind == .punctuation { return messageHead(start, keywordIndex, index, end) }
    let leading = tokens[index]
    if leading.kind == .word, role(leading) == .control { return nil }
    if var type = typeHead(start, keywordIndex, index, end, opensBody) {
      if template >= 0 { type.signatureStart = tokens[template].start }
      return type
    }
    if role(leading) == .declares, !grammar.elaboratedTypes || end - index <= 2 { return nil }
    guard scope != .function && scope != .block && scope != .object || grammar.localFunctions else { return nil }
    guard var found = callableHead(start, keywordIndex, index, end, opensBody) else { return nil }
    if template >= 0 { found.signatureStart = tokens[template].start }
    return found
  }

  /// The index after `requires a<T> && b<T>` at `index`, as far as it goes on by operators.
  private func requirementEnd(_ index: Int, _ end: Int) -> Int {
    guard index < end, tokens[index].kind == .word, lexer.equals(tokens[index].start..<tokens[index].end, "requires")
    else { return index }
    var next = index + 1
    while next < end {
      if tokens[next].isPunctuation(Punctuation.openParenthesis) {
        next = groupEnd(next, end)
      } else if tokens[next].kind == .word || tokens[next].kind == .number {
        next += 1
        while next + 1 < end, tokens[next].isPunctuation(Punctuation.scope) { next += 2 }
        if next < end, tokens[next].isPunctuation(Punctuation.less) { next = anglesEnd(next, end) ?? next + 1 }
        if next < end, tokens[next].isPunctuation(Punctuation.openParenthesis) { next = groupEnd(next, end) }
      } else {
        return index
      }
      guard next + 1 < end,
        tokens[next].isPunctuation(Punctuation.ampersand) || tokens[next].isPunctuation(Punctuation.bar),
        tokens[next + 1].isPunctuation(tokens[next].byte)
      else { return next }
      next += 2
    }
    return index
  }

  private func isTemplate(_ token: Token) -> Bool {
    lexer.equals(token.start..<token.end, "template")
  }

  private func isMacroLine(_ index: Int) -> Bool {
    let token = tokens[index]
    guard grammar.elaboratedTypes, token.end - token.start > 2, token.keyword == 0 else { return false }
    for offset in token.start..<token.end where lexer.isLowercase(lexer.base[offset]) { return false }
    // `BOOL`, a line's end, `f(int x)`: without it the function would have no type.
    if index + 2 < tokens.count, tokens[index + 2].isPunctuation(Punctuation.openParenthesis) { return false }
    var cursor = token.end
    while cursor < tokens[index + 1].start {
      if lexer.base[cursor] == 0x0A { return tokens[index + 1].kind == .word }
      cursor += 1
    }
    return false
  }

  /// `class A : B {`, `enum class E`, `typedef struct {`, `namespace a::b {`, `@interface A`.
  private func typeHead(_ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int, _ opensBody: Bool) -> Head? {
    var index = first
    if tokens[index].isPunctuation(Punctuation.at), index + 1 < end, grammar.attributes.contains(.at) { index += 1 }
    guard index < end, role(tokens[index]) == .declares else { return nil }
    var word = keyword(tokens[index])
    while index + 1 < end, role(tokens[index + 1]) == .declares {
      if word.kind != .enum { word = keyword(tokens[index + 1]) }
      index += 1
    }
    // The name is the last of the words before what may follow one.
    var name = -1
    var qualified = -1
    var next = index + 1
    while next < end {
      let token = tokens[next]
      if token.kind == .word {
        if isFinal(token) || role(token) == .continuation { break }
        if name >= 0, !grammar.elaboratedTypes, !tokens[next - 1].isPunctuation(Punctuation.dot),
          !tokens[next - 1].isPunctuation(Punctuation.scope)
        {
          break
        }
        if !(name >= 0 && qualified >= 0
          && (tokens[next - 1].isPunctuation(Punctuation.scope) || tokens[next - 1].isPunctuation(Punctuation.dot)))
        {
          qualified = next
        }
        name = next
      } else if token.isPunctuation(Punctuation.scope) || token.isPunctuation(Punctuation.dot) {
        // A qualified name.
      } else if token.isPunctuation(Punctuation.openBracket) {
        next = groupEnd(next, end)
        continue
      } else if token.isPunctuation(Punctuation.openParenthesis), grammar.elaboratedTypes, name == index + 1,
        isMacroName(tokens[name])
          || groupEnd(next, end) < end && tokens[groupEnd(next, end)].kind == .word
            && !isFinal(tokens[groupEnd(next, end)]) && role(tokens[groupEnd(next, end)]) != .modifier
      {
        next = groupEnd(next, end)
        continue
      } else {
        break
      }
      next += 1
    }
    if next < end, grammar.elaboratedTypes, word.kind != .module {
      // `struct a *f(int) {` and `struct a b = {` are a function and a variable.
      let token = tokens[next]
      if token.isPunctuation(Punctuation.star) || token.isPunctuation(Punctuation.ampersand)
        || token.isPunctuation(Punctuation.equals) || token.isPunctuation(Punctuation.openParenthesis)
        || token.isPunctuation(Punctuation.semicolon)
      {
        return nil
      }
    }
    if !opensBody, word.kind != .typeAlias, word.kind != .module || grammar.elaboratedTypes {
      // `struct a;` says that there is one; only languages without forward declarations declare here.
      guard !grammar.elaboratedTypes, name >= 0 else { return nil }
    }
    let nameStart = qualified >= 0 ? qualified : name
    guard name >= 0 else { return nil }
    return head(
      word.kind, start, keywordIndex, name: tokens[min(nameStart, name)].start..<tokens[name].end, end: end)
  }

  private func isFinal(_ token: Token) -> Bool {
    lexer.equals(token.start..<token.end, "final")
  }

  private func isMacroName(_ token: Token) -> Bool {
    for offset in token.start..<token.end where lexer.isLowercase(lexer.base[offset]) { return false }
    return true
  }

  /// A function, method, constructor, property or field.
  private func callableHead(_ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int, _ opensBody: Bool) -> Head? {
    var index = first
    var words = 0
    var lastWord = -1
    var sawNew = false
    while index < end {
      let token = tokens[index]
      switch token.kind {
      case .word:
        if isOperatorWord(token) {
          return operatorHead(start, keywordIndex, index, end)
        }
        if role(token) == .control {
          sawNew = true
        }
        if role(token) == .continuation, words > 0 { return nil }
        words += 1
        lastWord = index
      case .punctuation:
        switch token.byte {
        case Punctuation.openParenthesis:
          if sawNew { return nil }
          let close = groupEnd(index, end)
          if lastWord == index - 1, lastWord >= first {
            if grammar.elaboratedTypes, close < end, isTypeOperator(tokens[lastWord]) {
              index = close
              lastWord = -1
              continue
            }
            if isAttributeMacro(lastWord, close, end) {
              index = close
              continue
            }
            return callable(start, keywordIndex, first, name: lastWord, close: close, words: words, end, opensBody)
          }
          // `int (*name)(…)` and `(type) name(…)`
          index = close
          lastWord = -1
          continue
        case Punctuation.less:
          if let close = anglesEnd(index, end) {
            // `void name<T>(…)`: the name stays the last word.
            let keep = close < end && tokens[close].isPunctuation(Punctuation.openParenthesis) && lastWord == index - 1
            if keep {
              let name = lastWord
              let parameters = groupEnd(close, end)
              return callable(start, keywordIndex, first, name: name, close: parameters, words: words, end, opensBody)
            }
            index = close
            continue
          }
        case Punctuation.equals, Punctuation.fatArrow, Punctuation.arrow:
          return sawNew && token.byte != Punctuation.equals
            ? nil
            : propertyHead(start, keywordIndex, name: lastWord, words: words, end, opensBody, at: index)
        case Punctuation.openBracket:
          if lastWord == index - 1, words >= 2, lastWord >= first,
            lexer.equals(tokens[lastWord].start..<tokens[lastWord].end, "this")
          {
            return callable(
              start, keywordIndex, first, name: lastWord, close: groupEnd(index, end), words: words, end, opensBody)
          }
          index = groupEnd(index, end)
          continue
        case Punctuation.colon:
          if scope == .file || scope == .function { return nil }
        default: break
        }
      default: break
      }
      index += 1
    }
    if sawNew { return nil }
    return propertyHead(start, keywordIndex, name: lastWord, words: words, end, opensBody, at: end)
  }

  private func isOperatorWord(_ token: Token) -> Bool {
    lexer.equals(token.start..<token.end, "operator")
  }

  private func operatorHead(_ start: Int, _ keywordIndex: Int, _ index: Int, _ end: Int) -> Head? {
    var next = index + 1
    if next + 1 < end, tokens[next].isPunctuation(Punctuation.openParenthesis),
      tokens[next + 1].isPunctuation(Punctuation.closeParenthesis)
    {
      next += 2
    }
    while next < end, !tokens[next].isPunctuation(Punctuation.openParenthesis) { next += 1 }
    guard next < end else { return nil }
    var nameStart = index
    while nameStart - 2 >= base, tokens[nameStart - 1].isPunctuation(Punctuation.scope),
      tokens[nameStart - 2].kind == .word
    {
      nameStart -= 2
    }
    var result = head(.function, start, keywordIndex, name: tokens[index].start..<tokens[next - 1].end, end: end)
    if nameStart < index { result.qualifier = tokens[nameStart].start..<tokens[index - 2].end }
    return result
  }

  /// `__attribute__((x)) int f(…)` and `API(2) int f(…)`: a word with parentheses before the declaration.
  private func isAttributeMacro(_ name: Int, _ close: Int, _ end: Int) -> Bool {
    guard close < end else { return false }
    let following = tokens[close]
    guard grammar.elaboratedTypes else { return false }
    if following.kind == .word {
      let text = following.start..<following.end
      for known in BraceParser.afterParameters where lexer.equals(text, known) { return false }
      if role(following) == .continuation { return false }
      // `f(a) int a; {` of K&R C is rarer than an attribute macro.
      return isMacroName(tokens[name]) || lexer.starts(tokens[name].start, with: "__")
    }
    return false
  }

  /// Whether a word with parentheses stands for a type or says something about one: `decltype(auto) f()`.
  private func isTypeOperator(_ token: Token) -> Bool {
    for known in BraceParser.typeOperators where lexer.equals(token.start..<token.end, known) { return true }
    return false
  }

  private static let typeOperators: [StaticString] = [
    "decltype", "alignas", "_Alignas", "typeof", "__typeof__", "__declspec", "__attribute__", "noexcept", "explicit",
    "_Atomic", "__extension__", "requires",
  ]

  static let afterParameters: [StaticString] = [
    "const", "noexcept", "override", "final", "throws", "throw", "where", "volatile", "requires", "try", "async",
    "default", "sync", "mutable",
  ]

  private func callable(
    _ start: Int, _ keywordIndex: Int, _ first: Int, name: Int, close: Int, words: Int, _ end: Int, _ opensBody: Bool
  ) -> Head? {
    let token = tokens[name]
    guard role(token) != .control, role(token) != .declares else { return nil }
    let qualified = name >= first + 2 && tokens[name - 1].isPunctuation(Punctuation.scope)
    let destructor = name > first && tokens[name - 1].isPunctuation(Punctuation.tilde)
    let typed = words >= 2
    let inType = scope == .type || scope == .enumeration
    if !opensBody {
      if scope == .enumeration, !typed, !grammar.elaboratedTypes, name == first, close == end {
        return head(.enumCase, start, keywordIndex, name: token.start..<token.end, end: end)
      }
      // Without a body a statement with parentheses is a call unless it has a type before the name.
      guard typed || (inType && scope != .enumeration), !isCallStatement(name, close, end) else { return nil }
      if !inType, close < end, tokens[close].isPunctuation(Punctuation.openParenthesis) { return nil }
    } else {
      if scope == .enumeration, !typed, !grammar.elaboratedTypes,
        enclosing < 0 || !sameText(token, outline.declarations[enclosing].name)
      {
        return name == first && close == end
          ? head(.enumCase, start, keywordIndex, name: token.start..<token.end, end: end) : nil
      }
      if scope == .function || scope == .block || scope == .object {
        let isDart = grammar.localFunctions && grammar.attributes == .at
        guard typed && first + 1 <= name || isDart && first == name && name == base, close <= end else { return nil }
      }
      if close < end, tokens[close].isPunctuation(Punctuation.equals) { return nil }
    }
    // `a.b(c) {` and `a->b(c) {` call.
    if name > first, tokens[name - 1].isPunctuation(Punctuation.dot) && !qualifiedByType(name, first) { return nil }
    if name > first, tokens[name - 1].isPunctuation(Punctuation.arrow) { return nil }
    if grammar.selectors, opensBody, close > name + 3, isEnumMacro(token), tokens[close - 2].kind == .word {
      return head(.enum, start, keywordIndex, name: tokens[close - 2].start..<tokens[close - 2].end, end: end)
    }
    var result = head(.function, start, keywordIndex, name: token.start..<token.end, end: end)
    if destructor {
      result.name = tokens[name - 1].start..<token.end
      result.kind = .method
    } else if !typed, inType {
      // Dart's setters have no type either.
      let isNamed = enclosing >= 0 && sameText(token, outline.declarations[enclosing].name)
      if !(grammar.localFunctions && grammar.attributes == .at) || isNamed { result.kind = .constructor }
    }
    var scopeStart = destructor ? name - 1 : name
    while scopeStart - 2 >= first, tokens[scopeStart - 1].isPunctuation(Punctuation.scope) {
      var before = scopeStart - 2
      if tokens[before].isPunctuation(Punctuation.greater) {
        while before > first, !tokens[before].isPunctuation(Punctuation.less) { before -= 1 }
        before -= 1
      }
      guard before >= first, tokens[before].kind == .word else { break }
      scopeStart = before
    }
    if scopeStart < name, qualified || destructor, tokens[scopeStart].kind == .word {
      result.kind = .method
      let last = destructor ? name - 2 : name - 1
      if last > scopeStart {
        result.qualifier = tokens[scopeStart].start..<tokens[last - 1].end
        if sameText(token, tokens[last - 1].start..<tokens[last - 1].end) { result.kind = .constructor }
      }
    }
    if isTestMacro(token), close > name + 2 {
      result.kind = .test
      result.name = tokens[name].start..<tokens[close - 1].end
    }
    return result
  }

  /// `typedef NS_ENUM(NSInteger, Name) {`
  private func isEnumMacro(_ token: Token) -> Bool {
    (lexer.starts(token.start, with: "NS_") || lexer.starts(token.start, with: "CF_"))
      && (lexer.starts(token.end - 5, with: "_ENUM") || lexer.starts(token.end - 8, with: "_OPTIONS"))
  }

  /// Whether the statement that a semicolon seems to end is the head of a function whose parameters are declared below
  /// it: `int f(a, b) int a;` of K&R C.
  func isOldStyleHead() -> Bool {
    guard grammar.elaboratedTypes, scope == .file, tokens.count > base + 5, tokens[tokens.count - 1].kind == .word,
      let open = tokens[base...].firstIndex(where: { $0.isPunctuation(Punctuation.openParenthesis) }), open > base,
      tokens[open - 1].kind == .word, !isMacroName(tokens[open - 1])
    else { return false }
    let close = groupEnd(open, tokens.count)
    guard close + 1 < tokens.count, tokens[close].kind == .word else { return false }
    var isParameter = false
    let last = tokens[tokens.count - 1]
    for token in tokens[(open + 1)..<(close - 1)] {
      guard token.kind == .word || token.isPunctuation(Punctuation.comma) else { return false }
      if sameText(token, last.start..<last.end) { isParameter = true }
    }
    return isParameter
  }

  private func isTestMacro(_ token: Token) -> Bool {
    let text = token.start..<token.end
    return lexer.equals(text, "TEST") || lexer.equals(text, "TEST_F") || lexer.equals(text, "TEST_P")
      || lexer.equals(text, "TYPED_TEST") || lexer.equals(text, "TEST_CASE")
  }

  /// Explicit interface implementations: `void IList.Add(…)`.
  private func qualifiedByType(_ name: Int, _ first: Int) -> Bool {
    !grammar.elaboratedTypes && scope == .type && name - 2 >= first
  }

  private func isCallStatement(_ name: Int, _ close: Int, _ end: Int) -> Bool {
    guard close < end else { return false }
    return tokens[close].isPunctuation(Punctuation.dot)
      || tokens[close].isPunctuation(Punctuation.equals)
        && grammar.elaboratedTypes && !(close + 1 < end)
  }

  func sameText(_ token: Token, _ range: Range<Int>) -> Bool {
    token.end - token.start == range.count && lexer.same(token.start, range.lowerBound, range.count)
  }

  private func propertyHead(
    _ start: Int, _ keywordIndex: Int, name: Int, words: Int, _ end: Int, _ opensBody: Bool, at stop: Int
  ) -> Head? {
    guard name >= base, name < end else { return nil }
    if scope == .enumeration, words == 1 {
      guard name == stop - 1 || stop == end else { return nil }
      return head(.enumCase, start, keywordIndex, name: tokens[name].start..<tokens[name].end, end: end)
    }
    // Dart's `get name =>` and `final name =` need no type.
    let words = grammar.localFunctions && grammar.attributes == .at && name > base ? words + 1 : words
    guard words >= 2, scope == .type || scope == .enumeration || scope == .file || scope == .module else { return nil }
    if opensBody, grammar.elaboratedTypes { return nil }
    let kind: SymbolKind = scope == .type || scope == .enumeration ? .property : .variable
    return head(kind, start, keywordIndex, name: tokens[name].start..<tokens[name].end, end: end)
  }

  /// C++: `A::A() : a_{1}, b_(2) {` has braces in its initialisers; C: `int a[] = {` has one in its value.
  func isInitializerBrace(_ head: Head) -> Bool {
    guard let last = tokens.last, head.spelling == nil else { return false }
    if head.kind == .property || head.kind == .variable {
      return tokens[base...].contains { $0.isPunctuation(Punctuation.equals) || $0.isPunctuation(Punctuation.fatArrow) }
    }
    guard grammar.elaboratedTypes, head.kind.isCallable, last.kind == .word || last.isPunctuation(Punctuation.greater),
      last.start >= head.name.upperBound
    else { return false }
    guard tokens[base...].contains(where: { $0.isPunctuation(Punctuation.colon) && $0.start > head.name.upperBound })
    else { return false }
    for known in BraceParser.afterParameters where lexer.equals(last.start..<last.end, known) { return false }
    return true
  }

}
