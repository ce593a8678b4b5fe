internal import Workspace

/// Files that may have existed for a moment only.
///
/// Programs write a file beside the one that it then replaces. Who looks at a folder in between indexes that one, and a
/// client which reports changes in batches tells of neither its coming nor its going.
extension WorkspaceIndex {
  /// How old the last change of a file must be to expect that it stays, in nanoseconds: longer than it takes a program
  /// to write a file, to wait until it is on disk, and to rename it.
  public static let settlingTime: Int64 = 2_000_000_000

  /// Whether `unsettled` has something to look at.
  public var hasFresh: Bool { !fresh.isEmpty }

  /// Looks again at the files that had only just been written when they were read, and answers those which have
  /// changed since or are gone: to be updated. Those that are old enough by now are forgotten. Blocks on the disk.
  public func unsettled() -> [String] {
    var changed: [String] = []
    let now = Clock.nanoseconds()
    for path in fresh {
      guard let row = files[path] else {
        fresh.remove(path)
        continue
      }
      if case .file(let status) = EntryKind(of: path, in: root), status.size == row.size,
        status.fingerprint == row.modified
      {
        let age = now - status.stamp
        if age < 0 || age >= WorkspaceIndex.settlingTime { fresh.remove(path) }
      } else {
        fresh.remove(path)
        changed.append(path)
      }
    }
    return changed
  }

  /// Takes down what of a batch is fresh.
  func noteFresh(_ output: FileBatch.Output) {
    for (segment, stats) in output.segments {
      for (ordinal, file) in segment.files.enumerated() where stats[ordinal].isFresh { fresh.insert(file.path) }
    }
    for (path, stat) in output.unchanged where stat.isFresh { fresh.insert(path) }
  }
}
