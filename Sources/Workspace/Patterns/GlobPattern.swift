/// A glob of workspace-relative paths, as scopes and settings use: `src/**/*.swift`, `*.md`, `{docs,examples}/`.
///
/// `*` and `?` do not match `/`, `**` as a whole component matches any number of components, `[…]` matches one byte of
/// a set, `{a,b}` one of several patterns, `\` quotes. A pattern without `/` (a final one aside) matches at any depth,
/// one with `/` from the workspace folder down. A pattern that matches a directory covers all that lies in it.
/// Matching time is proportional to path × pattern.
public struct GlobPattern: Sendable, Hashable, CustomStringConvertible {
  /// The pattern as it was written.
  public let pattern: String
  private let program: GlobProgram
  private let directoriesOnly: Bool

  /// Longest pattern taken, in bytes.
  static let maximumLength = 4096

  /// Compiles a pattern; nil if it is empty, too long, or a bracket or brace is not closed.
  public init?(_ pattern: String) {
    self.pattern = pattern
    var bytes = ArraySlice(Array(pattern.utf8))
    guard bytes.count <= Self.maximumLength else { return nil }
    if bytes.starts(with: "./".utf8) { bytes = bytes.dropFirst(2) }
    directoriesOnly = bytes.last == 0x2F
    while bytes.last == 0x2F { bytes = bytes.dropLast() }
    guard !bytes.isEmpty else { return nil }
    let isAnchored = bytes.contains(0x2F)
    bytes = bytes.drop { $0 == 0x2F }
    var compiler = Compiler(bytes: bytes)
    if !isAnchored { compiler.result.append(.directories) }
    guard compiler.sequence(depth: 0), compiler.index == bytes.endIndex else { return nil }
    program = GlobProgram(compiler.result)
  }

  /// Whether the pattern matches a file's path, or a directory on it.
  public func matches(_ path: String) -> Bool {
    var path = path
    return path.withUTF8 { path in
      if directoriesOnly {
        // Only what a `/` follows can be a directory.
        guard let slash = path.lastIndex(of: 0x2F) else { return false }
        return program.matches(UnsafeBufferPointer(rebasing: path[...slash]), prefixAtSlash: true)
      }
      return program.matches(path, prefixAtSlash: true)
    }
  }

  /// The pattern as it was written.
  public var description: String { pattern }

  private struct Compiler {
    let bytes: ArraySlice<UInt8>
    var index: Int
    var result: [GlobProgram.Instruction] = []

    init(bytes: ArraySlice<UInt8>) {
      self.bytes = bytes
      index = bytes.startIndex
    }

    /// Compiles up to the end, or inside braces up to `,` or `}`.
    mutating func sequence(depth: Int) -> Bool {
      guard depth < 32 else { return false }
      while index < bytes.endIndex {
        let byte = bytes[index]
        switch byte {
        case 0x2C, 0x7D:
          if depth > 0 { return true }
          result.append(.byte(byte))
          index += 1
        case 0x7B: guard braces(depth: depth) else { return false }
        case 0x5C:
          guard index + 1 < bytes.endIndex else { return false }
          result.append(.byte(bytes[index + 1]))
          index += 2
        case 0x3F:
          result.append(.any)
          index += 1
        case 0x5B:
          guard let bracket = BracketExpression(bytes, open: index, foldsCase: false) else { return false }
          result.append(.set(bracket.set))
          index = bracket.end
        case 0x2A: stars()
        default:
          result.append(.byte(byte))
          index += 1
        }
      }
      return true
    }

    private mutating func stars() {
      let start = index
      while index < bytes.endIndex, bytes[index] == 0x2A { index += 1 }
      let before = start == bytes.startIndex ? nil : bytes[start - 1]
      let after = index == bytes.endIndex ? nil : bytes[index]
      let opens = before == nil || before == 0x2F || before == 0x7B || before == 0x2C
      guard index - start >= 2, opens else {
        result.append(.star)
        return
      }
      if after == 0x2F {
        result.append(.directories)
        index += 1
      } else if after == nil || after == 0x2C || after == 0x7D {
        result.append(.globstar)
      } else {
        result.append(.star)
      }
    }

    /// `{a,b}` as a chain of splits, each alternative ending with a jump behind the last.
    private mutating func braces(depth: Int) -> Bool {
      var jumps: [Int] = []
      while true {
        index += 1
        let split = result.count
        result.append(.never)
        guard sequence(depth: depth + 1), index < bytes.endIndex else { return false }
        if bytes[index] == 0x7D {
          // The last alternative has no other to split to.
          result[split] = .jump(split + 1)
          index += 1
          break
        }
        jumps.append(result.count)
        result.append(.never)
        result[split] = .split(result.count)
      }
      for jump in jumps { result[jump] = .jump(result.count) }
      return true
    }
  }
}

/// Which paths of a workspace are meant: those that match an include glob (any, if there is none) and no exclude glob.
public struct GlobScope: Sendable, Hashable {
  /// When not empty, a path must match one of these.
  public let include: [GlobPattern]
  /// A path that matches one of these is out.
  public let exclude: [GlobPattern]

  /// Compiles both lists; nil if a pattern is not valid.
  public init?(include: [String] = [], exclude: [String] = []) {
    let (included, excluded) = (include.compactMap(GlobPattern.init), exclude.compactMap(GlobPattern.init))
    guard included.count == include.count, excluded.count == exclude.count else { return nil }
    self.include = included
    self.exclude = excluded
  }

  /// Whether a workspace-relative path is in the scope.
  public func contains(_ path: String) -> Bool {
    if !include.isEmpty, !include.contains(where: { $0.matches(path) }) { return false }
    return !exclude.contains { $0.matches(path) }
  }
}
