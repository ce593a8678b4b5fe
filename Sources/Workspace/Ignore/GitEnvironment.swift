/// What git takes from the environment: where its settings lie, and settings themselves.
struct GitEnvironment: Sendable {
  var home: [UInt8]?
  /// Configuration files outside the repository, weakest first.
  var configurationFiles: [[UInt8]] = []
  /// The excludes file when none is configured.
  var defaultExcludesFile: [UInt8]?
  /// Settings in the environment, which are stronger than all files.
  var parameters: [GitConfigurationParser.Entry] = []

  init(_ variables: [String: String]) {
    home = variables["HOME"].map { Array($0.utf8) }
    let configured = variables["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    let configurationHome = configured ?? home.map { $0 + Array("/.config".utf8) }
    if !Self.isTrue(variables["GIT_CONFIG_NOSYSTEM"]) {
      configurationFiles.append(Array((variables["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig").utf8))
    }
    if let global = variables["GIT_CONFIG_GLOBAL"] {
      configurationFiles.append(Array(global.utf8))
    } else {
      if let configurationHome { configurationFiles.append(configurationHome + Array("/git/config".utf8)) }
      if let home { configurationFiles.append(home + Array("/.gitconfig".utf8)) }
    }
    defaultExcludesFile = configurationHome.map { $0 + Array("/git/ignore".utf8) }
    // Pairs by number come first, so what `git -c` passed on is stronger.
    for number in 0..<Self.parameterCount(variables) {
      guard let key = variables["GIT_CONFIG_KEY_\(number)"] else { continue }
      add(Array(key.utf8), variables["GIT_CONFIG_VALUE_\(number)"].map { Array($0.utf8) })
    }
    if let list = variables["GIT_CONFIG_PARAMETERS"] { addQuoted(Array(list.utf8)) }
  }

  /// How many numbered pairs the environment holds, at most 1,000.
  static func parameterCount(_ variables: [String: String]) -> Int {
    max(0, min(1000, variables["GIT_CONFIG_COUNT"].flatMap { Int($0) } ?? 0))
  }

  private static func isTrue(_ value: String?) -> Bool {
    guard let value = value?.lowercased() else { return false }
    return !["", "0", "false", "no", "off"].contains(value)
  }

  /// `'key'='value'` or, as it was written earlier, `'key=value'`; separated by spaces.
  private mutating func addQuoted(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while let first = rest.first {
      if first == 0x20 {
        rest = rest.dropFirst()
        continue
      }
      guard let text = Self.unquoted(&rest) else { return }
      if rest.first == 0x3D {
        rest = rest.dropFirst()
        let value = rest.isEmpty || rest.first == 0x20 ? nil : Self.unquoted(&rest)
        add(text, value)
      } else if let equals = text.firstIndex(of: 0x3D) {
        add(Array(text[..<equals]), Array(text[(equals + 1)...]))
      } else {
        add(text, nil)
      }
    }
  }

  /// One word in single quotes, in which `'\''` and `'\!'` stand for the byte after the backslash.
  private static func unquoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    guard rest.popFirst() == 0x27 else { return nil }
    while let byte = rest.popFirst() {
      if byte != 0x27 {
        result.append(byte)
        continue
      }
      guard rest.count >= 3, rest.first == 0x5C, rest[rest.startIndex + 2] == 0x27 else { return result }
      result.append(rest[rest.startIndex + 1])
      rest = rest.dropFirst(3)
    }
    return nil
  }

  /// `section.name` or `section.subsection.name`.
  private mutating func add(_ key: [UInt8], _ value: [UInt8]?) {
    guard let first = key.firstIndex(of: 0x2E), let last = key.lastIndex(of: 0x2E) else { return }
    func lowercased(_ bytes: ArraySlice<UInt8>) -> String {
      String(decoding: bytes.map(asciiLowercased), as: UTF8.self)
    }
    parameters.append(
      GitConfigurationParser.Entry(
        section: lowercased(key[..<first]), subsection: first == last ? nil : Array(key[(first + 1)..<last]),
        name: lowercased(key[(last + 1)...]), value: value))
  }
}
