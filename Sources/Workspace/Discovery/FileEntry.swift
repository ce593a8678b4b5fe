/// A file that discovery found.
public struct FileEntry: Sendable, Hashable {
  /// Path relative to the workspace folder, `/`-separated; bytes that are not UTF-8 are spelled as `PathText` does.
  public let path: String
  /// The workspace folder.
  private let root: FileURI
  /// Size, times and identity, taken by `lstat(2)`.
  public let status: FileStatus

  /// An entry for a file that was found otherwise, such as by a watcher.
  ///
  /// - Parameter path: relative to `root`, `/`-separated, as `PathText` spells it.
  public init(path: String, root: FileURI, status: FileStatus) {
    self.path = path
    self.root = root
    self.status = status
  }

  /// The relative path exactly as on disk.
  public var pathBytes: [UInt8] { PathText.bytes(path) }

  /// The file's URI, exact for any name: the key to use for a file.
  public var uri: FileURI {
    FileURI(normalisedBytes: root.pathBytes == [0x2F] ? [0x2F] + pathBytes : root.pathBytes + [0x2F] + pathBytes)
  }

  /// What the path says about the file's role; worked out anew at each call.
  public var traits: FileTraits { FileTraits(path: path) }

  /// Bytes of the content.
  public var size: Int { status.size }

  /// Time of the last modification, nanoseconds since 1970.
  public var modified: Int64 { status.modified }

  /// What tells it from what stood at its path before: see `FileStatus.fingerprint`.
  public var fingerprint: Int64 { status.fingerprint }
}

/// What a walk through a workspace folder found.
public struct DiscoveryResult: Sendable {
  /// The workspace folder.
  public let root: FileURI
  /// The files to index, ordered by the bytes of their paths.
  public internal(set) var files: [FileEntry] = []
  /// How many files or directories were left out, by reason. A directory counts once, whatever it holds.
  public var skipped: [SkipReason: Int] { skips.counts }
  /// The first few relative paths that were left out, by reason.
  public var skippedExamples: [SkipReason: [String]] { skips.examples }
  /// What was left out.
  public internal(set) var skips = SkipLedger()
  /// The directories to watch: the root, and all directories which hold an indexed file at some depth.
  public internal(set) var directories: [FileURI] = []
  /// The other directories that were entered: no rule leaves them out, but nothing in them is indexed yet.
  public internal(set) var emptyDirectories: [FileURI] = []
  /// Whether the walk was cancelled, so that the result is only a part.
  public internal(set) var isPartial = false
}
