import Synchronization

/// The ignore rules of a workspace folder, for paths that come one at a time: watcher events, opened buffers.
///
/// What was read from ignore files is kept until `invalidate`. May be used from any thread; reading ignore files
/// blocks.
public final class IgnoreRules: Sendable {
  private let rootPath: [UInt8]
  private let options: Discovery.Options
  private let environment: GitEnvironment
  private let filter: EntryFilter
  private let cache = Mutex<[[UInt8]: DirectoryRules]>([:])

  /// Prepares rules; nothing is read before the first question.
  public init(root: FileURI, options: Discovery.Options = Discovery.Options()) {
    rootPath = root.pathBytes == [0x2F] ? [0x2F] : root.pathBytes + [0x2F]
    self.options = options
    environment = GitEnvironment(options.environment)
    filter = EntryFilter(options: options, rootLength: rootPath.count)
  }

  /// Forgets what was read: call when an ignore file, git's `info/exclude` or a nested `.git` changed.
  public func invalidate() {
    cache.withLock { $0.removeAll() }
  }

  /// Forgets what was read in a directory and below it: call when it was moved away.
  func forget(below directory: FileURI) {
    let prefix = directory.pathBytes + [0x2F]
    cache.withLock { cache in
      for path in cache.keys where path.starts(with: prefix) { cache[path] = nil }
    }
  }

  /// Whether a file of that name changes the rules.
  public static func isIgnoreFile(path: String) -> Bool {
    guard let name = path.split(separator: "/").last else { return false }
    return name == ".gitignore" || name == ".ignore" || name == ".ciceroneignore"
  }

  /// Why discovery would leave out the file or directory at a relative path, as far as rules and names tell; nil if it
  /// would not. Whether the path exists does not matter; whether git tracks it does.
  ///
  /// - Parameter relativePath: as `FileEntry.path` spells it.
  public func skipReason(relativePath: String, isDirectory: Bool) -> SkipReason? {
    skipReason(relativeBytes: PathText.bytes(relativePath), isDirectory: isDirectory)
  }

  /// The same for a path that need not be UTF-8.
  public func skipReason(relativeBytes: [UInt8], isDirectory: Bool) -> SkipReason? {
    switch decide(relativeBytes, kind: isDirectory ? .directory : .file) {
    case .taken: nil
    case .leftOut(_, let reason): reason
    case .silent: .hidden
    }
  }

  /// What stands at a path of the folder now, and what discovery makes of it.
  public enum Look: Sendable, Hashable {
    /// Nothing.
    case gone
    /// A file that is taken as far as rules and names tell.
    case file
    /// A directory that is entered.
    case directory
    /// Left out, by itself or because of a directory above it: the outermost path that is.
    case leftOut(path: String, reason: SkipReason, isDirectory: Bool)
    /// Left out and not counted: git's own files.
    case uncounted
  }

  /// Looks at a path of the folder, spelled as `FileEntry.path`. Blocks on the disk.
  public func look(_ relativePath: String) -> Look {
    let relative = PathText.bytes(relativePath)
    guard let kind = kindOfFile(rootPath + relative) else { return .gone }
    switch decide(relative, kind: kind) {
    case .taken: return kind == .directory ? .directory : .file
    case .silent: return .uncounted
    case .leftOut(let length, let reason):
      return .leftOut(
        path: PathText.string(Array(relative[..<length])), reason: reason,
        isDirectory: kind == .directory || length < relative.count)
    }
  }

  private enum Decision {
    case taken
    /// With the length of the outermost path that is left out.
    case leftOut(Int, SkipReason)
    case silent
  }

  private func decide(_ relativeBytes: [UInt8], kind: FileKind) -> Decision {
    let parts = relativeBytes.split(separator: 0x2F)
    var path = rootPath
    var rules = rules(entering: rootPath, within: nil)
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      let nameStart = path.count
      path.append(contentsOf: part)
      let kind = isLast ? kind : .directory
      switch filter.judge(path, nameStart: nameStart, kind: kind, rules: rules) {
      case .take: break
      case .enterForTracked: rules = rules.inIgnoredDirectory()
      case .skip(let reason): return .leftOut(path.count - rootPath.count, reason)
      case .silent: return .silent
      }
      if isLast { break }
      path.append(0x2F)
      rules = self.rules(entering: path, within: rules)
    }
    return .taken
  }

  /// The files below a directory that discovery would find as far as rules and names tell: relative paths, in no order.
  /// Nothing if the directory is left out itself. Blocks on the disk.
  public func files(below relativePath: String, in root: FileURI) -> [String] {
    var found: [String] = []
    var pending = [root.appending(relativePath)]
    while let next = pending.popLast() {
      guard let relative = next.relativeBytes(in: root),
        skipReason(relativeBytes: relative, isDirectory: true) == nil, let look = DirectoryPoller.look(next)
      else { continue }
      for (entry, look) in look {
        if look.isDirectory {
          pending.append(entry)
        } else if let relative = entry.relativeBytes(in: root),
          skipReason(relativeBytes: relative, isDirectory: false) == nil
        {
          found.append(PathText.string(relative))
        }
      }
    }
    return found
  }

  /// What is left out below a directory, as far as rules, names and kinds of files tell; directories as a whole.
  /// Paths are spelled as `FileEntry.path`. Blocks on the disk.
  public func leftOut(below relativePath: String) -> [(path: String, reason: SkipReason)] {
    var found: [(String, SkipReason)] = []
    var pending = [PathText.bytes(relativePath)]
    let reader = DirectoryReader()
    while let directory = pending.popLast() {
      let prefix = directory.isEmpty ? [] : directory + [0x2F]
      guard reader.open(rootPath + prefix) else {
        found.append((PathText.string(directory), .unreadable))
        continue
      }
      for index in reader.entries.indices {
        let path = prefix + reader.name(index)
        switch decide(path, kind: reader.entries[index].kind) {
        case .taken: if reader.entries[index].kind == .directory { pending.append(path) }
        case .leftOut(_, let reason): found.append((PathText.string(path), reason))
        case .silent: break
        }
      }
    }
    return found
  }

  private func rules(entering directory: [UInt8], within outer: DirectoryRules?) -> DirectoryRules {
    if let known = cache.withLock({ $0[directory] }) { return known }
    var rules: DirectoryRules
    if let outer {
      rules = outer
      if GitRepository.gitDirectory(of: directory) != nil {
        rules = .top(of: GitRepository(root: directory, environment: environment), within: rules)
      }
    } else {
      rules = Self.outer(of: directory, environment: environment, options: options)
    }
    rules = rules.entering(directory, files: options.gitRulesOnly ? .git : .all)
    cache.withLock { $0[directory] = rules }
    return rules
  }

  /// The rules that come to a workspace folder from outside: its repository's excludes, and the `.gitignore` files
  /// between the top of the repository and the folder. That the folder itself may be ignored there does not count: the
  /// user opened it.
  static func outer(of root: [UInt8], environment: GitEnvironment, options: Discovery.Options) -> DirectoryRules {
    var top = root
    while GitRepository.gitDirectory(of: top) == nil {
      guard top.count > 1 else { return .top(of: GitRepository(root: root, environment: environment)) }
      top.removeLast()
      top.removeLast(top.count - 1 - (top.lastIndex(of: 0x2F) ?? 0))
    }
    var rules = DirectoryRules.top(of: GitRepository(root: top, environment: environment))
    var end = top.count
    while end < root.count {
      rules = rules.entering(Array(root[..<end]), files: .git)
      end = (root[end...].firstIndex(of: 0x2F) ?? root.count - 1) + 1
    }
    return rules
  }
}
