internal import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

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
  private let hashLength: Int
  /// Read when first asked for: most walks come upon nothing that is ignored and tracked.
  private let tracked = Mutex<TrackedFiles??>(nil)

  /// Reads the rules of the repository whose top folder is `root`; also for a folder that is in no repository.
  init(root: [UInt8], environment: GitEnvironment) {
    self.root = root
    let directory = Self.gitDirectory(of: root)
    gitDirectory = directory
    let common = directory.map(Self.commonDirectory)
    let configuration = GitConfiguration.load(environment, gitDirectory: directory, commonDirectory: common)
    foldsCase = configuration.ignoresCase
    hashLength = configuration.hashLength

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

  /// Whether git tracks a file, or something in a directory, given its absolute path without a final `/`.
  func tracks(_ path: UnsafeBufferPointer<UInt8>, isDirectory: Bool) -> Bool {
    guard let gitDirectory, path.count > root.count else { return false }
    let files = tracked.withLock { known in
      if let known { return known }
      let read = TrackedFiles(gitDirectory: gitDirectory, hashLength: hashLength)
      known = .some(read)
      return read
    }
    guard let files else { return false }
    let relative = UnsafeBufferPointer(rebasing: path[root.count...])
    return isDirectory ? files.holds(directory: relative) : files.contains(relative)
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

  /// git takes a directory for a repository only if it has a HEAD that names a branch or a commit, and places for
  /// objects and references.
  static func isRepositoryDirectory(_ path: [UInt8]) -> Bool {
    let head = path + Array("/HEAD".utf8)
    switch kindOfFile(head) {
    case .file:
      guard let content = try? FileReader.readFollowing(path: head, limit: 1 << 16), isHead(content) else {
        return false
      }
    // An old way to name a branch.
    case .symlink: break
    default: return false
    }
    let common = commonDirectory(path)
    return ["/objects", "/refs"].allSatisfy { name in
      withCPath(common + Array(name.utf8)) { access($0, X_OK) } == 0
    }
  }

  private static func isHead(_ content: [UInt8]) -> Bool {
    if content.starts(with: "ref:".utf8) {
      return content.dropFirst(4).drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        .starts(with: "refs/".utf8)
    }
    return content.prefix { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }.count >= 40
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
