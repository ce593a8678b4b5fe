/// Decides about one directory entry.
struct EntryFilter: Sendable {
  enum Verdict {
    /// List the directory, or take the file.
    case take
    /// Enter the directory, which git's rules ignore, for the sake of the tracked files in it.
    case enterForTracked
    /// Leave out and count.
    case skip(SkipReason)
    /// Leave out without counting.
    case silent
  }

  let options: Discovery.Options
  /// Length of the workspace folder's path with its final `/`.
  let rootLength: Int
  private let excluded: [GlobPattern]

  init(options: Discovery.Options, rootLength: Int) {
    self.options = options
    self.rootLength = rootLength
    excluded = options.exclude.compactMap { GlobPattern($0) }
  }

  /// Judges the entry at an absolute path; over a tracked one, or its directories, git's rules have no say.
  func judge(
    _ path: UnsafeBufferPointer<UInt8>, nameStart: Int, kind: FileKind, rules: DirectoryRules
  ) -> Verdict {
    let isDirectory = kind == .directory
    let startsWithDot = path[nameStart] == 0x2E
    if startsWithDot {
      let name = UnsafeBufferPointer(rebasing: path[nameStart...])
      if isDirectory ? HiddenNames.isVersionControl(name) : name.elementsEqual(".git".utf8) { return .silent }
    }
    let verdict = rules.verdict(path, nameStart: nameStart, isDirectory: isDirectory)
    var isTracked = false
    if case .ignored(let isGitOnly) = verdict {
      guard isGitOnly, options.includesTrackedIgnoredFiles, rules.repository.tracks(path, isDirectory: isDirectory)
      else { return .skip(.ignored) }
      isTracked = true
    }
    if kind == .symlink { return .skip(.symlink) }
    if kind == .special { return .skip(.special) }
    let take: Verdict = isTracked && isDirectory ? .enterForTracked : .take
    if options.gitRulesOnly { return take }
    let relative = UnsafeBufferPointer(rebasing: path[rootLength...])
    if startsWithDot {
      if case .forced = verdict {
      } else if HiddenNames.isHidden(path[nameStart...], isDirectory: isDirectory) {
        // A secret is told by name so that it shows up as what it is, not among the hidden.
        return .skip(!isDirectory && FileNames.isSecret(path: relative) ? .secretFile : .hidden)
      }
    }
    if !excluded.isEmpty {
      let text = String(decoding: relative, as: UTF8.self)
      if excluded.contains(where: { $0.matches(text) }) { return .skip(.ignored) }
    }
    if !isDirectory, let reason = FileNames.skipReason(path: relative) { return .skip(reason) }
    return take
  }

  /// The same for a path in an array.
  func judge(_ path: [UInt8], nameStart: Int, kind: FileKind, rules: DirectoryRules) -> Verdict {
    path.withUnsafeBufferPointer { judge($0, nameStart: nameStart, kind: kind, rules: rules) }
  }

  /// The reason not to take a file of that size.
  func skipReason(size: Int) -> SkipReason? {
    if options.gitRulesOnly { return nil }
    if size == 0 { return .empty }
    return size > options.maximumFileSize ? .tooLarge : nil
  }
}
