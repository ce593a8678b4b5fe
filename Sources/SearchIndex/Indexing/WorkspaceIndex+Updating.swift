internal import Synchronization
internal import Workspace

/// Single files and folders that changed.
extension WorkspaceIndex {
  /// Indexes anew what may have changed: relative paths of files or folders that were written, appeared or vanished, or
  /// became something else. A folder stands for everything in it.
  ///
  /// - Returns: whether anything changed.
  /// - Throws: `IndexStoreError`.
  @discardableResult
  public func update(paths: [String]) throws(IndexStoreError) -> Bool {
    guard isWriter else { return false }
    let rules = IgnoreRules(root: root, options: options)
    try noteSkips(Set(paths), rules: rules)
    let work = look(at: paths, rules: rules)
    if work.inputs.isEmpty, work.removed.isEmpty { return false }
    var changed = false
    var start = 0
    var removed = work.removed
    let builders = SegmentBuilders(count: max(1, min(threads, work.inputs.count)))
    // A folder may be large: memory stays flat as in a pass over everything.
    repeat {
      let end = min(work.inputs.count, start + 4096)
      let output = FileBatch(
        inputs: Array(work.inputs[start..<end]), maximumFileSize: options.maximumFileSize, builders: builders
      ).run()
      removed += output.vanished.filter { files[$0] != nil }
      try commit(output, removed: removed)
      changed = changed || !output.segments.isEmpty || !removed.isEmpty || !output.skipped.isEmpty
      removed = []
      start = end
    } while start < work.inputs.count
    try mergeSegments()
    return changed
  }

  /// The same for paths that wait; answers them.
  ///
  /// - Throws: `IndexStoreError`.
  @discardableResult
  public func update(_ urgent: any UrgentPaths) throws(IndexStoreError) -> [String] {
    let paths = urgent.take()
    try update(paths: paths)
    urgent.done()
    return paths
  }

  /// Whether a path, or a folder above it, is among `paths`.
  static func isCovered(_ path: String, by paths: Set<String>) -> Bool {
    paths.contains(path) || paths.contains("") || nearest(path, lost: paths, folders: []) == .lost
  }

  /// What is to be done about paths: files to read, and files that are gone.
  private func look(
    at paths: [String], rules: IgnoreRules
  ) -> (inputs: [FileBatch.Input], removed: [String]) {
    var wanted: [String: FileStatus] = [:]
    var removed: Set<String> = []
    // Folders of which nothing is left, and folders that are to be compared.
    var lost: Set<String> = []
    var folders: Set<String> = []
    // Ignore files may have come or gone with a folder.
    defer { if !lost.isEmpty || !folders.isEmpty { overlayRules.invalidate() } }
    for path in Set(paths) {
      switch EntryKind(of: path, in: root) {
      case .file(let status):
        if rules.skipReason(relativePath: path, isDirectory: false) == nil {
          wanted[path] = status
        } else if files[path] != nil {
          removed.insert(path)
        }
        if files[path] == nil, mayBeFolder(path) { lost.insert(path) }
      case .directory:
        if files[path] != nil { removed.insert(path) }
        if mayBeFolder(path) { folders.insert(path) }
        for file in rules.files(below: path, in: root) {
          if case .file(let status) = EntryKind(of: file, in: root) { wanted[file] = status }
        }
      case .other, .missing:
        if files[path] != nil { removed.insert(path) }
        if mayBeFolder(path) { lost.insert(path) }
      }
    }
    if !lost.isEmpty || !folders.isEmpty {
      for path in files.keys where wanted[path] == nil {
        switch WorkspaceIndex.nearest(path, lost: lost, folders: folders) {
        case .lost: removed.insert(path)
        case .compared:
          // The folder may have brought ignore files of its own, of which nobody tells.
          if case .file(let status) = EntryKind(of: path, in: root),
            rules.skipReason(relativePath: path, isDirectory: false) == nil
          {
            wanted[path] = status
          } else {
            removed.insert(path)
          }
        case .neither: break
        }
      }
    }
    let inputs = wanted.keys.sorted().compactMap { path in
      wanted[path].map {
        FileBatch.Input(entry: FileEntry(path: path, root: root, status: $0), knownHash: knownHash(of: path))
      }
    }
    // What came back while the others were looked at is read.
    removed = removed.filter { wanted[$0] == nil }
    return (inputs, Array(removed))
  }

  private enum Above {
    case lost
    case compared
    case neither
  }

  /// What was said of the folders above a file.
  private static func nearest(_ path: String, lost: Set<String>, folders: Set<String>) -> Above {
    var result = folders.contains("") ? Above.compared : .neither
    var folder = path[...]
    while let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) {
      folder = folder[..<slash]
      if lost.contains(String(folder)) { return .lost }
      if folders.contains(String(folder)) { result = .compared }
    }
    return result
  }
}
