/// Turns bytes into tokens, skipping what only looks like structure: comments and the insides of strings.
///
/// It never goes back over what it consumed, apart from bounded look-ahead, so its time is linear in the text.
struct Lexer {
  let base: UnsafePointer<UInt8>
  let count: Int
  let classes: UnsafePointer<UInt8>
  let language: CompiledLanguage
  var position = 0
  /// The comments met so far, in order.
  var comments: [Range<Int>] = []
  /// The last token that was not a newline: what decides whether a slash divides.
  var previous = Token(start: 0, end: 0, kind: .end)
  /// Heredocs announced on this line: their bodies start on the next.
  var heredocs: [Heredoc] = []
  /// Unclosed heredocs met. After a few, none is believed: each costs a search to the end of the text.
  var brokenHeredocs = 0
  /// Look-ahead that found nothing. After many such the text is not what it seems, and look-ahead gets short.
  var failedLookAheads = 0
  /// Whether no `|]` is left to close a quasi-quotation.
  var lacksQuasiQuotes = false
  /// Whether nothing but blanks stands between the start of the line and `position`.
  var atLineStart = true
  let maySpanWords: Bool
  private let isPlainWords: Bool

  struct Heredoc {
    var tag: Range<Int>
    var indented: Bool
    /// PHP's may be followed by code on the line of the closing tag.
    var prefixOnly: Bool
  }

  /// The longest look-ahead for lexemes that may turn out not to be one.
  static let lookAhead = 2048
  /// The same where brackets delimit: lists of words get long.
  static let longLookAhead = 1 << 17

  init(
    text: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>, classes: UnsafePointer<UInt8>,
    language: CompiledLanguage
  ) {
    self.base = base
    count = text.count
    self.classes = classes
    self.language = language
    maySpanWords = !language.customWords.isEmpty
    isPlainWords = !language.row.lexical.primes && !language.endsAtMarker
    if count >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF { position = 3 }
    if count > position + 1, base[position] == UInt8(ascii: "#"), base[position + 1] == UInt8(ascii: "!"),
      count > position + 2, base[position + 2] != UInt8(ascii: "[")
    {
      let start = position
      position = lineEnd(from: position)
      comments.append(start..<position)
    }
    if language.row.lexical.custom.contains(where: { if case .phpClose = $0 { true } else { false } }) {
      position = phpOpen(from: position)
    }
  }

  /// The next token; `.end` for ever once the text is used up.
  mutating func next() -> Token {
    while position < count {
      let start = position
      let byte = base[start]
      switch classes[Int(byte)] {
      case ByteClass.space:
        // Indentation: most blanks come in runs.
        var end = start &+ 1
        while end < count, classes[Int(base[end])] == ByteClass.space { end &+= 1 }
        position = end
      case ByteClass.newline:
        position = start + 1
        if byte == 0x0D, position < count, base[position] == 0x0A { position += 1 }
        atLineStart = true
        if !heredocs.isEmpty { skipHeredocs() }
        return Token(start: start, end: start + 1, kind: .newline)
      case ByteClass.word:
        return word(from: start)
      case ByteClass.digit:
        return number(from: start)
      case ByteClass.special:
        if let token = special(at: start) {
          if token.kind == .end { continue }
          return remember(token)
        }
        if byte == UInt8(ascii: "#"), atLineStart, language.row.lexical.directives != .none,
          let token = directive(from: start)
        {
          return token
        }
        return punctuation(byte, at: start)
      case ByteClass.backslash:
        position = start + 1
        if position < count, base[position] == 0x0D { position += 1 }
        if position < count, base[position] == 0x0A { position += 1 }
      case ByteClass.hash:
        if atLineStart, let token = directive(from: start) { return token }
        return punctuation(byte, at: start)
      default:
        return punctuation(byte, at: start)
      }
    }
    return Token(start: count, end: count, kind: .end)
  }

  @inline(__always)
  mutating func remember(_ token: Token) -> Token {
    previous = token
    atLineStart = false
    return token
  }

  @inline(__always)
  private mutating func word(from start: Int) -> Token {
    var end = start &+ 1
    while end < count {
      let kind = classes[Int(base[end])]
      guard kind == ByteClass.word || kind == ByteClass.digit else { break }
      end &+= 1
    }
    position = end
    if maySpanWords, end - start <= 3, end < count, let token = rawString(wordStart: start, wordEnd: end) {
      return remember(token)
    }
    if !isPlainWords, let token = longerWord(from: start, to: end) { return token }
    let keyword = language.keywords.find(base + start, count: end &- start)
    return remember(Token(start: start, end: end, kind: .word, keyword: keyword))
  }

  /// A word with primes, or the marker that ends a program (a token of kind `.end`); nil if the word is neither.
  private mutating func longerWord(from start: Int, to wordEnd: Int) -> Token? {
    if language.endsAtMarker {
      guard atLineStart, base[start] == UInt8(ascii: "_"),
        equals(start..<wordEnd, "__END__") || equals(start..<wordEnd, "__DATA__")
      else { return nil }
      comments.append(start..<count)
      position = count
      return Token(start: count, end: count, kind: .end)
    }
    var end = wordEnd
    while byte(end) == UInt8(ascii: "'") || end > wordEnd && isWordByte(byte(end)) { end += 1 }
    guard end > wordEnd else { return nil }
    position = end
    return remember(Token(start: start, end: end, kind: .word))
  }

  private mutating func number(from start: Int) -> Token {
    var end = start + 1
    while end < count {
      let byte = base[end]
      let kind = classes[Int(byte)]
      if kind == ByteClass.word || kind == ByteClass.digit {
        end += 1
      } else if (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "'")), end + 1 < count,
        classes[Int(base[end + 1])] == ByteClass.digit
      {
        end += 2
      } else {
        break
      }
    }
    position = end
    return remember(Token(start: start, end: end, kind: .number))
  }

  @inline(__always)
  private mutating func punctuation(_ byte: UInt8, at start: Int) -> Token {
    var code = byte
    var end = start + 1
    if end < count {
      let following = base[end]
      switch (byte, following) {
      case (UInt8(ascii: "-"), UInt8(ascii: ">")): code = Punctuation.arrow
      case (UInt8(ascii: "="), UInt8(ascii: ">")): code = Punctuation.fatArrow
      case (UInt8(ascii: ":"), UInt8(ascii: ":")): code = Punctuation.scope
      case (UInt8(ascii: ":"), UInt8(ascii: "=")): code = Punctuation.define
      case (UInt8(ascii: "<"), UInt8(ascii: "-")): code = Punctuation.leftArrow
      case (UInt8(ascii: "="), UInt8(ascii: "=")), (UInt8(ascii: "!"), UInt8(ascii: "=")),
        (UInt8(ascii: "<"), UInt8(ascii: "=")), (UInt8(ascii: ">"), UInt8(ascii: "=")):
        code = Punctuation.comparison
      default: break
      }
      if code != byte { end += 1 }
    }
    position = end
    return remember(Token(start: start, end: end, kind: .punctuation, byte: code))
  }

  /// A comment (a token of kind `.end`, to be skipped), a string, or nil for punctuation.
  private mutating func special(at start: Int) -> Token? {
    let byte = Int(base[start])
    let first = Int(language.candidateStarts[byte])
    let last = Int(language.candidateStarts[byte + 1])
    for index in first..<last {
      switch language.candidates[index] {
      case .lineComment(let rule):
        if matches(language.lineComments[rule], at: start), !isDashOperator(start), !isMarkupText(start) {
          skipLineComment(from: start)
          return Token(start: start, end: position, kind: .end)
        }
      case .blockComment(let rule):
        if skipBlockComment(rule, from: start) { return Token(start: start, end: position, kind: .end) }
      case .string(let rule):
        let string = language.strings[rule]
        if matches(string.open, at: start), !isMarkupText(start) {
          position = skipString(rule, from: start + string.open.count)
          if string.rule.isWord {
            return Token(
              start: start + string.open.count, end: max(start + string.open.count, position - string.close.count),
              kind: .word)
          }
          return Token(start: start, end: position, kind: .string)
        }
      case .custom(let lexeme):
        if let token = custom(lexeme, at: start) { return token }
      }
    }
    return nil
  }

  mutating func skipLineComment(from start: Int) {
    position = lineEnd(from: start)
    comments.append(start..<position)
  }

  /// Whether dashes belong to an operator: Haskell's `-->`.
  private func isDashOperator(_ start: Int) -> Bool {
    guard language.row.lexical.primes else { return false }
    var cursor = start
    while byte(cursor) == UInt8(ascii: "-") { cursor += 1 }
    switch byte(cursor) {
    case UInt8(ascii: ">"), UInt8(ascii: "<"), UInt8(ascii: "|"), UInt8(ascii: "="), UInt8(ascii: "+"),
      UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "&"), UInt8(ascii: "!"),
      UInt8(ascii: "?"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "^"), UInt8(ascii: "~"),
      UInt8(ascii: "."), UInt8(ascii: ":"):
      return true
    default: return false
    }
  }

  /// Whether a quote or two slashes stand in text: `it's` and `https://`.
  private func isMarkupText(_ start: Int) -> Bool {
    guard language.row.lexical.hasMarkup, start > 0 else { return false }
    if base[start] == UInt8(ascii: "'") {
      return previous.kind == .word && previous.end == start && previous.keyword == 0 && isWordByte(byte(start + 1))
        && !equals(previous.start..<previous.end, "from")
    }
    return base[start] == UInt8(ascii: "/") && base[start - 1] == UInt8(ascii: ":") && previous.kind == .punctuation
      && start > 1 && isWordByte(byte(start - 2)) && byte(start + 2) > 0x20
  }

  private mutating func skipBlockComment(_ index: Int, from start: Int) -> Bool {
    let comment = language.blockComments[index]
    guard matches(comment.open, at: start) else { return false }
    if comment.rule.atLineStart {
      guard start == 0 || base[start - 1] == 0x0A || base[start - 1] == 0x0D else { return false }
    }
    var depth = 1
    var cursor = start + comment.open.count
    let closeLead = comment.close[0]
    let openLead = comment.open[0]
    while cursor < count {
      let byte = base[cursor]
      if byte == closeLead, matches(comment.close, at: cursor) {
        if comment.rule.atLineStart {
          let previous = base[cursor - 1]
          guard previous == 0x0A || previous == 0x0D else { cursor += 1; continue }
          cursor = lineEnd(from: cursor)
          depth = 0
          break
        }
        cursor += comment.close.count
        depth -= 1
        if depth == 0 { break }
      } else if comment.rule.nests, byte == openLead, matches(comment.open, at: cursor) {
        cursor += comment.open.count
        depth += 1
      } else if comment.rule.nests {
        cursor += 1
      } else {
        cursor = ByteScan.first(closeLead, in: base, from: cursor + 1, to: count)
      }
    }
    position = min(cursor, count)
    comments.append(start..<position)
    return true
  }

  /// A directive with its continuation lines, or nil where `#` is none.
  private mutating func directive(from start: Int) -> Token? {
    var cursor = start + 1
    while cursor < count, base[cursor] == 0x20 || base[cursor] == 0x09 { cursor += 1 }
    let nameStart = cursor
    while cursor < count, base[cursor] >= UInt8(ascii: "a"), base[cursor] <= UInt8(ascii: "z") { cursor += 1 }
    if language.row.lexical.directives == .conditional {
      let name = nameStart..<cursor
      guard equals(name, "if") || equals(name, "else") || equals(name, "elseif") || equals(name, "endif") else {
        return nil
      }
    }
    while true {
      let end = directiveLineEnd(from: cursor)
      var last = end
      while last > cursor, base[last - 1] == 0x20 || base[last - 1] == 0x09 { last -= 1 }
      cursor = end
      guard last > start + 1, base[last - 1] == UInt8(ascii: "\\"), end < count,
        language.row.lexical.directives == .all
      else { break }
      cursor = end + 1
      if base[end] == 0x0D, cursor < count, base[cursor] == 0x0A { cursor += 1 }
    }
    position = cursor
    var token = Token(start: start, end: cursor, kind: .directive)
    token.byte = directiveCode(nameStart)
    return token
  }

  /// The end of a directive's line, or of the line on which a comment that starts on it ends.
  private func directiveLineEnd(from start: Int) -> Int {
    var cursor = start
    while cursor < count {
      switch base[cursor] {
      case 0x0A, 0x0D: return cursor
      case UInt8(ascii: "/") where byte(cursor + 1) == UInt8(ascii: "/"): return lineEnd(from: cursor)
      case UInt8(ascii: "/") where byte(cursor + 1) == UInt8(ascii: "*") && language.row.lexical.directives == .all:
        cursor += 2
        while cursor < count, base[cursor] != UInt8(ascii: "*") || byte(cursor + 1) != UInt8(ascii: "/") { cursor += 1 }
        cursor += 2
      case UInt8(ascii: "\""):
        // `#include "a/*.h"`
        cursor += 1
        while cursor < count, base[cursor] != UInt8(ascii: "\""), base[cursor] != 0x0A, base[cursor] != 0x0D {
          cursor += base[cursor] == UInt8(ascii: "\\") ? 2 : 1
        }
        if cursor < count, base[cursor] == UInt8(ascii: "\"") { cursor += 1 }
      default: cursor += 1
      }
    }
    return count
  }

  /// What conditional directives do: 1 opens, 2 is another branch, 3 closes, 0 for other directives.
  private func directiveCode(_ name: Int) -> UInt8 {
    if starts(name, with: "if") { return 1 }
    if starts(name, with: "el") { return 2 }
    if starts(name, with: "endif") { return 3 }
    return 0
  }

  // MARK: - Bytes

  @inline(__always)
  func matches(_ bytes: [UInt8], at start: Int) -> Bool {
    guard start + bytes.count <= count else { return false }
    for index in 0..<bytes.count where base[start + index] != bytes[index] { return false }
    return true
  }

  func starts(_ start: Int, with text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard start + length <= count else { return false }
    for index in 0..<length where base[start + index] != text.utf8Start[index] { return false }
    return true
  }

  func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
    range.count == text.utf8CodeUnitCount && starts(range.lowerBound, with: text)
  }

  /// The offset of the line ending at or after `start`, or the end of the text.
  @inline(__always)
  func lineEnd(from start: Int) -> Int {
    start >= count ? start : ByteScan.lineEnding(in: base, from: start, to: count)
  }

  /// As `lineEnd(from:)`, looking at `limit` bytes at most: many declarations may share one long line.
  func lineEnd(from start: Int, limit: Int) -> Int {
    let end = min(count, start + limit)
    var cursor = min(start, count)
    while cursor < end, base[cursor] != 0x0A, base[cursor] != 0x0D { cursor += 1 }
    return cursor
  }

  @inline(__always)
  func byte(_ index: Int) -> UInt8 {
    index >= 0 && index < count ? base[index] : 0
  }
}
