/// The heads of declarations, language by language.
extension EndParser {
  mutating func declares(_ token: Token, _ word: Keyword) {
    switch style {
    case .ruby: rubyHead(token, word)
    case .lua: luaHead(token)
    case .elixir: elixirHead(token, word)
    case .julia: juliaHead(token, word)
    case .vim, .cmake: commandHead(token, word)
    }
  }

  /// The first byte of the statement, where what is above it may be attached.
  private func statementStart(_ token: Token) -> Int {
    if attributeStart >= 0 { return attributeStart }
    guard let first = statement.first, statement.count < 8 else { return token.start }
    return first.start
  }

  private mutating func begin(_ head: Head, isType: Bool) {
    open(declare(head, end: head.signatureEnd), isType: isType)
    statement.removeAll(keepingCapacity: true)
  }

  private func lineEnd(_ offset: Int) -> Int {
    lexer.lineEnd(from: offset, limit: 1_000)
  }

  // MARK: - Ruby

  private mutating func rubyHead(_ token: Token, _ word: Keyword) {
    let start = statementStart(token)
    let first = next()
    if word.kind != .function {
      if first.kind == .punctuation, first.byte == UInt8(ascii: "<") {
        // `class << self`: its methods belong to what encloses it.
        open(-1, isType: true)
        return keep(first)
      }
      guard first.kind == .word || first.isPunctuation(Punctuation.scope) else {
        pending = first
        return keep(token)
      }
      var end = first.end
      while lexer.byte(end) == UInt8(ascii: ":"), lexer.byte(end + 1) == UInt8(ascii: ":"),
        lexer.isWordByte(lexer.byte(end + 2))
      {
        end += 2
        while lexer.isWordByte(lexer.byte(end)) { end += 1 }
        lexer.position = end
      }
      return begin(
        Head(
          kind: word.kind, start: start, keywordStart: token.start, name: first.start..<end, signatureEnd: lineEnd(end)),
        isType: true)
    }
    guard first.kind != .newline, first.kind != .end else {
      pending = first
      return
    }
    var nameStart = first.start
    var end = first.end
    if first.kind == .word {
      // `def self.name`, `def object.name`
      while lexer.byte(end) == UInt8(ascii: "."), end < lexer.count {
        nameStart = end + 1
        end = nameStart
        while lexer.isWordByte(lexer.byte(end)) { end += 1 }
        if end == nameStart { while isOperatorByte(lexer.byte(end)) { end += 1 } }
        if end == nameStart { break }
      }
      let last = lexer.byte(end)
      let after = lexer.byte(end + 1)
      if last == UInt8(ascii: "?") || last == UInt8(ascii: "!") {
        end += 1
      } else if last == UInt8(ascii: "="),
        after == UInt8(ascii: "(") || lexer.isWordByte(after) || after == 0x0A || after == 0x0D
          || after == UInt8(ascii: ";")
      {
        end += 1
      }
    } else {
      end = first.start
      while isOperatorByte(lexer.byte(end)) { end += 1 }
    }
    lexer.position = max(end, first.start + 1)
    finishRubyMethod(token, start: start, name: nameStart..<max(nameStart, end))
  }

  private func isOperatorByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "%"),
      UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "!"), UInt8(ascii: "~"),
      UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "^"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "@"), UInt8(ascii: "`"):
      true
    default: false
    }
  }

  /// Passes over the parameters to see whether the method is `def name(…) = expression`, which no word ends.
  private mutating func finishRubyMethod(_ token: Token, start: Int, name: Range<Int>) {
    var end = name.upperBound
    var following = lexer.next()
    if following.isPunctuation(Punctuation.openParenthesis) {
      var level = 1
      while level > 0 {
        following = lexer.next()
        if following.kind == .end { break }
        if following.isPunctuation(Punctuation.openParenthesis) { level += 1 }
        if following.isPunctuation(Punctuation.closeParenthesis) { level -= 1 }
        end = following.end
      }
      following = lexer.next()
    }
    let head = Head(kind: .function, start: start, keywordStart: token.start, name: name, signatureEnd: lineEnd(end))
    if following.isPunctuation(Punctuation.equals) {
      _ = declare(head, end: lineEnd(end))
      statement.removeAll(keepingCapacity: true)
      keep(following)
      return
    }
    begin(head, isType: false)
    pending = following
  }

  // MARK: - Lua

  private mutating func luaHead(_ token: Token) {
    let following = next()
    if following.kind == .word {
      var end = following.end
      while lexer.byte(end) == UInt8(ascii: ".") || lexer.byte(end) == UInt8(ascii: ":"),
        lexer.isWordByte(lexer.byte(end + 1))
      {
        end += 1
        while lexer.isWordByte(lexer.byte(end)) { end += 1 }
      }
      lexer.position = max(end, lexer.position)
      return begin(
        luaFunction(
          start: statementStart(token), keyword: statement.first?.start ?? token.start, path: following.start..<end),
        isType: false)
    }
    pending = following
    // `name = function (…)`, `local name = function (…)`, `a.b = function (…)`
    var tokens = statement[...]
    if let equals = tokens.last, equals.isPunctuation(Punctuation.equals) {
      tokens = tokens.dropLast()
      if let first = tokens.first, keyword(first).role == .modifier { tokens = tokens.dropFirst() }
      let plain = tokens.allSatisfy {
        $0.kind == .word || $0.isPunctuation(Punctuation.dot) || $0.isPunctuation(Punctuation.colon)
      }
      if plain, let first = tokens.first, let last = tokens.last, first.kind == .word {
        let head = luaFunction(
          start: statementStart(token), keyword: statement[0].start, path: first.start..<last.end)
        return begin(head, isType: false)
      }
    }
    open()
    statement.removeAll(keepingCapacity: true)
  }

  private func luaFunction(start: Int, keyword: Int, path: Range<Int>) -> Head {
    var nameStart = path.upperBound
    while nameStart > path.lowerBound, lexer.isWordByte(lexer.base[nameStart - 1]) { nameStart -= 1 }
    let qualified = nameStart > path.lowerBound
    return Head(
      kind: qualified ? .method : .function, start: start, keywordStart: keyword, name: nameStart..<path.upperBound,
      qualifier: qualified ? path.lowerBound..<nameStart - 1 : nil, signatureEnd: lineEnd(path.upperBound))
  }

  // MARK: - Elixir

  private mutating func elixirHead(_ token: Token, _ word: Keyword) {
    guard statement.isEmpty, waiting == nil else { return keep(token) }
    let following = next()
    guard following.kind == .word || following.kind == .punctuation, following.end > following.start,
      !following.isPunctuation(Punctuation.equals), !following.isPunctuation(Punctuation.comma),
      !following.isPunctuation(Punctuation.closeParenthesis), !following.isPunctuation(Punctuation.dot)
    else {
      pending = following
      return keep(token)
    }
    var end = following.end
    if word.kind == .module || word.kind == .interface || word.kind == .extension {
      while lexer.byte(end) == UInt8(ascii: "."), lexer.isWordByte(lexer.byte(end + 1)) {
        end += 1
        while lexer.isWordByte(lexer.byte(end)) { end += 1 }
      }
      lexer.position = max(end, lexer.position)
    } else {
      let last = lexer.byte(end)
      if last == UInt8(ascii: "?") || last == UInt8(ascii: "!") {
        end += 1
        lexer.position = max(end, lexer.position)
      }
    }
    let start = attributeStart >= 0 ? attributeStart : token.start
    waiting = (
      Head(kind: word.kind, start: start, keywordStart: token.start, name: following.start..<end, signatureEnd: end),
      word.kind != .function
    )
    keep(token)
    if following.kind == .punctuation { pending = following } else { keep(following) }
  }

  /// Whether a head goes on with the first token of a new line.
  func continuesHead(_ token: Token) -> Bool {
    if brackets > (frames.last?.brackets ?? 0) { return true }
    if let last = statement.last, last.kind == .punctuation {
      switch last.byte {
      case Punctuation.comma, Punctuation.equals, Punctuation.bar, Punctuation.scope, Punctuation.leftArrow,
        Punctuation.colon, UInt8(ascii: "\\"):
        return true
      default: break
      }
    }
    if let last = statement.last, last.kind == .word, keyword(last).role == .continuation { return true }
    let role = keyword(token).role
    return role == .continuation || role == .doWord
  }

  /// The waiting head has its body.
  mutating func openWaiting(_ token: Token) {
    guard let (found, isType) = waiting else { return }
    waiting = nil
    var head = found
    head.signatureEnd = token.end
    open(declare(head, end: token.end), isType: isType)
  }

  /// The waiting head has no body of its own: `def f(x), do: x`.
  mutating func finishWaiting() {
    guard let (found, _) = waiting else { return }
    waiting = nil
    var head = found
    head.signatureEnd = max(head.signatureEnd, min(lastEnd, lineEnd(head.name.upperBound)))
    _ = declare(head, end: max(lastEnd, head.signatureEnd))
    statement.removeAll(keepingCapacity: true)
    brackets = frames.last?.brackets ?? 0
  }

  // MARK: - Julia

  private mutating func juliaHead(_ token: Token, _ word: Keyword) {
    if squares > (frames.last?.squares ?? 0) { return keep(token) }
    let start = statementStart(token)
    let keywordStart = statement.first.map { keyword($0).role == .modifier ? $0.start : token.start } ?? token.start
    var following = next()
    if word.kind == .typeAlias {
      // `abstract type Name end`
      guard let last = statement.last, keyword(last).role == .modifier else {
        pending = following
        return keep(token)
      }
    }
    guard following.kind == .word || following.kind == .punctuation,
      !following.isPunctuation(Punctuation.openParenthesis)
    else {
      pending = following
      open()
      return
    }
    var name = following.start..<following.end
    var qualifier: Range<Int>?
    while lexer.byte(name.upperBound) == UInt8(ascii: "."), lexer.isWordByte(lexer.byte(name.upperBound + 1)) {
      _ = lexer.next()
      following = lexer.next()
      qualifier = (qualifier?.lowerBound ?? name.lowerBound)..<name.upperBound
      name = following.start..<following.end
    }
    var head = Head(
      kind: word.kind == .typeAlias ? .interface : word.kind, start: start, keywordStart: keywordStart, name: name,
      signatureEnd: lineEnd(name.upperBound))
    head.qualifier = qualifier
    begin(head, isType: false)
  }

  // MARK: - Vim script and CMake

  private mutating func commandHead(_ token: Token, _ word: Keyword) {
    guard statement.allSatisfy({ keyword($0).role == .modifier }) else { return keep(token) }
    var following = next()
    while following.isPunctuation(Punctuation.bang) || following.isPunctuation(Punctuation.openParenthesis) {
      following = lexer.next()
    }
    guard following.kind == .word else {
      pending = following
      return keep(token)
    }
    begin(
      Head(
        kind: word.kind, start: statementStart(token), keywordStart: statementStart(token),
        name: following.start..<following.end, signatureEnd: lineEnd(following.end)), isType: word.kind.isType)
  }
}
