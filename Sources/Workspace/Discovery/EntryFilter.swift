/// Decides about one directory entry.
struct EntryFilter: Sendable {
  enum Verdict {
    /// List the directory, or take the file.
    case take
    /// Leave out and count; the flag says that nothing but git's rules speaks against it.
    case skip(SkipReason, isGitOnly: Bool)
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
    _ path: [UInt8], nameStart: Int, kind: FileKind, rules: DirectoryRules, isTracked: Bool = false
  ) -> Verdict {
    let name = path[nameStart...]
    if kind == .directory ? HiddenNames.isVersionControl(name) : name.elementsEqual(".git".utf8) { return .silent }
    let verdict = path.withUnsafeBufferPointer {
      rules.verdict($0, nameStart: nameStart, isDirectory: kind == .directory)
    }
    if case .ignored(let isGitOnly) = verdict, !(isTracked && isGitOnly) {
      return .skip(.ignored, isGitOnly: isGitOnly)
    }
    if kind == .symlink { return .skip(.symlink, isGitOnly: false) }
    if kind == .special { return .skip(.special, isGitOnly: false) }
    if options.gitRulesOnly { return .take }
    if case .forced = verdict {
    } else if HiddenNames.isHidden(name, isDirectory: kind == .directory) {
      // A secret is told by name so that it shows up as what it is, not among the hidden.
      let isSecret = kind == .file && FileNames.isSecret(path: String(decoding: path[rootLength...], as: UTF8.self))
      return .skip(isSecret ? .secretFile : .hidden, isGitOnly: false)
    }
    let relative = excluded.isEmpty && kind == .directory ? "" : String(decoding: path[rootLength...], as: UTF8.self)
    if excluded.contains(where: { $0.matches(relative) }) { return .skip(.ignored, isGitOnly: false) }
    if kind == .file, let reason = FileNames.skipReason(path: relative) { return .skip(reason, isGitOnly: false) }
    return .take
  }

  /// The reason not to take a file of that size.
  func skipReason(size: Int) -> SkipReason? {
    if options.gitRulesOnly { return nil }
    if size == 0 { return .empty }
    return size > options.maximumFileSize ? .tooLarge : nil
  }
}
