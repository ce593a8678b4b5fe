/// Finds the files of a workspace folder that are worth indexing, by git's ignore rules and our own.
///
/// No `git` is run. Symbolic links are never followed, FIFOs, sockets and devices never opened; nothing but ignore
/// files is read. The calls block on the disk: make them off the cooperative pool.
public struct Discovery: Sendable {
  /// What to leave out besides what ignore rules say.
  public struct Options: Sendable {
    /// Applies git's own rules alone: no `.ignore`, no `.ciceroneignore`, nothing about names, sizes or hidden files.
    public var gitRulesOnly = false
    /// Enters repositories nested in the workspace (submodules too), by their own rules.
    public var entersNestedRepositories = true
    /// Finds tracked files even if git's rules ignore them, as `git ls-files --cached` does.
    public var includesTrackedIgnoredFiles = true
    /// Files of more bytes are left out as `tooLarge`.
    public var maximumFileSize = 1 << 20
    /// Finds no more files than this; the rest counts as `overLimit`.
    public var maximumFileCount = 2_000_000
    /// Globs of paths to leave out besides, as `.ciceroneignore` in the workspace folder would (`SkipReason.ignored`).
    public var exclude: [String] = []
    /// Threads to walk on; a second one is started only where there is much to list.
    public var threads = 2
    /// The environment that says where git's own settings lie; the process's unless given.
    public var environment: [String: String]

    /// The defaults.
    public init(environment: [String: String]? = nil) {
      self.environment = environment ?? ProcessVariables.current
    }
  }

  /// Why there is nothing to walk through.
  public enum Failure: Error, Hashable, Sendable {
    /// The workspace folder cannot be opened or is no directory.
    case unreadableRoot(String)
  }

  /// The workspace folder.
  public let root: FileURI
  /// What to leave out.
  public let options: Options

  /// Prepares a walk; nothing is read before `run`.
  public init(root: FileURI, options: Options = Options()) {
    self.root = root
    self.options = options
  }

  /// Walks through the folder.
  ///
  /// - Parameter isCancelled: asked once a directory; after it says yes the result is partial.
  /// - Throws: `Failure.unreadableRoot`. Unreadable directories below are counted, not thrown.
  public func run(isCancelled: () -> Bool = { false }) throws(Failure) -> DiscoveryResult {
    guard let result = Walk(root: root, options: options).run(isCancelled: isCancelled) else {
      throw .unreadableRoot(root.path)
    }
    return result
  }

  /// Whether discovery would leave out the file or directory at a relative path, given what is on disk now.
  ///
  /// Reads the ignore files on the way anew; for many paths make an `IgnoreRules` once instead.
  public func isIgnored(relativePath: String, isDirectory: Bool) -> Bool {
    IgnoreRules(root: root, options: options).skipReason(relativePath: relativePath, isDirectory: isDirectory) != nil
  }
}
