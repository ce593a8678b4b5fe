#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What `stat(2)` told about a file, as far as the index needs it.
public struct FileStatus: Hashable, Sendable {
  /// Bytes of the content.
  public let size: Int
  /// Time of the last modification, nanoseconds since 1970.
  public let modified: Int64
  /// Time of the last change of content or attributes, nanoseconds since 1970: moves even when `modified` is set back.
  public let changed: Int64
  /// The file's number on its device.
  public let inode: UInt64
  /// The device's number.
  public let device: UInt64

  /// A time that moves whenever the content is written: that of the last change, which no program can set back as it
  /// can the time of modification, or the latter where the file system knows no other.
  public var stamp: Int64 { changed == 0 ? modified : changed }

  /// A number that tells what stood at a path from what stands there later: of its stamp and its inode, since files
  /// that were written in one tick of the clock have one stamp, and a folder that moves brings them under paths of
  /// others without touching them.
  public var fingerprint: Int64 { stamp ^ Int64(bitPattern: inode &* 0x9E37_79B9_7F4A_7C15) }

  /// Makes a status by hand.
  public init(size: Int, modified: Int64, changed: Int64 = 0, inode: UInt64 = 0, device: UInt64 = 0) {
    self.size = size
    self.modified = modified
    self.changed = changed
    self.inode = inode
    self.device = device
  }

  init(_ status: stat) {
    #if canImport(Darwin)
      let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
    #else
      let (modified, changed) = (status.st_mtim, status.st_ctim)
    #endif
    size = Int(status.st_size)
    self.modified = Int64(modified.tv_sec) &* 1_000_000_000 &+ Int64(modified.tv_nsec)
    self.changed = Int64(changed.tv_sec) &* 1_000_000_000 &+ Int64(changed.tv_nsec)
    inode = UInt64(truncatingIfNeeded: status.st_ino)
    device = UInt64(truncatingIfNeeded: status.st_dev)
  }
}

/// Reads files whole, within bounds.
///
/// Never blocks on a FIFO or device (only regular files are read), never follows a symbolic link in the last component,
/// never reads more than the limit even from a file that grows meanwhile. The calls block on the disk: make them off
/// the cooperative pool.
public enum FileReader {
  /// Why a file was not read.
  public enum Failure: Error, Hashable, Sendable {
    /// The file does not exist (any more).
    case missing
    /// The last component is a symbolic link.
    case symlink
    /// Not a regular file.
    case special
    /// Larger than the limit, from the start or by growing.
    case tooLarge
    /// Any other error of the system, by its number.
    case system(code: Int32)

    /// The reason by which discovery counts such a file.
    public var skipReason: SkipReason {
      switch self {
      case .missing, .system: .unreadable
      case .symlink: .symlink
      case .special: .special
      case .tooLarge: .tooLarge
      }
    }
  }

  /// A file's content and what `fstat(2)` said about the very file that was read.
  public struct Content: Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// The status taken before the bytes were read, so a later write makes a newer one.
    public let status: FileStatus
  }

  /// Reads a file of `limit` bytes at most.
  public static func read(_ file: FileURI, limit: Int = 16 << 20) throws(Failure) -> Content {
    try read(path: file.pathBytes, limit: limit)
  }

  /// Reads the file at a path, which is taken relative to the working directory unless it starts with `/`.
  public static func read(path: [UInt8], limit: Int = 16 << 20) throws(Failure) -> Content {
    try read(openNoFollow(path, O_RDONLY | O_NONBLOCK), limit: limit)
  }

  /// Reads a file of the user's own, such as a tool's settings, which may well be a symbolic link.
  public static func readFollowing(path: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    try read(withCPath(path) { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }, limit: limit).bytes
  }

  /// Whether anything, be it a link that leads nowhere, stands at a path.
  public static func exists(_ path: String) -> Bool {
    var raw = stat()
    return withCPath(Array(path.utf8)) { lstat($0, &raw) } == 0
  }

  /// Reads and closes what `open(2)` returned just now.
  private static func read(_ descriptor: Int32, limit: Int) throws(Failure) -> Content {
    guard descriptor >= 0 else {
      switch errno {
      case ENOENT, ENOTDIR: throw .missing
      case ELOOP: throw .symlink
      case ENXIO, EOPNOTSUPP: throw .special
      case let code: throw .system(code: code)
      }
    }
    defer { close(descriptor) }
    var raw = stat()
    guard fstat(descriptor, &raw) == 0 else { throw .system(code: errno) }
    guard raw.st_mode & S_IFMT == S_IFREG else { throw .special }
    let status = FileStatus(raw)
    guard status.size <= limit else { throw .tooLarge }
    return Content(bytes: try readAll(descriptor, expected: status.size, limit: limit), status: status)
  }

  /// The status of a regular file; symbolic links are not followed.
  public static func status(_ file: FileURI) throws(Failure) -> FileStatus {
    var raw = stat()
    let result = withCPath(file.pathBytes) { lstat($0, &raw) }
    guard result == 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { throw .missing }
      throw .system(code: code)
    }
    switch raw.st_mode & S_IFMT {
    case S_IFREG: return FileStatus(raw)
    case S_IFLNK: throw .symlink
    default: throw .special
    }
  }

  private static func readAll(_ descriptor: Int32, expected: Int, limit: Int) throws(Failure) -> [UInt8] {
    var failure: Failure?
    // One byte of room past the expected size tells a file that grew from one that ended.
    var capacity = expected + 1
    var bytes: [UInt8] = []
    while true {
      let start = bytes.count
      let room = capacity - start
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        while count < room {
          let got = Self.readSome(descriptor, buffer.baseAddress.map { $0 + count }, room - count)
          if got < 0 { failure = .system(code: errno) }
          if got <= 0 { break }
          count += got
        }
      }
      if let failure { throw failure }
      if start == 0 { bytes = chunk } else { bytes.append(contentsOf: chunk) }
      if bytes.count > limit { throw .tooLarge }
      if chunk.count < room { return bytes }
      capacity = min(limit + 1, capacity * 2 + 4096)
    }
  }

  private static func readSome(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    while true {
      let got = systemRead(descriptor, buffer, count)
      if got >= 0 || errno != EINTR { return got }
    }
  }
}

/// `read(2)` under a name that a type's own `read` does not hide.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

/// Calls `body` with `path` as a C string; bytes from the first NUL on are cut off.
func withCPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: path.count + 1) { buffer in
    for index in path.indices { buffer[index] = CChar(bitPattern: path[index]) }
    buffer[path.count] = 0
    guard let base = buffer.baseAddress else { preconditionFailure("a terminated path is never empty") }
    return body(base)
  }
}

/// `open(2)` that follows no symbolic link in the last component and is closed on `exec`.
func openNoFollow(_ path: [UInt8], _ flags: Int32) -> Int32 {
  withCPath(path) { open($0, flags | O_NOFOLLOW | O_CLOEXEC) }
}

/// The path without symbolic links, `.` and `..`; nil if there is no such file.
func realPath(_ path: [UInt8]) -> [UInt8]? {
  withCPath(path) { path in
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return Array(UnsafeBufferPointer(start: resolved, count: strlen(resolved)).map { UInt8(bitPattern: $0) })
  }
}
