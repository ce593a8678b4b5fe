#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Finds changes by comparing what directories look like with what they looked like before.
struct DirectoryPoller: Sendable {
  /// What is compared of an entry.
  struct Look: Sendable, Hashable {
    var isDirectory: Bool
    var status: FileStatus
  }

  private var seen: [FileURI: [FileURI: Look]] = [:]

  /// The directories that are polled.
  var directories: Dictionary<FileURI, [FileURI: Look]>.Keys { seen.keys }

  var isEmpty: Bool { seen.isEmpty }

  /// Starts to look at a directory; changes from now on are found.
  mutating func add(_ directory: FileURI) {
    if seen[directory] == nil { seen[directory] = Self.look(directory) ?? [:] }
  }

  mutating func remove(_ directory: FileURI) {
    seen[directory] = nil
  }

  /// What changed since the last look: files, and directories that appeared or disappeared.
  mutating func poll() -> (files: [FileURI], newDirectories: [FileURI], lostDirectories: [FileURI]) {
    var files: [FileURI] = []
    var new: [FileURI] = []
    var lost: [FileURI] = []
    for (directory, before) in seen {
      guard let now = Self.look(directory) else {
        lost.append(directory)
        files += before.filter { !$0.value.isDirectory }.keys
        seen[directory] = nil
        continue
      }
      for (entry, look) in now where before[entry] != look {
        if !look.isDirectory {
          files.append(entry)
        } else if before[entry]?.isDirectory != true {
          new.append(entry)
        }
      }
      for (entry, look) in before where now[entry] == nil {
        if look.isDirectory { lost.append(entry) } else { files.append(entry) }
      }
      seen[directory] = now
    }
    return (files, new, lost)
  }

  /// The regular files and directories in a directory; nil if it cannot be listed. A directory's own times do not
  /// count: they change with its entries, which are compared one by one.
  static func look(_ directory: FileURI) -> [FileURI: Look]? {
    let listing = DirectoryReader()
    guard listing.open(directory.pathBytes) else { return nil }
    var result: [FileURI: Look] = [:]
    for index in listing.entries.indices {
      let kind = listing.entries[index].kind
      guard kind == .file || kind == .directory, let status = listing.status(index) else { continue }
      let uri = directory.appending(name: listing.name(index))
      result[uri] =
        kind == .directory
        ? Look(isDirectory: true, status: FileStatus(size: 0, modified: 0, inode: UInt64(status.st_ino)))
        : Look(isDirectory: false, status: FileStatus(status))
    }
    return result
  }
}
