/// One line of an ignore file, compiled; matches exactly the paths that git's would.
struct IgnorePattern: Sendable {
  enum Kind: Sendable {
    /// The last component equals `literal`.
    case name
    /// The last component ends with `literal`.
    case nameSuffix
    /// The last component matches `program`.
    case nameGlob
    /// The path from the ignore file's directory equals `literal`.
    case path
    /// The path starts with `literal`, and what follows matches `program`.
    case pathGlob
  }

  var kind: Kind
  /// A `!` pattern: what it matches is not ignored.
  var isNegated: Bool
  /// Ended with `/`: matches directories only.
  var directoriesOnly: Bool
  var literal: [UInt8]
  var program: GlobProgram?

  /// Compiles a line from which line end and trailing spaces were taken; nil for patterns that match nothing.
  init?(_ line: ArraySlice<UInt8>, foldsCase: Bool) {
    var text = line
    isNegated = text.first == 0x21
    if isNegated { text = text.dropFirst() }
    let literalLength = text.firstIndex(where: Self.isSpecial).map { $0 - text.startIndex } ?? text.count
    let hasOneStar = text.first == 0x2A && !text.dropFirst().contains(where: Self.isSpecial)
    directoriesOnly = text.last == 0x2F
    if directoriesOnly { text = text.dropLast() }
    guard !text.isEmpty else { return nil }
    func folded(_ bytes: ArraySlice<UInt8>) -> [UInt8] { foldsCase ? bytes.map(asciiLowercased) : Array(bytes) }

    if !text.contains(0x2F) {
      if literalLength >= text.count {
        kind = .name
        literal = folded(text)
      } else if hasOneStar {
        kind = .nameSuffix
        literal = folded(text.dropFirst())
      } else {
        kind = .nameGlob
        literal = []
        program = GlobProgram(Self.compile(text, foldsCase: foldsCase))
      }
      return
    }
    var prefix = min(literalLength, text.count)
    if text.first == 0x2F {
      text = text.dropFirst()
      prefix -= 1
    }
    literal = folded(text.prefix(prefix))
    // git strips the literal beginning before it matches the rest, so a `**` right after it counts as standing at the
    // start of a pattern: compiling the rest alone keeps that.
    let rest = text.dropFirst(prefix)
    kind = rest.isEmpty ? .path : .pathGlob
    if !rest.isEmpty { program = GlobProgram(Self.compile(rest, foldsCase: foldsCase)) }
    if rest.isEmpty && literal.isEmpty { return nil }
  }

  /// Whether the pattern matches.
  ///
  /// - Parameters:
  ///   - path: the path relative to the directory of the ignore file, lower-cased if cases are folded.
  ///   - nameStart: where the last component starts in `path`.
  @inline(__always)
  func matches(_ path: UnsafeBufferPointer<UInt8>, nameStart: Int, isDirectory: Bool) -> Bool {
    if directoriesOnly && !isDirectory { return false }
    let count = path.count
    switch kind {
    case .name:
      return count &- nameStart == literal.count && equal(path, nameStart)
    case .nameSuffix:
      let start = count &- literal.count
      return start >= nameStart && equal(path, start)
    case .nameGlob:
      return program?.matches(UnsafeBufferPointer(rebasing: path[nameStart...])) ?? false
    case .path:
      return count == literal.count && equal(path, 0)
    case .pathGlob:
      guard count >= literal.count, equal(path, 0) else { return false }
      return program?.matches(UnsafeBufferPointer(rebasing: path[literal.count...])) ?? false
    }
  }

  @inline(__always)
  private func equal(_ path: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    literal.withUnsafeBufferPointer { literal in
      var index = 0
      while index < literal.count {
        if path[start &+ index] != literal[index] { return false }
        index &+= 1
      }
      return true
    }
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte == 0x2A || byte == 0x3F || byte == 0x5B || byte == 0x5C
  }

  /// Compiles wildmatch syntax. A pattern that cannot match gets a `never`.
  static func compile(_ pattern: ArraySlice<UInt8>, foldsCase: Bool) -> [GlobProgram.Instruction] {
    var result: [GlobProgram.Instruction] = []
    var index = pattern.startIndex
    let end = pattern.endIndex
    while index < end {
      let byte = pattern[index]
      switch byte {
      case 0x5C:
        guard index + 1 < end else { return [.never] }
        // git compares an escaped capital as it stands with folded text, which then never matches.
        result.append(.byte(pattern[index + 1]))
        index += 2
      case 0x3F:
        result.append(.any)
        index += 1
      case 0x5B:
        guard let bracket = BracketExpression(pattern, open: index, foldsCase: foldsCase) else { return [.never] }
        result.append(.set(bracket.set))
        index = bracket.end
      case 0x2A:
        var after = index + 1
        while after < end, pattern[after] == 0x2A { after += 1 }
        let startsComponent = index == pattern.startIndex || pattern[index - 1] == 0x2F
        let isEscapedSlash = after + 1 < end && pattern[after] == 0x5C && pattern[after + 1] == 0x2F
        if after - index >= 2, startsComponent, after == end || pattern[after] == 0x2F || isEscapedSlash {
          if after < end, pattern[after] == 0x2F {
            result.append(.directories)
            after += 1
          } else {
            result.append(.globstar)
          }
        } else {
          result.append(.star)
        }
        index = after
      default:
        result.append(.byte(foldsCase ? asciiLowercased(byte) : byte))
        index += 1
      }
    }
    return result
  }
}

/// The byte with ASCII capitals made small.
@inline(__always)
func asciiLowercased(_ byte: UInt8) -> UInt8 {
  byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
}
