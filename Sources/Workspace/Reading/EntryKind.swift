#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What stands at a path below a workspace folder, as discovery would see it.
public enum EntryKind: Sendable, Hashable {
  /// A regular file.
  case file(FileStatus)
  /// A directory.
  case directory
  /// Something that is never read: a symbolic link, a FIFO, a device, or anything behind a symbolic link.
  case other
  /// Nothing, or something that cannot be looked at.
  case missing

  /// Looks at `relativePath` below `root`. Symbolic links below the root are not followed, not on the way either: the
  /// file behind one has another path, under which it is indexed.
  public init(of relativePath: String, in root: FileURI) {
    var path = root.pathBytes == [0x2F] ? [] : root.pathBytes
    var status = stat()
    let parts = relativePath.utf8.split(separator: UInt8(ascii: "/"))
    for (index, part) in parts.enumerated() {
      path.append(0x2F)
      path.append(contentsOf: part)
      guard withCPath(path, { lstat($0, &status) }) == 0 else {
        self = .missing
        return
      }
      if index < parts.count - 1, status.st_mode & S_IFMT != S_IFDIR {
        self = status.st_mode & S_IFMT == S_IFLNK ? .other : .missing
        return
      }
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG where !parts.isEmpty: self = .file(FileStatus(status))
    case S_IFDIR: self = .directory
    default: self = parts.isEmpty ? .directory : .other
    }
  }
}
