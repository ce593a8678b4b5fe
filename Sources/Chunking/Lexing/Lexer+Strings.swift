/// Strings, and the code inside them.
extension Lexer {
  /// What encloses the place a string's scan has reached.
  private enum Context {
    /// Inside a string of the rule with this index.
    case string(Int)
    /// Inside interpolated code, with this many brackets open and this one closing it.
    case code(depth: Int, close: UInt8)
  }

  /// The offset after a string whose opening delimiter ends at `start`.
  ///
  /// Strings in interpolated code in strings are followed to any depth, on a stack of its own.
  mutating func skipString(_ index: Int, from start: Int) -> Int {
    let rule = language.strings[index]
    if rule.rule.interpolation == .none { return skipPlainString(rule, from: start) }
    var stack = [Context.string(index)]
    // A string that may span lines, anywhere in the stack, makes line endings harmless.
    var multilines = rule.rule.multiline ? 1 : 0
    var cursor = start
    while cursor < count, let top = stack.last {
      let byte = base[cursor]
      if byte == 0x0A || byte == 0x0D, multilines == 0 { return cursor }
      switch top {
      case .string(let current):
        let string = language.strings[current]
        let interpolation = string.rule.interpolation
        if byte == string.close[0], matches(string.close, at: cursor) {
          cursor += string.close.count
          stack.removeLast()
          if string.rule.multiline { multilines -= 1 }
        } else if byte == interpolation.lead, byte != 0 {
          if interpolation == .brace {
            if self.byte(cursor + 1) == UInt8(ascii: "{") {
              cursor += 2
            } else {
              cursor += 1
              stack.append(.code(depth: 0, close: UInt8(ascii: "}")))
            }
          } else if self.byte(cursor + 1) == interpolation.bracket {
            cursor += 2
            stack.append(.code(depth: 0, close: interpolation.close))
          } else {
            cursor += byte == UInt8(ascii: "\\") ? 2 : 1
          }
        } else if byte == UInt8(ascii: "\\"), string.rule.escapes {
          cursor += 2
        } else {
          cursor += 1
        }
      case .code(let depth, let close):
        if byte == close {
          cursor += 1
          stack.removeLast()
          if depth > 0 { stack.append(.code(depth: depth - 1, close: close)) }
        } else if (close == UInt8(ascii: "}") && byte == UInt8(ascii: "{"))
          || (close == UInt8(ascii: ")") && byte == UInt8(ascii: "("))
        {
          cursor += 1
          stack.removeLast()
          stack.append(.code(depth: depth + 1, close: close))
        } else if byte == UInt8(ascii: "/"), let end = interpolatedRegex(at: cursor) {
          cursor = end
        } else if let nested = stringRule(at: cursor) {
          cursor += language.strings[nested].open.count
          stack.append(.string(nested))
          if language.strings[nested].rule.multiline { multilines += 1 }
        } else {
          cursor += 1
        }
      }
    }
    return min(cursor, count)
  }

  /// The offset after a regular expression in interpolated code: it may hold quotes.
  private func interpolatedRegex(at start: Int) -> Int? {
    switch byte(start - 1) {
    case UInt8(ascii: "("), UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: "{"), 0x20: break
    default: return nil
    }
    guard byte(start + 1) > 0x20 else { return nil }
    var cursor = start + 1
    while cursor < min(count, start + 200) {
      switch base[cursor] {
      case 0x0A, 0x0D: return nil
      case UInt8(ascii: "\\"): cursor += 1
      case UInt8(ascii: "/"): return cursor + 1
      default: break
      }
      cursor += 1
    }
    return nil
  }

  private func skipPlainString(_ string: CompiledString, from start: Int) -> Int {
    let closeLead = string.close[0]
    let closeCount = string.close.count
    let escapes = string.rule.escapes
    let multiline = string.rule.multiline
    let doubles = string.rule.doubles
    var cursor = start
    while cursor < count {
      let byte = base[cursor]
      if byte == closeLead, closeCount == 1 || matches(string.close, at: cursor) {
        cursor += closeCount
        if doubles, matches(string.close, at: cursor) {
          cursor += closeCount
          continue
        }
        return cursor
      }
      if byte == UInt8(ascii: "\\"), escapes {
        cursor += self.byte(cursor + 1) == 0x0D && self.byte(cursor + 2) == 0x0A ? 3 : 2
        continue
      }
      if !multiline, byte == 0x0A || byte == 0x0D { return cursor }
      cursor += 1
    }
    return min(cursor, count)
  }

  /// The rule of the string that starts at `start`, if one does.
  private func stringRule(at start: Int) -> Int? {
    let byte = Int(base[start])
    guard classes[byte] == ByteClass.special else { return nil }
    for index in Int(language.candidateStarts[byte])..<Int(language.candidateStarts[byte + 1]) {
      if case .string(let rule) = language.candidates[index], matches(language.strings[rule].open, at: start) {
        return rule
      }
    }
    return nil
  }

  /// Moves past the bodies of the heredocs announced on the line just ended.
  mutating func skipHeredocs() {
    let announced = heredocs
    heredocs.removeAll(keepingCapacity: true)
    for heredoc in announced {
      guard brokenHeredocs < 8 else { return }
      if !skipHeredoc(heredoc) { brokenHeredocs += 1 }
    }
  }

  private mutating func skipHeredoc(_ heredoc: Heredoc) -> Bool {
    let length = heredoc.tag.count
    var line = position
    while line < count {
      let end = lineEnd(from: line)
      var first = line
      if heredoc.indented { while first < end, base[first] == 0x20 || base[first] == 0x09 { first += 1 } }
      if end - first >= length, same(first, heredoc.tag.lowerBound, length) {
        let after = first + length
        if after == end || (heredoc.prefixOnly && !isWordByte(base[after])) {
          position = heredoc.prefixOnly ? after : end
          return true
        }
      }
      line = end + 1
      if end < count, base[end] == 0x0D, byte(end + 1) == 0x0A { line += 1 }
    }
    return false
  }

  func same(_ first: Int, _ second: Int, _ length: Int) -> Bool {
    guard first + length <= count, second + length <= count else { return false }
    for offset in 0..<length where base[first + offset] != base[second + offset] { return false }
    return true
  }

  @inline(__always)
  func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...,
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
