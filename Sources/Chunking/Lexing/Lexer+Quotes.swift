/// Heredocs, shell words, and strings whose delimiters are chosen where they stand.
extension Lexer {
  mutating func shellComment(at start: Int) -> Token? {
    let before = byte(start - 1)
    guard start == 0 || isBlank(before) || before == UInt8(ascii: ";") || before == UInt8(ascii: "(") else {
      position = start + 1
      return Token(start: start, end: start + 1, kind: .word)
    }
    skipLineComment(from: start)
    return Token(start: start, end: position, kind: .end)
  }

  mutating func shellEscape(at start: Int) -> Token? {
    let isLineEnd = byte(start + 1) == 0x0A || byte(start + 1) == 0x0D
    position = min(count, start + (byte(start + 1) == 0x0D && byte(start + 2) == 0x0A ? 3 : 2))
    return Token(start: start, end: isLineEnd ? start : position, kind: isLineEnd ? .end : .word)
  }

  mutating func perlVariable(at start: Int) -> Token? {
    switch byte(start + 1) {
    case UInt8(ascii: "#"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "/"),
      UInt8(ascii: "$"):
      position = start + 2
      return Token(start: start, end: position, kind: .punctuation, byte: Punctuation.dollar)
    default: return nil
    }
  }

  mutating func phpAttribute(at start: Int) -> Token? {
    guard byte(start + 1) == Punctuation.openBracket else { return nil }
    position = start + 1
    return Token(start: start, end: position, kind: .punctuation, byte: Punctuation.hash)
  }

  /// What stands between `?>` and `<?` is a statement of its own that prints it.
  mutating func phpClose(at start: Int) -> Token? {
    guard byte(start + 1) == UInt8(ascii: ">") else { return nil }
    position = phpOpen(from: start + 2)
    return Token(start: start, end: position, kind: .punctuation, byte: Punctuation.semicolon)
  }

  /// The offset after the next `<?php` or `<?=`, or the end of the text.
  func phpOpen(from start: Int) -> Int {
    var cursor = start
    while cursor + 1 < count {
      if base[cursor] == UInt8(ascii: "<"), base[cursor + 1] == UInt8(ascii: "?") {
        return min(
          count, cursor + (starts(cursor + 2, with: "php") ? 5 : byte(cursor + 2) == UInt8(ascii: "=") ? 3 : 2))
      }
      cursor += 1
    }
    return count
  }

  mutating func shellExpansion(at start: Int) -> Token? {
    let opener = byte(start + 1)
    if opener == UInt8(ascii: "'") {
      var cursor = start + 2
      while cursor < count, base[cursor] != UInt8(ascii: "'") {
        cursor += base[cursor] == UInt8(ascii: "\\") ? 2 : 1
      }
      position = min(count, cursor + 1)
      return string(start, position)
    }
    if opener == UInt8(ascii: "#") || opener == UInt8(ascii: "?") || opener == UInt8(ascii: "!") {
      position = start + 2
      return Token(start: start, end: position, kind: .word)
    }
    guard opener == UInt8(ascii: "{") else {
      position = start + 1
      return Token(start: start, end: start + 1, kind: .word)
    }
    var cursor = start + 2
    var depth = 1
    while cursor < count, depth > 0 {
      switch base[cursor] {
      case UInt8(ascii: "\\"): cursor += 1
      case UInt8(ascii: "$") where byte(cursor + 1) == UInt8(ascii: "{"):
        depth += 1
        cursor += 1
      case UInt8(ascii: "\""):
        cursor += 1
        while cursor < count, base[cursor] != UInt8(ascii: "\""), base[cursor] != 0x0A {
          cursor += base[cursor] == UInt8(ascii: "\\") ? 2 : 1
        }
        if cursor < count, base[cursor] == 0x0A { continue }
      case UInt8(ascii: "}"): depth -= 1
      case 0x0A:
        // An expansion over several lines is rarer than a brace this scan misread.
        position = cursor
        return Token(start: start, end: cursor, kind: .word)
      default: break
      }
      cursor += 1
    }
    position = min(cursor, count)
    return Token(start: start, end: position, kind: .word)
  }

  mutating func heredoc(at start: Int, ruby: Bool) -> Token? {
    guard byte(start + 1) == UInt8(ascii: "<"), byte(start + 2) != UInt8(ascii: "<") else { return nil }
    var cursor = start + 2
    var indented = false
    if byte(cursor) == UInt8(ascii: "-") || (byte(cursor) == UInt8(ascii: "~") && ruby) {
      indented = true
      cursor += 1
    }
    if ruby {
      // `a << B` appends, `class << self` opens: a heredoc's tag is a capitalised or quoted word right after.
      let lead = byte(cursor)
      let quoted = lead == UInt8(ascii: "'") || lead == UInt8(ascii: "\"") || lead == UInt8(ascii: "`")
      let capital = lead >= UInt8(ascii: "A") && lead <= UInt8(ascii: "Z") || lead == UInt8(ascii: "_")
      guard indented ? quoted || isWordByte(lead) : (quoted || capital) && (expectsOperand || previous.end < start)
      else { return nil }
    } else {
      while byte(cursor) == 0x20 { cursor += 1 }
    }
    var quote = byte(cursor)
    if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "`") {
      cursor += 1
    } else if quote == UInt8(ascii: "\\") {
      cursor += 1
      quote = 0
    } else {
      quote = 0
    }
    let tagStart = cursor
    let limit = min(count, start + 256)
    while cursor < limit, quote != 0 ? base[cursor] != quote && base[cursor] != 0x0A : isWordByte(base[cursor]) {
      cursor += 1
    }
    guard cursor > tagStart, quote != 0 || !(base[tagStart] >= 0x30 && base[tagStart] <= 0x39) else { return nil }
    guard heredocs.count < 16 else { return nil }
    heredocs.append(Heredoc(tag: tagStart..<cursor, indented: indented, prefixOnly: false))
    position = cursor + (quote != 0 && cursor < count ? 1 : 0)
    return string(start, position)
  }

  /// `[name| … |]`, which needs its end: `[x|x <- xs]` is a list.
  mutating func quasiQuote(at start: Int) -> Token? {
    guard !lacksQuasiQuotes else { return nil }
    var cursor = start + 1
    while cursor < min(count, start + 64), isWordByte(base[cursor]) || base[cursor] == UInt8(ascii: ".") { cursor += 1 }
    guard cursor > start + 1, byte(cursor) == UInt8(ascii: "|"), !isWordByte(byte(start - 1)) else { return nil }
    // What lies between is read once: an end that is too far is remembered to be missing.
    while cursor + 1 < count {
      if base[cursor] == UInt8(ascii: "|"), base[cursor + 1] == UInt8(ascii: "]") {
        position = cursor + 2
        return string(start, position)
      }
      cursor += 1
    }
    lacksQuasiQuotes = true
    return nil
  }

  /// `python3 << EOF` and `let lines =<< trim END`: the tag ends its line.
  mutating func vimHeredoc(at start: Int) -> Token? {
    guard byte(start + 1) == UInt8(ascii: "<"), previous.kind == .word || previous.isPunctuation(Punctuation.equals)
    else { return nil }
    let assigned = previous.isPunctuation(Punctuation.equals)
    if !assigned {
      guard let known = Lexer.vimHosts.first(where: { starts(previous.start, with: $0) }),
        previous.end - previous.start <= known.utf8CodeUnitCount + 1
      else { return nil }
    }
    var cursor = start + 2
    var indented = false
    while true {
      while byte(cursor) == 0x20 { cursor += 1 }
      guard starts(cursor, with: "trim ") || starts(cursor, with: "eval ") else { break }
      indented = true
      cursor += 5
    }
    let tagStart = cursor
    while cursor < min(count, start + 256), isWordByte(base[cursor]) { cursor += 1 }
    guard cursor > tagStart else { return nil }
    heredocs.append(Heredoc(tag: tagStart..<cursor, indented: indented, prefixOnly: false))
    position = cursor
    return string(start, position)
  }

  private static let vimHosts: [StaticString] = [
    "python", "pythonx", "py", "ruby", "rub", "lua", "perl", "tcl", "mzscheme",
  ]

  mutating func phpHeredoc(at start: Int) -> Token? {
    guard byte(start + 1) == UInt8(ascii: "<"), byte(start + 2) == UInt8(ascii: "<") else { return nil }
    var cursor = start + 3
    while byte(cursor) == 0x20 { cursor += 1 }
    let quoted = byte(cursor) == UInt8(ascii: "'") || byte(cursor) == UInt8(ascii: "\"")
    if quoted { cursor += 1 }
    let tagStart = cursor
    while cursor < min(count, start + 256), isWordByte(base[cursor]) { cursor += 1 }
    guard cursor > tagStart else { return nil }
    heredocs.append(Heredoc(tag: tagStart..<cursor, indented: true, prefixOnly: true))
    position = cursor + (quoted ? 1 : 0)
    return string(start, position)
  }

  /// The bracket that closes `opener`; any other byte closes itself.
  private func partner(of opener: UInt8) -> UInt8 {
    switch opener {
    case UInt8(ascii: "("): UInt8(ascii: ")")
    case UInt8(ascii: "["): UInt8(ascii: "]")
    case UInt8(ascii: "{"): UInt8(ascii: "}")
    case UInt8(ascii: "<"): UInt8(ascii: ">")
    default: opener
    }
  }

  /// The offset after the delimiter that closes the one at `start`; nil if it is too far to be believed.
  ///
  /// Only a search that fails costs more than what it consumes, and of the long ones only the first few may fail.
  private mutating func delimitedEnd(from start: Int, limit: Int) -> Int? {
    let opener = byte(start)
    let close = partner(of: opener)
    var depth = 1
    var cursor = start + 1
    let isBracket = opener != close
    let reach = failedLookAheads > 200 ? 64 : isBracket && failedLookAheads < 8 ? Lexer.longLookAhead : limit
    let end = min(count, start + reach)
    while cursor < end {
      let byte = base[cursor]
      if byte == UInt8(ascii: "\\") {
        cursor += 2
        continue
      }
      if byte == close {
        depth -= 1
        if depth == 0 { return cursor + 1 }
      } else if byte == opener {
        depth += 1
      }
      cursor += 1
    }
    failedLookAheads += 1
    return nil
  }

  mutating func rubyPercent(at start: Int) -> Token? {
    var cursor = start + 1
    let letter = byte(cursor)
    switch letter {
    case UInt8(ascii: "w"), UInt8(ascii: "W"), UInt8(ascii: "q"), UInt8(ascii: "Q"), UInt8(ascii: "i"),
      UInt8(ascii: "I"), UInt8(ascii: "r"), UInt8(ascii: "s"), UInt8(ascii: "x"):
      cursor += 1
    default:
      guard expectsOperand else { return nil }
    }
    let opener = byte(cursor)
    guard opener > 0x20, !isWordByte(opener), opener != UInt8(ascii: "=") else { return nil }
    guard expectsOperand || partner(of: opener) != opener || previous.end < start else { return nil }
    guard let end = delimitedEnd(from: cursor, limit: Lexer.lookAhead) else { return nil }
    position = end
    return string(start, end)
  }

  mutating func elixirSigil(at start: Int) -> Token? {
    var cursor = start + 1
    while cursor < start + 8, isWordByte(byte(cursor)) { cursor += 1 }
    guard cursor > start + 1 else { return nil }
    let opener = byte(cursor)
    if (opener == UInt8(ascii: "\"") || opener == UInt8(ascii: "'")), byte(cursor + 1) == opener,
      byte(cursor + 2) == opener
    {
      cursor += 3
      while cursor < count {
        if base[cursor] == opener, byte(cursor + 1) == opener, byte(cursor + 2) == opener {
          cursor += 3
          break
        }
        cursor += 1
      }
      position = min(cursor, count)
      return string(start, position)
    }
    switch opener {
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: "/"),
      UInt8(ascii: "|"), UInt8(ascii: "\""), UInt8(ascii: "'"):
      break
    default: return nil
    }
    guard let end = delimitedEnd(from: cursor, limit: 4 * Lexer.lookAhead) else { return nil }
    position = end
    return string(start, end)
  }

  /// Raw strings and quote operators that begin with the word just read.
  mutating func rawString(wordStart: Int, wordEnd: Int) -> Token? {
    let words = language.customWords
    let following = byte(wordEnd)
    let last = base[wordEnd - 1]
    if words.contains(.rust), last == UInt8(ascii: "r"),
      following == UInt8(ascii: "\"") || following == UInt8(ascii: "#")
    {
      var cursor = wordEnd
      while byte(cursor) == UInt8(ascii: "#"), cursor - wordEnd < 255 { cursor += 1 }
      guard byte(cursor) == UInt8(ascii: "\"") else { return nil }
      position = closing(UInt8(ascii: "\""), hashes: cursor - wordEnd, from: cursor + 1, multiline: true)
      return string(wordStart, position)
    }
    if words.contains(.cpp), last == UInt8(ascii: "R"), following == UInt8(ascii: "\"") {
      return taggedRaw(wordStart, quote: wordEnd)
    }
    if words.contains(.r), last | 0x20 == UInt8(ascii: "r"),
      following == UInt8(ascii: "\"") || following == UInt8(ascii: "'")
    {
      return taggedRaw(wordStart, quote: wordEnd)
    }
    if words.contains(.dart), last == UInt8(ascii: "r"),
      following == UInt8(ascii: "\"") || following == UInt8(ascii: "'")
    {
      if byte(wordEnd + 1) == following, byte(wordEnd + 2) == following { return nil }
      position = closing(following, hashes: 0, from: wordEnd + 1, multiline: false)
      return string(wordStart, position)
    }
    if words.contains(.perl) { return perlQuote(wordStart, wordEnd) }
    return nil
  }

  /// `R"tag(…)tag"` in C++; in R the tag is dashes and the bracket may be another.
  private mutating func taggedRaw(_ start: Int, quote: Int) -> Token? {
    var cursor = quote + 1
    while cursor < quote + 20, cursor < count {
      let byte = base[cursor]
      if byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { break }
      guard byte > 0x20, byte != UInt8(ascii: "\"") else { return nil }
      cursor += 1
    }
    let tag = (quote + 1)..<cursor
    let close = partner(of: byte(cursor))
    guard close == UInt8(ascii: ")") || close == UInt8(ascii: "]") || close == UInt8(ascii: "}") else { return nil }
    cursor += 1
    while cursor < count {
      if base[cursor] == close, same(cursor + 1, tag.lowerBound, tag.count), byte(cursor + 1 + tag.count) == base[quote]
      {
        position = cursor + 2 + tag.count
        return string(start, position)
      }
      cursor += 1
    }
    position = count
    return string(start, count)
  }

  private mutating func perlQuote(_ wordStart: Int, _ wordEnd: Int) -> Token? {
    let word = wordStart..<wordEnd
    let parts: Int
    if equals(word, "s") || equals(word, "tr") || equals(word, "y") {
      parts = 2
    } else if equals(word, "q") || equals(word, "qq") || equals(word, "qw") || equals(word, "qr") || equals(word, "m") {
      parts = 1
    } else {
      return nil
    }
    // `->s(…)`, `sub y {`, `$s {`, `{s}` and `s => 1` are names.
    if previous.kind == .punctuation, previous.end == wordStart {
      switch previous.byte {
      case Punctuation.arrow, Punctuation.dollar, Punctuation.at, Punctuation.percent, Punctuation.ampersand,
        Punctuation.scope, Punctuation.openBrace, Punctuation.minus:
        return nil
      default: break
      }
    }
    if previous.kind == .word, language.keywords.keywords[Int(previous.keyword)].role == .declares { return nil }
    var cursor = wordEnd
    while byte(cursor) == 0x20, cursor - wordEnd < 4 { cursor += 1 }
    let opener = byte(cursor)
    guard opener > 0x20, !isWordByte(opener), opener != UInt8(ascii: ","), opener != UInt8(ascii: ";"),
      opener != UInt8(ascii: ")"), opener != UInt8(ascii: "="), opener != UInt8(ascii: "}"),
      cursor == wordEnd || opener != UInt8(ascii: "#")
    else { return nil }
    guard var end = delimitedEnd(from: cursor, limit: Lexer.lookAhead) else { return nil }
    if parts == 2 {
      if partner(of: opener) != opener {
        while end < count, isBlank(base[end]), end - cursor < Lexer.lookAhead { end += 1 }
        guard let second = delimitedEnd(from: end, limit: Lexer.lookAhead) else { return nil }
        end = second
      } else {
        guard let second = delimitedEnd(from: end - 1, limit: Lexer.lookAhead) else { return nil }
        end = second
      }
    }
    position = end
    return string(wordStart, end)
  }
}
