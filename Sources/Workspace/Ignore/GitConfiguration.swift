/// The few settings of git that decide what is ignored.
struct GitConfiguration: Sendable {
  /// `core.excludesFile`, with `~/` expanded.
  var excludesFile: [UInt8]?
  /// `core.ignoreCase`.
  var ignoresCase = false

  /// Reads a configuration file over what was read before: later values win. Files that cannot be read are empty.
  ///
  /// `[include]` is followed; conditional includes are not, since what they could change here is rare.
  mutating func read(_ path: [UInt8], home: [UInt8]?, depth: Int = 0) {
    guard depth < 10, let content = try? FileReader.readFollowing(path: path, limit: 1 << 20) else { return }
    var section = ""
    for line in Self.logicalLines(content) {
      let trimmed = Self.trim(line)
      guard let first = trimmed.first, first != 0x23, first != 0x3B else { continue }
      var rest = trimmed
      if first == 0x5B {
        guard let close = trimmed.firstIndex(of: 0x5D) else { continue }
        section = String(decoding: trimmed[(trimmed.startIndex + 1)..<close], as: UTF8.self).lowercased()
        rest = Self.trim(trimmed[(close + 1)...])
        if rest.isEmpty { continue }
      }
      let equals = rest.firstIndex(of: 0x3D)
      let key = String(decoding: Self.trim(rest[..<(equals ?? rest.endIndex)]), as: UTF8.self).lowercased()
      let value = equals.map { Self.value(rest[($0 + 1)...]) }
      switch (section, key) {
      case ("core", "excludesfile"): excludesFile = value.map { Self.expand($0, home) }
      case ("core", "ignorecase"):
        let text = value.map { String(decoding: $0, as: UTF8.self).lowercased() }
        ignoresCase = text == nil || ["true", "yes", "on", "1"].contains(text)
      case ("include", "path"):
        guard let value, !value.isEmpty else { break }
        var target = Self.expand(value, home)
        if target.first != 0x2F, let slash = path.lastIndex(of: 0x2F) { target = path[...slash] + target }
        read(target, home: home, depth: depth + 1)
      default: break
      }
    }
  }

  /// Lines with those joined that end in a backslash.
  private static func logicalLines(_ content: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var current: [UInt8] = []
    for line in content.split(separator: 0x0A, omittingEmptySubsequences: false) {
      var line = line
      if line.last == 0x0D { line = line.dropLast() }
      // An even run of backslashes is one of escaped backslashes.
      let slashes = line.reversed().prefix { $0 == 0x5C }.count
      if slashes % 2 == 1 {
        current += line.dropLast()
      } else {
        lines.append(current + line)
        current = []
      }
    }
    if !current.isEmpty { lines.append(current) }
    return lines
  }

  /// A value without quotes, escapes, comment and the white space around it.
  private static func value(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var kept = 0
    var isQuoted = false
    var iterator = trim(bytes).makeIterator()
    while let byte = iterator.next() {
      if byte == 0x22 {
        isQuoted.toggle()
        kept = result.count
        continue
      }
      if !isQuoted, byte == 0x23 || byte == 0x3B { break }
      if byte == 0x5C {
        guard let escaped = iterator.next() else { break }
        switch escaped {
        case 0x6E: result.append(0x0A)
        case 0x74: result.append(0x09)
        case 0x62: result.append(0x08)
        default: result.append(escaped)
        }
        kept = result.count
        continue
      }
      result.append(byte)
      if isQuoted || (byte != 0x20 && byte != 0x09) { kept = result.count }
    }
    return Array(result.prefix(kept))
  }

  private static func expand(_ path: [UInt8], _ home: [UInt8]?) -> [UInt8] {
    guard path.starts(with: "~/".utf8), let home else { return path }
    return home + path.dropFirst()
  }

  private static func trim(_ bytes: some BidirectionalCollection<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    var slice = ArraySlice(Array(bytes))
    while let last = slice.last, isSpace(last) { slice.removeLast() }
    return slice.drop(while: isSpace)
  }
}
