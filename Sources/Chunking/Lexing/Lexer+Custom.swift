/// The lexemes that need code. Each returns nil when what looked like one is none.
extension Lexer {
  mutating func custom(_ lexeme: CustomLexeme, at start: Int) -> Token? {
    switch lexeme {
    case .rustRawString, .cppRawString, .dartRawString, .rRawString, .perlQuote: nil
    case .swiftRawString: swiftRaw(at: start)
    case .quoteOrCharacter: quoteOrCharacter(at: start)
    case .transposeOrCharacter: transposeOrCharacter(at: start)
    case .slashRegex: regex(at: start, tight: false)
    case .tightSlashRegex: regex(at: start, tight: true)
    case .luaLongBracket: luaLongBracket(at: start)
    case .shellHeredoc: heredoc(at: start, ruby: false)
    case .rubyHeredoc: heredoc(at: start, ruby: true)
    case .phpHeredoc: phpHeredoc(at: start)
    case .rubyPercent: rubyPercent(at: start)
    case .elixirSigil: elixirSigil(at: start)
    case .questionCharacter: questionCharacter(at: start)
    case .ocamlQuoted: ocamlQuoted(at: start)
    case .dollarQuote: dollarQuote(at: start)
    case .zigMultiline: zigMultiline(at: start)
    case .dollarCharacter: dollarCharacter(at: start)
    case .shellExpansion: shellExpansion(at: start)
    case .shellComment: shellComment(at: start)
    case .vimComment: vimComment(at: start)
    case .phpClose: phpClose(at: start)
    case .phpAttribute: phpAttribute(at: start)
    case .perlVariable: perlVariable(at: start)
    case .shellEscape: shellEscape(at: start)
    case .cmakeBracket: cmakeBracket(at: start)
    case .quasiQuote: quasiQuote(at: start)
    case .vimHeredoc: vimHeredoc(at: start)
    }
  }

  func string(_ start: Int, _ end: Int) -> Token {
    Token(start: start, end: min(end, count), kind: .string)
  }

  /// The offset after the next `quote` followed by `count` hashes, or the end of the text.
  func closing(_ quote: UInt8, hashes: Int, from start: Int, multiline: Bool) -> Int {
    var cursor = start
    while cursor < count {
      let byte = base[cursor]
      if byte == quote {
        var end = cursor + 1
        var seen = 0
        while seen < hashes, self.byte(end) == UInt8(ascii: "#") {
          end += 1
          seen += 1
        }
        if seen == hashes { return end }
      }
      if !multiline, byte == 0x0A || byte == 0x0D { return cursor }
      cursor += 1
    }
    return count
  }

  private mutating func swiftRaw(at start: Int) -> Token? {
    var cursor = start
    while byte(cursor) == UInt8(ascii: "#"), cursor - start < 64 { cursor += 1 }
    let hashes = cursor - start
    let opener = byte(cursor)
    guard opener == UInt8(ascii: "\"") || opener == UInt8(ascii: "/") else { return nil }
    if opener == UInt8(ascii: "\""), byte(cursor + 1) == opener, byte(cursor + 2) == opener {
      // The closing delimiter's third quote is the one its hashes follow.
      var end = closing(opener, hashes: hashes, from: cursor + 3, multiline: true)
      while end < count, base[end - hashes - 2] != opener || base[end - hashes - 3] != opener {
        end = closing(opener, hashes: hashes, from: end, multiline: true)
      }
      position = end
    } else {
      let multiline = opener == UInt8(ascii: "/") && (byte(cursor + 1) == 0x0A || byte(cursor + 1) == 0x0D)
      position = closing(opener, hashes: hashes, from: cursor + 1, multiline: multiline)
    }
    return string(start, position)
  }

  private mutating func quoteOrCharacter(at start: Int) -> Token? {
    let following = byte(start + 1)
    if following == UInt8(ascii: "\\") {
      var cursor = start + 3
      while cursor < min(count, start + 16) {
        if base[cursor] == UInt8(ascii: "'") {
          position = cursor + 1
          return string(start, position)
        }
        if base[cursor] == 0x0A { break }
        cursor += 1
      }
      return nil
    }
    var end = start + 2
    if following >= 0x80 { while end < start + 5, byte(end) & 0xC0 == 0x80 { end += 1 } }
    guard following != UInt8(ascii: "'"), following != 0x0A, byte(end) == UInt8(ascii: "'") else { return nil }
    position = end + 1
    return string(start, position)
  }

  private mutating func transposeOrCharacter(at start: Int) -> Token? {
    let before = byte(start - 1)
    if isWordByte(before) || before == UInt8(ascii: ")") || before == UInt8(ascii: "]") || before == UInt8(ascii: "'")
      || before == UInt8(ascii: "}") || before == UInt8(ascii: ".")
    {
      return nil
    }
    return quoteOrCharacter(at: start)
  }

  /// Whether an operand may come next, so that a slash cannot divide.
  var expectsOperand: Bool {
    switch previous.kind {
    case .end, .newline, .directive: return true
    case .number, .string: return false
    case .word:
      let role = language.keywords.keywords[Int(previous.keyword)].role
      return role == .control || role == .closes || role == .opens || role == .opensAtStart || role == .doWord
    case .punctuation:
      switch previous.byte {
      case Punctuation.closeParenthesis, Punctuation.closeBracket, Punctuation.closeBrace: return false
      default: return true
      }
    }
  }

  private mutating func regex(at start: Int, tight: Bool) -> Token? {
    if expectsOperand {
      // `</tag>` and `/>` of JSX are no regular expressions.
      if previous.isPunctuation(Punctuation.less), previous.end == start { return nil }
      if byte(start + 1) == UInt8(ascii: ">") { return nil }
    } else if previous.kind == .word, tight, previous.end < start, !isBlank(byte(start + 1)) {
      // `puts /x/` in Ruby: a space before and none after.
    } else if previous.isPunctuation(Punctuation.closeBrace), atLineStart {
      // A line that starts with a slash after a block.
    } else {
      return nil
    }
    if tight, isBlank(byte(start + 1)), previous.kind == .word { return nil }
    var cursor = start + 1
    var inClass = false
    let limit = min(count, start + (failedLookAheads > 200 ? 64 : Lexer.lookAhead))
    while cursor < limit {
      switch base[cursor] {
      case 0x0A, 0x0D:
        // Failing within a few bytes costs nothing.
        if cursor - start > 64 { failedLookAheads += 1 }
        return nil
      case UInt8(ascii: "\\"): cursor += 1
      case UInt8(ascii: "["): inClass = true
      case UInt8(ascii: "]"): inClass = false
      case UInt8(ascii: "/") where !inClass || tight:
        cursor += 1
        while cursor < count, isWordByte(base[cursor]) { cursor += 1 }
        position = cursor
        return string(start, cursor)
      default: break
      }
      cursor += 1
    }
    failedLookAheads += 1
    return nil
  }

  func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private mutating func luaLongBracket(at start: Int) -> Token? {
    var cursor = start
    let isComment = base[start] == UInt8(ascii: "-")
    if isComment {
      guard byte(start + 1) == UInt8(ascii: "-"), byte(start + 2) == UInt8(ascii: "[") else { return nil }
      cursor += 2
    }
    cursor += 1
    let levelStart = cursor
    while byte(cursor) == UInt8(ascii: "="), cursor - levelStart < 64 { cursor += 1 }
    let level = cursor - levelStart
    guard byte(cursor) == UInt8(ascii: "[") else { return nil }
    position = bracketEnd(level: level, from: cursor + 1)
    guard isComment else { return string(start, position) }
    comments.append(start..<position)
    return Token(start: start, end: position, kind: .end)
  }

  /// The offset after `]`, `level` equals signs and `]`.
  private func bracketEnd(level: Int, from start: Int) -> Int {
    var cursor = start
    while cursor < count {
      if base[cursor] == UInt8(ascii: "]") {
        var end = cursor + 1
        while end - cursor <= level, byte(end) == UInt8(ascii: "=") { end += 1 }
        if end - cursor - 1 == level, byte(end) == UInt8(ascii: "]") { return end + 1 }
      }
      cursor += 1
    }
    return count
  }

  private mutating func cmakeBracket(at start: Int) -> Token? {
    let isComment = base[start] == UInt8(ascii: "#")
    var cursor = start + (isComment ? 1 : 0)
    guard byte(cursor) == UInt8(ascii: "[") else { return nil }
    cursor += 1
    let levelStart = cursor
    while byte(cursor) == UInt8(ascii: "="), cursor - levelStart < 64 { cursor += 1 }
    let level = cursor - levelStart
    guard byte(cursor) == UInt8(ascii: "[") else { return nil }
    position = bracketEnd(level: level, from: cursor + 1)
    guard isComment else { return string(start, position) }
    comments.append(start..<position)
    return Token(start: start, end: position, kind: .end)
  }

  private mutating func ocamlQuoted(at start: Int) -> Token? {
    var cursor = start + 1
    while cursor < min(count, start + 64), base[cursor] == UInt8(ascii: "_") || isLowercase(base[cursor]) {
      cursor += 1
    }
    guard byte(cursor) == UInt8(ascii: "|") else { return nil }
    let tag = (start + 1)..<cursor
    cursor += 1
    while cursor < count {
      if base[cursor] == UInt8(ascii: "|"), same(cursor + 1, tag.lowerBound, tag.count),
        byte(cursor + 1 + tag.count) == UInt8(ascii: "}")
      {
        position = cursor + 2 + tag.count
        return string(start, position)
      }
      cursor += 1
    }
    position = count
    return string(start, count)
  }

  func isLowercase(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
  }

  private mutating func dollarQuote(at start: Int) -> Token? {
    var cursor = start + 1
    while cursor < min(count, start + 64), isWordByte(base[cursor]) { cursor += 1 }
    guard byte(cursor) == UInt8(ascii: "$") else { return nil }
    let length = cursor + 1 - start
    cursor += 1
    while cursor < count {
      if base[cursor] == UInt8(ascii: "$"), same(cursor, start, length) {
        position = cursor + length
        return string(start, position)
      }
      cursor += 1
    }
    position = count
    return string(start, position)
  }

  private mutating func zigMultiline(at start: Int) -> Token? {
    guard byte(start + 1) == UInt8(ascii: "\\") else { return nil }
    position = lineEnd(from: start)
    return string(start, position)
  }

  private mutating func dollarCharacter(at start: Int) -> Token? {
    position = min(count, start + (byte(start + 1) == UInt8(ascii: "\\") ? 3 : 2))
    return string(start, position)
  }

  private mutating func questionCharacter(at start: Int) -> Token? {
    guard expectsOperand, !isBlank(byte(start + 1)) else { return nil }
    let end = start + (byte(start + 1) == UInt8(ascii: "\\") ? 3 : 2)
    guard end <= count, !isWordByte(byte(end)) else { return nil }
    position = end
    return string(start, end)
  }

  private mutating func vimComment(at start: Int) -> Token? {
    guard atLineStart else { return nil }
    skipLineComment(from: start)
    return Token(start: start, end: position, kind: .end)
  }
}
