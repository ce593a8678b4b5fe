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
  /// Relative paths (each with a final `/`) of the directories that were entered.
  private var entered: [[UInt8]] = []
  /// What only git's rules ignore, by repository: paths from its top folder, those of directories with a final `/`.
  /// Tracked files among them are indexed all the same.
  private var leftOut: [ObjectIdentifier: (repository: GitRepository, paths: [[UInt8]])] = [:]
  /// The path of each file of the result, for sorting.
  private var keys: [[UInt8]] = []
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
    if !result.isPartial { addTrackedFiles() }
    sortFiles()
    var directories: Set<[UInt8]> = [rootPath]
    for holder in holders {
      var end = holder.count
      while end > 0 {
        guard directories.insert(rootPath + holder[..<end]).inserted else { break }
        end = (holder[..<(end - 1)].lastIndex(of: 0x2F) ?? -1) + 1
      }
    }
    result.emptyDirectories = entered.lazy.map { [rootPath] in rootPath + $0 }
      .filter { !directories.contains($0) }.map { FileURI(normalisedBytes: $0.dropLast()) }
    result.directories = directories.map { FileURI(normalisedBytes: $0.count > 1 ? $0.dropLast() : $0) }
      .sorted { $0.pathBytes.lexicographicallyPrecedes($1.pathBytes) }
    return result
  }

  /// Orders the files by the bytes of their paths: strings compare slower, and by other rules.
  private mutating func sortFiles() {
    let keyed = zip(keys, result.files).sorted { left, right in
      left.0.withUnsafeBytes { left in
        right.0.withUnsafeBytes { right in
          let shared = min(left.count, right.count)
          // Paths of files are never empty, so both have a base address.
          guard shared > 0, let first = left.baseAddress, let second = right.baseAddress else {
            return left.count < right.count
          }
          let order = memcmp(first, second, shared)
          return order == 0 ? left.count < right.count : order < 0
        }
      }
    }
    result.files = keyed.map(\.1)
    keys = []
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
      rules = .top(of: repository, within: rules)
    }
    if !ignoreFiles.isEmpty { rules = rules.entering(place.directory, files: ignoreFiles) }
    entered.append(Array(place.directory[rootPath.count...]))

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
        if isGitOnly, options.includesTrackedIgnoredFiles { leaveOut(path, kind, rules.repository) }
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

  private mutating func leaveOut(_ path: [UInt8], _ kind: FileKind, _ repository: GitRepository) {
    let relative = path[repository.root.count...] + (kind == .directory ? [0x2F] : [])
    leftOut[ObjectIdentifier(repository), default: (repository, [])].paths.append(Array(relative))
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
    let key = Array(relativePath)
    keys.append(key)
    result.files.append(FileEntry(root: root, relativePath: key, status: status))
    return true
  }

  /// Adds the files that are in a repository's index but were left out by git's rules alone.
  private mutating func addTrackedFiles() {
    let rules = IgnoreRules(root: root, options: options)
    for (repository, ignored) in leftOut.values {
      guard let directory = repository.gitDirectory,
        let content = try? FileReader.read(path: directory + Array("/index".utf8), limit: 1 << 30)
      else { continue }
      var tracked: [[UInt8]] = []
      let sorted = SortedPaths(ignored)
      _ = GitIndex.forEachFile(content.bytes) { path in
        if sorted.cover(path) { tracked.append(Array(path)) }
      }
      for file in tracked { addTracked(repository.root + file, rules) }
    }
  }

  private mutating func addTracked(_ path: [UInt8], _ rules: IgnoreRules) {
    guard path.count > rootPath.count, path.starts(with: rootPath) else { return }
    let relative = path[rootPath.count...]
    if let reason = rules.skipReason(relativeBytes: Array(relative), isDirectory: false, isTracked: true) {
      result.skip(reason, relative)
      return
    }
    // The index speaks of the tree as it was: what is there now may be something else.
    guard let raw = plainFile(path), take(relative, raw) else { return }
    let end = relative.lastIndex(of: 0x2F).map { $0 + 1 } ?? relative.startIndex
    holders.insert(Array(relative[..<end]))
  }

  /// The status of a regular file all of whose directories below the root are real ones.
  private func plainFile(_ path: [UInt8]) -> stat? {
    var end = rootPath.count
    while let slash = path[end...].firstIndex(of: 0x2F) {
      guard kindOfFile(Array(path[..<slash])) == .directory else { return nil }
      end = slash + 1
    }
    var status = stat()
    guard withCPath(path, { lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return status
  }
}
