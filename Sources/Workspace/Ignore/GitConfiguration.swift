#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The few settings of git that decide what is ignored.
struct GitConfiguration: Sendable {
  /// `core.excludesFile`, with `~` expanded.
  private(set) var excludesFile: [UInt8]?
  /// `core.ignoreCase`.
  private(set) var ignoresCase = false
  /// Bytes of an object's name: `extensions.objectFormat`.
  private(set) var hashLength = 20
  /// `extensions.worktreeConfig`.
  private(set) var hasWorktreeConfiguration = false

  /// What conditions of `includeIf` ask about.
  struct Context {
    /// The directory of the repository (`.git`); nil outside of one.
    var gitDirectory: [UInt8]?
    /// The branch that is checked out.
    var branch: [UInt8]?
    /// The URLs of all remotes; nil while they are being gathered.
    var remotes: [[UInt8]]?
    var home: [UInt8]?
  }

  private var context: Context
  /// The URLs of remotes that were read.
  private var remotes: [[UInt8]] = []

  private init(_ context: Context) { self.context = context }

  /// Reads all that holds for a repository: outer files, its own, its working tree's, and the environment's.
  static func load(_ environment: GitEnvironment, gitDirectory: [UInt8]?, commonDirectory: [UInt8]?) -> Self {
    var context = Context(gitDirectory: gitDirectory, home: environment.home)
    context.branch = gitDirectory.flatMap(branch)
    func read(_ context: Context) -> GitConfiguration {
      var result = GitConfiguration(context)
      for path in environment.configurationFiles { result.read(path) }
      if let commonDirectory { result.read(commonDirectory + Array("/config".utf8)) }
      if result.hasWorktreeConfiguration, let gitDirectory {
        result.read(gitDirectory + Array("/config.worktree".utf8))
      }
      for entry in environment.parameters { result.apply(entry, file: nil, depth: 0) }
      return result
    }
    let first = read(context)
    guard first.asksForRemotes else { return first }
    context.remotes = first.remotes
    return read(context)
  }

  /// Whether a condition of `includeIf` about remotes was met.
  private var asksForRemotes = false

  /// Reads a configuration file over what was read before: later values win. Files that cannot be read are empty.
  private mutating func read(_ path: [UInt8], depth: Int = 0) {
    guard depth < 10, let content = try? FileReader.readFollowing(path: path, limit: 1 << 20) else { return }
    for entry in GitConfigurationParser.entries(content) { apply(entry, file: path, depth: depth) }
  }

  private mutating func apply(_ entry: GitConfigurationParser.Entry, file: [UInt8]?, depth: Int) {
    switch (entry.section, entry.name) {
    case ("core", "excludesfile") where entry.subsection == nil:
      excludesFile = entry.value.map { expand($0) }
    case ("core", "ignorecase") where entry.subsection == nil: ignoresCase = Self.isTrue(entry.value)
    case ("extensions", "objectformat"):
      hashLength = entry.value.map { $0.map(asciiLowercased) == Array("sha256".utf8) } == true ? 32 : 20
    case ("extensions", "worktreeconfig"): hasWorktreeConfiguration = Self.isTrue(entry.value)
    case ("remote", "url"): if let value = entry.value { remotes.append(value) }
    case ("include", "path") where entry.subsection == nil: include(entry.value, file, depth)
    case ("includeif", "path"):
      if let condition = entry.subsection, holds(condition, file: file) { include(entry.value, file, depth) }
    default: break
    }
  }

  private mutating func include(_ value: [UInt8]?, _ file: [UInt8]?, _ depth: Int) {
    guard let value, !value.isEmpty else { return }
    var target = expand(value)
    if target.first != 0x2F {
      guard let file, let slash = file.lastIndex(of: 0x2F) else { return }
      target = file[...slash] + target
    }
    read(target, depth: depth + 1)
  }

  // MARK: Conditions

  private mutating func holds(_ condition: [UInt8], file: [UInt8]?) -> Bool {
    func rest(_ prefix: String) -> [UInt8]? {
      condition.starts(with: prefix.utf8) ? Array(condition.dropFirst(prefix.utf8.count)) : nil
    }
    if let pattern = rest("gitdir:") { return isGitDirectory(pattern, file: file, foldsCase: false) }
    if let pattern = rest("gitdir/i:") { return isGitDirectory(pattern, file: file, foldsCase: true) }
    if let pattern = rest("onbranch:") {
      guard let branch = context.branch else { return false }
      return Wildmatch.matches(pattern.last == 0x2F ? pattern + [0x2A, 0x2A] : pattern, branch, foldsCase: false)
    }
    if let pattern = rest("hasconfig:remote.*.url:") {
      asksForRemotes = true
      return context.remotes?.contains { Wildmatch.matches(pattern, $0, foldsCase: false) } ?? false
    }
    return false
  }

  private func isGitDirectory(_ condition: [UInt8], file: [UInt8]?, foldsCase: Bool) -> Bool {
    guard let directory = context.gitDirectory else { return false }
    var pattern = condition
    var literal = 0
    if pattern.starts(with: "~/".utf8), let home = context.home {
      pattern = (realPath(home) ?? home) + pattern.dropFirst()
    } else if pattern.starts(with: "./".utf8) {
      guard let file, let real = realPath(file), let slash = real.lastIndex(of: 0x2F) else { return false }
      literal = slash + 1
      pattern = Array(real[...slash] + pattern.dropFirst(2))
    } else if pattern.first != 0x2F {
      pattern = Array("**/".utf8) + pattern
    }
    if pattern.last == 0x2F { pattern += [0x2A, 0x2A] }
    // git tries the real path first, then the path as the repository was found by.
    return [realPath(directory) ?? directory, directory].contains { text in
      guard text.count >= literal else { return false }
      let (head, start) = (text[..<literal], pattern[..<literal])
      let isSame = foldsCase ? head.map(asciiLowercased) == start.map(asciiLowercased) : head == start
      return isSame && Wildmatch.matches(Array(pattern[literal...]), Array(text[literal...]), foldsCase: foldsCase)
    }
  }

  /// The branch that `HEAD` names.
  private static func branch(_ gitDirectory: [UInt8]) -> [UInt8]? {
    let opening = "ref: refs/heads/".utf8
    guard let head = try? FileReader.readFollowing(path: gitDirectory + Array("/HEAD".utf8), limit: 1 << 16),
      head.starts(with: opening)
    else { return nil }
    return Array(head.dropFirst(opening.count).prefix { $0 != 0x0A && $0 != 0x0D })
  }

  // MARK: Values

  private static func isTrue(_ value: [UInt8]?) -> Bool {
    guard let value else { return true }
    let text = String(decoding: value, as: UTF8.self).lowercased()
    return ["true", "yes", "on"].contains(text) || (Int(text) ?? 0) != 0
  }

  /// `~/` is the home directory, `~name/` that of a user.
  private func expand(_ path: [UInt8]) -> [UInt8] {
    guard path.first == 0x7E else { return path }
    let slash = path.firstIndex(of: 0x2F) ?? path.endIndex
    let home = slash == 1 ? context.home : homeOfUser(String(decoding: path[1..<slash], as: UTF8.self))
    return home.map { $0 + path[slash...] } ?? path
  }

  private func homeOfUser(_ name: String) -> [UInt8]? {
    var buffer = [CChar](repeating: 0, count: 1 << 14)
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return buffer.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, getpwnam_r(name, &entry, base, buffer.count, &found) == 0,
        let directory = found?.pointee.pw_dir
      else { return nil }
      return Array(String(cString: directory).utf8)
    }
  }
}

/// git's `wildmatch` for whole paths: `*` and `?` do not match `/`.
enum Wildmatch {
  static func matches(_ pattern: [UInt8], _ text: [UInt8], foldsCase: Bool) -> Bool {
    let program = GlobProgram(IgnorePattern.compile(pattern[...], foldsCase: foldsCase))
    return (foldsCase ? text.map(asciiLowercased) : text).withUnsafeBufferPointer { program.matches($0) }
  }
}
