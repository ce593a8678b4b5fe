/// JavaScript and TypeScript: functions by keyword, by shape in classes and objects, and by arrow.
extension BraceParser {
  mutating func scriptHead(_ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int, _ opensBody: Bool) -> Head? {
    guard first < end else { return nil }
    let leading = tokens[first]
    let word = keyword(leading)
    if leading.kind == .word {
      switch word.role {
      case .declares:
        if first + 1 < end, tokens[first + 1].isPunctuation(Punctuation.openParenthesis), !word.kind.isCallable {
          break
        }
        if word.kind == .typeAlias || word.kind == .module || word.kind == .interface {
          // `type`, `namespace` and their like are names except before a name.
          guard first + 1 < end, tokens[first + 1].kind == .word || tokens[first + 1].kind == .string else { break }
        }
        if let head = scriptKeyword(start, keywordIndex, first, end, word) { return head }
        return nil
      case .variable:
        return scriptVariable(start, keywordIndex, first, end, opensBody, word)
      case .control:
        return nil
      default: break
      }
    }
    return memberHead(start, keywordIndex, first, end, opensBody)
  }

  private func scriptKeyword(_ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int, _ word: Keyword) -> Head? {
    var index = first + 1
    var kind = word.kind
    while index < end, role(tokens[index]) == .declares || tokens[index].isPunctuation(Punctuation.star) {
      if role(tokens[index]) == .declares { kind = keyword(tokens[index]).kind == .class ? .class : kind }
      index += 1
    }
    guard index < end, tokens[index].kind == .word || tokens[index].kind == .string,
      role(tokens[index]) != .continuation
    else {
      // `export default class {`: the module's default is its name.
      guard first > base, lexer.equals(tokens[first - 1].start..<tokens[first - 1].end, "default") else { return nil }
      return head(kind, start, keywordIndex, name: tokens[first - 1].start..<tokens[first - 1].end, end: end)
    }
    var last = index
    while last + 2 < end, tokens[last + 1].isPunctuation(Punctuation.dot), tokens[last + 2].kind == .word { last += 2 }
    return head(kind, start, keywordIndex, name: tokens[index].start..<tokens[last].end, end: end)
  }

  /// `const f = (…) => {`, `const f = function () {`, `const A = class {`, `const x = …`.
  private func scriptVariable(
    _ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int, _ opensBody: Bool, _ word: Keyword
  ) -> Head? {
    guard first + 1 < end, tokens[first + 1].kind == .word else { return nil }
    let name = tokens[first + 1].start..<tokens[first + 1].end
    if role(tokens[first + 1]) == .declares, first + 2 < end, tokens[first + 2].kind == .word {
      // `const enum E {`
      return scriptKeyword(start, keywordIndex, first + 1, end, keyword(tokens[first + 1]))
    }
    if let kind = assignedKind(first + 2, end, opensBody) {
      return head(kind, start, keywordIndex, name: name, end: end)
    }
    guard scope == .file || scope == .module else { return nil }
    if opensBody, !tokens[end - 1].isPunctuation(Punctuation.equals) { return nil }
    return head(word.kind, start, keywordIndex, name: name, end: end)
  }

  /// What the value after `=` from `index` on is, if it can be called or instantiated.
  private func assignedKind(_ index: Int, _ end: Int, _ opensBody: Bool) -> SymbolKind? {
    var equals = index
    while equals < end, !tokens[equals].isPunctuation(Punctuation.equals) {
      if tokens[equals].isPunctuation(Punctuation.openParenthesis)
        || tokens[equals].isPunctuation(Punctuation.openBracket)
      {
        equals = groupEnd(equals, end)
      } else {
        equals += 1
      }
    }
    guard equals + 1 < end else { return nil }
    return valueKind(equals + 1, end, opensBody)
  }

  private func valueKind(_ index: Int, _ end: Int, _ opensBody: Bool) -> SymbolKind? {
    var next = index
    if next < end, tokens[next].kind == .word, lexer.equals(tokens[next].start..<tokens[next].end, "async") {
      next += 1
    }
    guard next < end else { return nil }
    if role(tokens[next]) == .declares {
      let kind = keyword(tokens[next]).kind
      return kind == .function || kind == .class ? kind : nil
    }
    if tokens[next].isPunctuation(Punctuation.less) { next = anglesEnd(next, end) ?? next }
    guard next < end else { return nil }
    if tokens[next].isPunctuation(Punctuation.openParenthesis) {
      let close = groupEnd(next, end)
      guard close < end else { return nil }
      if tokens[close].isPunctuation(Punctuation.fatArrow) { return .function }
      guard tokens[close].isPunctuation(Punctuation.colon) else { return nil }
      return tokens[close..<end].contains { $0.isPunctuation(Punctuation.fatArrow) } ? .function : nil
    }
    if tokens[next].kind == .word, next + 1 < end, tokens[next + 1].isPunctuation(Punctuation.fatArrow) {
      return .function
    }
    return nil
  }

  private func isIn(_ token: Token) -> Bool {
    role(token) == .control && lexer.equals(token.start..<token.end, "in")
  }

  /// Methods, accessors, fields and functions that are values of members.
  private func memberHead(_ start: Int, _ keywordIndex: Int, _ first: Int, _ end: Int, _ opensBody: Bool) -> Head? {
    var index = first
    if tokens[index].isPunctuation(Punctuation.star) { index += 1 }
    guard index < end else { return nil }
    var nameRange: Range<Int>
    var after: Int
    let token = tokens[index]
    if token.isPunctuation(Punctuation.openBracket) {
      after = groupEnd(index, end)
      // `[key: string]: T` and `[K in T]: U` are signatures of no member in particular.
      if tokens[index..<after].contains(where: { $0.isPunctuation(Punctuation.colon) || isIn($0) }) { return nil }
      nameRange = token.start..<tokens[after - 1].end
    } else if token.isPunctuation(Punctuation.hash), index + 1 < end, tokens[index + 1].kind == .word {
      after = index + 2
      nameRange = token.start..<tokens[index + 1].end
    } else if token.kind == .word || token.kind == .string || token.kind == .number {
      after = index + 1
      nameRange = token.start..<token.end
    } else {
      return nil
    }
    if after < end, tokens[after].isPunctuation(Punctuation.question) || tokens[after].isPunctuation(Punctuation.bang) {
      after += 1
    }
    if after < end, tokens[after].isPunctuation(Punctuation.less) { after = anglesEnd(after, end) ?? after }
    let inType = scope == .type || scope == .enumeration
    guard after < end else {
      return inType && token.kind == .word && role(token) == .none
        ? head(scope == .enumeration ? .enumCase : .property, start, keywordIndex, name: nameRange, end: end) : nil
    }
    if tokens[after].isPunctuation(Punctuation.openParenthesis) {
      guard role(token) != .control else { return nil }
      let close = groupEnd(after, end)
      if opensBody {
        guard close <= end, close == end || tokens[close].isPunctuation(Punctuation.colon) else { return nil }
        guard inType || scope == .object else { return nil }
      } else {
        guard scope == .type else { return nil }
      }
      let isConstructor = token.kind == .word && lexer.equals(nameRange, "constructor")
      return head(isConstructor ? .constructor : .method, start, keywordIndex, name: nameRange, end: end)
    }
    guard token.kind != .number else { return nil }
    if scope == .object, tokens[after].isPunctuation(Punctuation.colon), after + 1 < end {
      guard let kind = valueKind(after + 1, end, opensBody) else { return nil }
      return head(kind == .function ? .method : kind, start, keywordIndex, name: nameRange, end: end)
    }
    if inType {
      let callable = assignedKind(after, end, opensBody)
      if callable == nil, opensBody, !tokens[end - 1].isPunctuation(Punctuation.equals) { return nil }
      return head(
        callable == .function ? .method : callable ?? (scope == .enumeration ? .enumCase : .property), start,
        keywordIndex, name: nameRange, end: end)
    }
    // `module.exports.f = function () {`
    var last = after
    while last + 1 < end, tokens[last].isPunctuation(Punctuation.dot), tokens[last + 1].kind == .word {
      nameRange = tokens[last + 1].start..<tokens[last + 1].end
      last += 2
    }
    guard last > after, last + 1 < end, tokens[last].isPunctuation(Punctuation.equals),
      let kind = valueKind(last + 1, end, opensBody)
    else { return nil }
    var result = head(kind, start, keywordIndex, name: nameRange, end: end)
    // `A.prototype.f = function` belongs to A; what a module exports does not belong to `module.exports`.
    let owner = token.start..<token.end
    if token.kind == .word, role(token) == .none, !lexer.equals(owner, "module"), !lexer.equals(owner, "exports"),
      !lexer.equals(owner, "this"), !lexer.equals(owner, "self"), !lexer.equals(owner, "window")
    {
      result.qualifier = owner
    }
    return result
  }
}
