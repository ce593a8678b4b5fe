/// A git working tree: where it lies, and the ignore rules that hold in all of it.
final class GitRepository: Sendable {
  /// Absolute path of the working tree's top folder, with a final `/`.
  let root: [UInt8]
  /// The directory that holds this working tree's index.
  let gitDirectory: [UInt8]?
  /// The global excludes file and `info/exclude`, weakest first.
  let excludes: [IgnoreList]
  /// Whether file names are matched without regard to case.
  let foldsCase: Bool

  /// Reads the rules of the repository whose top folder is `root`; also for a folder that is in no repository.
  init(root: [UInt8], environment: GitEnvironment) {
    self.root = root
    let directory = Self.gitDirectory(of: root)
    gitDirectory = directory
    let common = directory.map(Self.commonDirectory)
    var configuration = GitConfiguration()
    for path in environment.configurationFiles { configuration.read(path, home: environment.home) }
    if let common { configuration.read(common + Array("/config".utf8), home: environment.home) }
    foldsCase = configuration.ignoresCase

    var lists: [IgnoreList] = []
    var global = configuration.excludesFile ?? environment.defaultExcludesFile
    // git runs in the top folder, which is what a relative path is relative to.
    if let path = global, path.first != 0x2F { global = path.isEmpty ? nil : root + path }
    for path in [global, common.map { $0 + Array("/info/exclude".utf8) }] {
      guard let path, let content = try? FileReader.readFollowing(path: path, limit: 16 << 20) else { continue }
      let list = IgnoreList(content, foldsCase: foldsCase)
      if !list.isEmpty { lists.append(list) }
    }
    excludes = lists
  }

  /// The repository directory of a working tree's top folder: its `.git`, or what a `.git` file points to.
  static func gitDirectory(of root: [UInt8]) -> [UInt8]? {
    let dotGit = root + Array(".git".utf8)
    if isRepositoryDirectory(dotGit) { return dotGit }
    guard let content = try? FileReader.readFollowing(path: dotGit, limit: 1 << 16),
      content.starts(with: "gitdir:".utf8)
    else { return nil }
    let target = trimmedLine(content.dropFirst(7))
    guard !target.isEmpty else { return nil }
    let directory = target.first == 0x2F ? target : root + target
    return isRepositoryDirectory(directory) ? directory : nil
  }

  /// The repository directory of the innermost working tree that a folder lies in; one that is just being made counts.
  static func directory(around folder: [UInt8]) -> [UInt8]? {
    let path = folder == [0x2F] ? folder : folder + [0x2F]
    if kindOfFile(path + Array(".git".utf8)) == .directory { return path + Array(".git".utf8) }
    return top(around: path).flatMap { gitDirectory(of: $0) }
  }

  /// The top folder of that working tree; both paths have a final `/`.
  static func top(around folder: [UInt8]) -> [UInt8]? {
    var path = folder
    while gitDirectory(of: path) == nil {
      guard path.count > 1 else { return nil }
      path.removeLast()
      path.removeLast(path.count - 1 - (path.lastIndex(of: 0x2F) ?? 0))
    }
    return path
  }

  /// git takes a directory for a repository only if it has a HEAD.
  private static func isRepositoryDirectory(_ path: [UInt8]) -> Bool {
    kindOfFile(path + Array("/HEAD".utf8)) != nil
  }

  /// Where configuration and `info/exclude` lie: linked working trees share them.
  private static func commonDirectory(_ directory: [UInt8]) -> [UInt8] {
    let file = directory + Array("/commondir".utf8)
    guard let content = try? FileReader.readFollowing(path: file, limit: 1 << 16) else { return directory }
    let target = trimmedLine(content[...])
    if target.isEmpty { return directory }
    return target.first == 0x2F ? target : directory + [0x2F] + target
  }

  private static func trimmedLine(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let line = bytes.drop { $0 == 0x20 }.prefix { $0 != 0x0A }
    return Array(line.last == 0x0D ? line.dropLast() : line)
  }
}

/// What git takes from the environment: where its settings lie.
struct GitEnvironment: Sendable {
  var home: [UInt8]?
  /// Configuration files outside the repository, weakest first.
  var configurationFiles: [[UInt8]] = []
  /// The excludes file when none is configured.
  var defaultExcludesFile: [UInt8]?

  init(_ variables: [String: String]) {
    home = variables["HOME"].map { Array($0.utf8) }
    let configured = variables["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    let configurationHome = configured ?? home.map { $0 + Array("/.config".utf8) }
    if variables["GIT_CONFIG_NOSYSTEM"] == nil {
      configurationFiles.append(Array((variables["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig").utf8))
    }
    if let global = variables["GIT_CONFIG_GLOBAL"] {
      configurationFiles.append(Array(global.utf8))
    } else {
      if let configurationHome { configurationFiles.append(configurationHome + Array("/git/config".utf8)) }
      if let home { configurationFiles.append(home + Array("/.gitconfig".utf8)) }
    }
    defaultExcludesFile = configurationHome.map { $0 + Array("/git/ignore".utf8) }
  }
}
