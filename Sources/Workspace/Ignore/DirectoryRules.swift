/// All ignore rules that hold for the entries of one directory.
///
/// Directories without ignore files of their own share their parent's value.
final class DirectoryRules: Sendable {
  /// One ignore file with the directory that its patterns are relative to.
  struct Level: Sendable {
    let list: IgnoreList
    /// Length of that directory's absolute path, the final `/` included.
    let base: Int
  }

  /// A rule's verdict.
  enum Verdict: Sendable {
    /// No rule matched.
    case none
    /// The strongest rule that matched ignores the path.
    case ignored(GitOnly)
    /// A `!` rule of git's own files.
    case included
    /// A `!` rule of `.ignore` or `.ciceroneignore`: overrides that hidden files are left out.
    case forced

    /// Whether only git's own rules ignore it: tracked files are indexed all the same.
    typealias GitOnly = Bool
  }

  /// The innermost repository.
  let repository: GitRepository
  /// git's rules, weakest first: global excludes, `info/exclude`, then the `.gitignore` files from the top down.
  private let git: [Level]
  /// The `.ignore` files from the workspace folder down.
  private let ignore: [Level]
  /// The `.ciceroneignore` files from the workspace folder down.
  private let cicerone: [Level]

  /// Whether git's rules ignore the directory itself, so that they ignore all in it: a `!` in it cannot change that.
  private let isIgnored: Bool

  private init(
    _ repository: GitRepository, _ git: [Level], _ ignore: [Level], _ cicerone: [Level], isIgnored: Bool = false
  ) {
    self.repository = repository
    self.git = git
    self.ignore = ignore
    self.cicerone = cicerone
    self.isIgnored = isIgnored
  }

  /// The rules at the top of a repository, before its own `.gitignore` is read.
  ///
  /// A nested repository leaves the outer git rules behind, but keeps the workspace's own ignore files.
  static func top(of repository: GitRepository, within outer: DirectoryRules? = nil) -> DirectoryRules {
    let levels = repository.excludes.map { Level(list: $0, base: repository.root.count) }
    return DirectoryRules(repository, levels, outer?.ignore ?? [], outer?.cicerone ?? [])
  }

  /// Which ignore files a directory has.
  struct Files: OptionSet {
    let rawValue: Int
    static let git = Files(rawValue: 1)
    static let ignore = Files(rawValue: 2)
    static let cicerone = Files(rawValue: 4)
    static let all: Files = [.git, .ignore, .cicerone]
  }

  /// The rules inside `directory` (absolute, with final `/`), reading those of its ignore files that `files` names.
  func entering(_ directory: [UInt8], files: Files) -> DirectoryRules {
    func level(_ name: String, _ kind: Files, foldsCase: Bool) -> [Level] {
      guard files.contains(kind),
        let content = try? FileReader.read(path: directory + Array(name.utf8), limit: 16 << 20)
      else { return [] }
      let list = IgnoreList(content.bytes, foldsCase: foldsCase)
      return list.isEmpty ? [] : [Level(list: list, base: directory.count)]
    }
    let own = level(".gitignore", .git, foldsCase: repository.foldsCase)
    let ownIgnore = level(".ignore", .ignore, foldsCase: false)
    let ownCicerone = level(".ciceroneignore", .cicerone, foldsCase: false)
    if own.isEmpty && ownIgnore.isEmpty && ownCicerone.isEmpty { return self }
    return DirectoryRules(
      repository, git + own, ignore + ownIgnore, cicerone + ownCicerone, isIgnored: isIgnored)
  }

  /// The rules in a directory that is entered for the sake of its tracked files alone.
  func inIgnoredDirectory() -> DirectoryRules {
    isIgnored ? self : DirectoryRules(repository, git, ignore, cicerone, isIgnored: true)
  }

  /// Judges an entry of this directory by its absolute path, whose last component starts at `nameStart`.
  func verdict(_ path: UnsafeBufferPointer<UInt8>, nameStart: Int, isDirectory: Bool) -> Verdict {
    if let found = Self.last(cicerone, path, nameStart, isDirectory) ?? Self.last(ignore, path, nameStart, isDirectory)
    {
      if found == .ignored { return .ignored(false) }
      return isIgnored ? .ignored(true) : .forced
    }
    if isIgnored { return .ignored(true) }
    switch Self.last(git, path, nameStart, isDirectory) {
    case .ignored: return .ignored(true)
    case .included: return .included
    case nil: return .none
    }
  }

  @inline(__always)
  private static func last(
    _ levels: [Level], _ path: UnsafeBufferPointer<UInt8>, _ nameStart: Int, _ isDirectory: Bool
  ) -> IgnoreList.Verdict? {
    var index = levels.count
    while index > 0 {
      index &-= 1
      let level = levels[index]
      let relative = UnsafeBufferPointer(rebasing: path[level.base...])
      if let verdict = level.list.verdict(relative, nameStart: nameStart &- level.base, isDirectory: isDirectory) {
        return verdict
      }
    }
    return nil
  }
}
