/// The patterns of one ignore file, in order.
final class IgnoreList: Sendable {
  /// What a list says about a path.
  enum Verdict: Sendable {
    case ignored
    /// A `!` pattern matched last.
    case included
  }

  private let patterns: [IgnorePattern]
  private let foldsCase: Bool

  var isEmpty: Bool { patterns.isEmpty }

  /// Parses the content of an ignore file.
  init(_ content: [UInt8], foldsCase: Bool = false) {
    self.foldsCase = foldsCase
    var patterns: [IgnorePattern] = []
    var rest = content[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
      var line = rest[..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      if line.isEmpty || line.first == 0x23 { continue }
      if line.last == 0x0D { line = line.dropLast() }
      if let zero = line.firstIndex(of: 0) { line = line[..<zero] }
      line = Self.trimmed(line)
      if let pattern = IgnorePattern(line, foldsCase: foldsCase) { patterns.append(pattern) }
    }
    self.patterns = patterns
  }

  /// What the last matching pattern says; nil if none matches. `path` is relative to the file's directory.
  func verdict(_ path: UnsafeBufferPointer<UInt8>, nameStart: Int, isDirectory: Bool) -> Verdict? {
    if foldsCase {
      let lowered = path.map(asciiLowercased)
      return lowered.withUnsafeBufferPointer { last($0, nameStart, isDirectory) }
    }
    return last(path, nameStart, isDirectory)
  }

  private func last(_ path: UnsafeBufferPointer<UInt8>, _ nameStart: Int, _ isDirectory: Bool) -> Verdict? {
    patterns.withUnsafeBufferPointer { patterns in
      var index = patterns.count
      while index > 0 {
        index &-= 1
        if patterns[index].matches(path, nameStart: nameStart, isDirectory: isDirectory) {
          return patterns[index].isNegated ? .included : .ignored
        }
      }
      return nil
    }
  }

  /// The line without trailing spaces, unless a backslash quotes them.
  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var end: Int?
    var index = line.startIndex
    while index < line.endIndex {
      switch line[index] {
      case 0x20: end = end ?? index
      case 0x5C:
        index += 1
        // A lone backslash at the end leaves the line as it is.
        if index == line.endIndex { return line }
        end = nil
      default: end = nil
      }
      index += 1
    }
    return line[..<(end ?? line.endIndex)]
  }
}
