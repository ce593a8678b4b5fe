#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// One walk through a workspace folder: a stack of directories still to be listed.
struct Walk {
  private struct Pending {
    /// Absolute path with a final `/`.
    var directory: [UInt8]
    var rules: DirectoryRules
  }

  private let root: FileURI
  private let rootPath: [UInt8]
  private let options: Discovery.Options
  private let environment: GitEnvironment
  private let filter: EntryFilter
  private var pending: [Pending] = []
  /// Relative paths (each with a final `/`) of directories in which a file was found.
  private var holders: Set<[UInt8]> = []
  /// The working trees that were entered, for the tracked files that rules ignore.
  private var repositories: [GitRepository] = []
  /// Absolute paths of files and directories that only git's rules ignore.
  private var sawIgnored = false
  var result: DiscoveryResult

  init(root: FileURI, options: Discovery.Options) {
    self.root = root
    rootPath = root.pathBytes == [0x2F] ? [0x2F] : root.pathBytes + [0x2F]
    self.options = options
    environment = GitEnvironment(options.environment)
    filter = EntryFilter(options: options, rootLength: rootPath.count)
    result = DiscoveryResult(root: root)
  }

  /// Finds the rules that hold at the workspace folder; false if that is no directory.
  mutating func start() -> Bool {
    guard let listing = DirectoryListing(rootPath) else { return false }
    let rules = IgnoreRules.outer(of: rootPath, environment: environment, options: options)
    repositories.append(rules.repository)
    list(listing, Pending(directory: rootPath, rules: rules))
    return true
  }

  /// Lists one directory; false when none is left.
  mutating func step() -> Bool {
    guard let next = pending.popLast() else { return false }
    // A path this long cannot be opened; hostile trees are cut off there.
    guard next.directory.count < Int(PATH_MAX), let listing = DirectoryListing(next.directory) else {
      result.skip(.unreadable, next.directory[rootPath.count...])
      return true
    }
    list(listing, next)
    return true
  }

  /// The result, in order.
  mutating func finish() -> DiscoveryResult {
    if sawIgnored, options.includesTrackedIgnoredFiles, !result.isPartial { addTrackedFiles() }
    result.files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    var directories: Set<[UInt8]> = [rootPath]
    for holder in holders {
      var end = holder.count
      while end > 0 {
        guard directories.insert(rootPath + holder[..<end]).inserted else { break }
        end = (holder[..<(end - 1)].lastIndex(of: 0x2F) ?? -1) + 1
      }
    }
    result.directories = directories.map { FileURI(normalisedBytes: $0.count > 1 ? $0.dropLast() : $0) }
      .sorted { $0.pathBytes.lexicographicallyPrecedes($1.pathBytes) }
    return result
  }

  private mutating func list(_ listing: borrowing DirectoryListing, _ place: Pending) {
    if listing.isIncomplete { result.skip(.unreadable, place.directory[rootPath.count...]) }
    var ignoreFiles: DirectoryRules.Files = []
    var holdsGit = false
    for index in listing.entries.indices where listing.entries[index].length >= 4 {
      let name = listing.name(index)
      guard name.first == 0x2E else { continue }
      if name.elementsEqual(".gitignore".utf8) { ignoreFiles.insert(.git) }
      if name.elementsEqual(".git".utf8) { holdsGit = true }
      if options.gitRulesOnly { continue }
      if name.elementsEqual(".ignore".utf8) { ignoreFiles.insert(.ignore) }
      if name.elementsEqual(".ciceroneignore".utf8) { ignoreFiles.insert(.cicerone) }
    }
    var rules = place.rules
    if holdsGit, place.directory.count > rootPath.count, GitRepository.gitDirectory(of: place.directory) != nil {
      guard options.entersNestedRepositories else { return }
      let repository = GitRepository(root: place.directory, environment: environment)
      repositories.append(repository)
      rules = .top(of: repository, within: rules)
    }
    if !ignoreFiles.isEmpty { rules = rules.entering(place.directory, files: ignoreFiles) }

    var path = place.directory
    let nameStart = path.count
    var foundFile = false
    for index in listing.entries.indices {
      let kind = listing.entries[index].kind
      path.removeSubrange(nameStart...)
      path.append(contentsOf: listing.name(index))
      let verdict = filter.judge(path, nameStart: nameStart, kind: kind, rules: rules)
      switch verdict {
      case .skip(let reason, let isGitOnly):
        if isGitOnly { sawIgnored = true }
        result.skip(reason, path[rootPath.count...])
      case .silent: break
      case .take where kind == .directory: pending.append(Pending(directory: path + [0x2F], rules: rules))
      case .take:
        guard let status = listing.status(index) else { continue }
        if take(path[rootPath.count...], status) { foundFile = true }
      }
    }
    if foundFile { holders.insert(Array(place.directory[rootPath.count...])) }
  }

  /// Takes a file in if its size allows.
  private mutating func take(_ relativePath: ArraySlice<UInt8>, _ raw: stat) -> Bool {
    guard raw.st_mode & S_IFMT == S_IFREG else {
      result.skip(.special, relativePath)
      return false
    }
    let status = FileStatus(raw)
    if let reason = filter.skipReason(size: status.size) {
      result.skip(reason, relativePath)
      return false
    }
    guard result.files.count < options.maximumFileCount else {
      result.skip(.overLimit, relativePath)
      return false
    }
    result.files.append(FileEntry(root: root, relativePath: Array(relativePath), status: status))
    return true
  }

  private mutating func addTrackedFiles() {}
}
