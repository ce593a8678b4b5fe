#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A directory still to be listed.
struct WalkTask: Sendable {
  /// Absolute path with a final `/`.
  var directory: [UInt8]
  /// The rules that come from above.
  var rules: DirectoryRules
  /// The directory's number, which its parent holds.
  var number: Int
}

/// A directory that was listed: what is taken of it, in the order of the bytes of paths.
struct ListedDirectory: Sendable {
  enum Child: Sendable {
    case file(FileEntry)
    /// A directory, by its number.
    case directory(Int)
  }

  var number: Int
  /// Absolute path with a final `/`.
  var path: [UInt8]
  var children: [Child] = []
}

/// What one thread of a walk does: lists directories and judges their entries.
struct WalkWorker {
  private let plan: WalkPlan
  private let reader = DirectoryReader()
  private var nextNumber: Int
  private let numberStep: Int
  /// Entries of the directory at hand that are taken, and for directories their number.
  private var taken: [(entry: Int, child: ListedDirectory.Child)] = []
  /// Directories that were found and not yet listed.
  var pending: [WalkTask] = []
  private(set) var listed: [ListedDirectory] = []
  private(set) var skips = SkipLedger()

  /// - Parameters:
  ///   - first: the first number to give to a directory.
  ///   - step: how far its numbers lie apart, so that no two workers give the same.
  init(plan: WalkPlan, first: Int, step: Int) {
    self.plan = plan
    nextNumber = first
    numberStep = step
  }

  /// Lists a directory; false if it cannot be opened.
  mutating func list(_ task: WalkTask) -> Bool {
    // A path this long cannot be opened; hostile trees are cut off there.
    guard task.directory.count < Int(PATH_MAX), reader.open(task.directory) else { return false }
    defer { reader.close() }
    if reader.isIncomplete { skip(.unreadable, task.directory[...]) }
    guard let rules = rules(for: task) else { return true }
    var path = task.directory
    let nameStart = path.count
    path.reserveCapacity(nameStart + 256)
    taken.removeAll(keepingCapacity: true)
    for index in reader.entries.indices {
      let kind = reader.entries[index].kind
      path.removeSubrange(nameStart...)
      path.append(contentsOf: reader.name(index))
      switch plan.filter.judge(path, nameStart: nameStart, kind: kind, rules: rules) {
      case .skip(let reason): skip(reason, path[...])
      case .silent: break
      case .enterForTracked: enter(index, path, rules.inIgnoredDirectory())
      case .take where kind == .directory: enter(index, path, rules)
      case .take: takeFile(index, path)
      }
    }
    finish(task)
    return true
  }

  /// Counts a path, absolute and perhaps with a final `/`, as left out.
  mutating func skip(_ reason: SkipReason, _ path: ArraySlice<UInt8>) {
    let relative = path.dropFirst(plan.rootPath.count)
    skips.append(relative.last == 0x2F ? relative.dropLast() : relative, reason)
  }

  /// The rules inside the directory that was just listed; nil if it is not to be looked into.
  private mutating func rules(for task: WalkTask) -> DirectoryRules? {
    var files: DirectoryRules.Files = []
    var holdsGit = false
    var bareParts = 0
    for index in reader.entries.indices {
      if reader.has(".gitignore", at: index) { files.insert(.git) }
      if reader.has(".git", at: index) { holdsGit = true }
      if plan.options.gitRulesOnly { continue }
      if reader.has(".ignore", at: index) { files.insert(.ignore) }
      if reader.has(".ciceroneignore", at: index) { files.insert(.cicerone) }
      let kind = reader.entries[index].kind
      if kind == .directory, reader.has("objects", at: index) || reader.has("refs", at: index) { bareParts += 1 }
      if kind == .file, reader.has("HEAD", at: index) || reader.has("config", at: index) { bareParts += 1 }
    }
    var rules = task.rules
    let isRoot = task.directory.count == plan.rootPath.count
    if bareParts == 4, !isRoot, GitRepository.isRepositoryDirectory(Array(task.directory.dropLast())) {
      skip(.versionControl, task.directory[...])
      return nil
    }
    if holdsGit, !isRoot, GitRepository.gitDirectory(of: task.directory) != nil {
      guard plan.options.entersNestedRepositories else { return nil }
      rules = .top(of: GitRepository(root: task.directory, environment: plan.environment), within: rules)
    }
    return files.isEmpty ? rules : rules.entering(task.directory, files: files)
  }

  private mutating func enter(_ index: Int, _ path: [UInt8], _ rules: DirectoryRules) {
    pending.append(WalkTask(directory: path + [0x2F], rules: rules, number: nextNumber))
    taken.append((index, .directory(nextNumber)))
    nextNumber += numberStep
  }

  private mutating func takeFile(_ index: Int, _ path: [UInt8]) {
    // It may be gone, or something else, by now.
    guard let raw = reader.status(index) else { return }
    guard raw.st_mode & S_IFMT == S_IFREG else {
      skip(.special, path[...])
      return
    }
    let status = FileStatus(raw)
    if let reason = plan.filter.skipReason(size: status.size) ?? plan.countFile() {
      skip(reason, path[...])
      return
    }
    let relative = path.withUnsafeBufferPointer {
      PathText.string(UnsafeBufferPointer(rebasing: $0[plan.rootPath.count...]))
    }
    taken.append((index, .file(FileEntry(path: relative, root: plan.root, status: status))))
  }

  /// Puts what was taken in order: a directory sorts by its name with a `/` behind it, since its files' paths have one.
  private mutating func finish(_ task: WalkTask) {
    let entries = reader.entries
    reader.names.withUnsafeBufferPointer { names in
      taken.sort { left, right in
        let (first, second) = (entries[left.entry], entries[right.entry])
        let shared = min(first.length, second.length)
        for index in 0..<shared {
          let (a, b) = (names[first.start + index], names[second.start + index])
          if a != b { return a < b }
        }
        func end(_ entry: DirectoryReader.Entry) -> UInt8 {
          if entry.length > shared { return names[entry.start + shared] }
          return entry.kind == .directory ? 0x2F : 0
        }
        return end(first) < end(second)
      }
    }
    listed.append(ListedDirectory(number: task.number, path: task.directory, children: taken.map(\.child)))
  }
}
