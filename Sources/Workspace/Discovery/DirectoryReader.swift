#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What kind of thing a directory entry is.
enum FileKind: UInt8, Sendable {
  case file
  case directory
  case symlink
  case special
}

/// The kind of the file at an absolute path, links not followed; nil if there is none.
func kindOfFile(_ path: [UInt8]) -> FileKind? {
  var status = stat()
  guard withCPath(path, { lstat($0, &status) }) == 0 else { return nil }
  return FileKind(mode: status.st_mode)
}

extension FileKind {
  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .symlink
    default: self = .special
    }
  }
}

/// Lists directories, one after the other, into memory that is used again for the next.
///
/// Used by one thread at a time.
final class DirectoryReader {
  /// An entry of the directory that was listed last.
  struct Entry {
    /// Where the name starts in `names`.
    var start: Int
    /// Bytes of the name.
    var length: Int
    var kind: FileKind
    /// The number that the listing gives for the file.
    var inode: UInt64
  }

  /// More entries than this are put in the order of their numbers.
  private static let manyEntries = 256

  private var stream: OpaquePointer?
  /// Names one after the other, each with a final NUL.
  private(set) var names: [UInt8] = []
  /// The entries in no order, without `.` and `..`.
  private(set) var entries: [Entry] = []
  /// Whether reading stopped early with an error.
  private(set) var isIncomplete = false

  init() {}

  deinit { close() }

  /// Lists the directory at an absolute path; false if it cannot be opened or is a symbolic link.
  ///
  /// The directory stays open for `status` until the next one is listed.
  func open(_ path: [UInt8]) -> Bool {
    close()
    names.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    isIncomplete = false
    let descriptor = openNoFollow(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    guard let opened = fdopendir(descriptor) else {
      closeDescriptor(descriptor)
      return false
    }
    #if canImport(Darwin)
      stream = OpaquePointer(opened)
    #else
      stream = opened
    #endif
    readAll()
    return true
  }

  /// Lets go of the directory; the listing stays.
  func close() {
    guard let stream else { return }
    #if canImport(Darwin)
      closedir(UnsafeMutablePointer<DIR>(stream))
    #else
      closedir(stream)
    #endif
    self.stream = nil
  }

  /// The name of an entry, without the final NUL.
  func name(_ index: Int) -> ArraySlice<UInt8> {
    names[entries[index].start..<(entries[index].start + entries[index].length)]
  }

  /// Whether an entry has that name.
  func has(_ name: StaticString, at index: Int) -> Bool {
    let entry = entries[index]
    guard entry.length == name.utf8CodeUnitCount else { return false }
    return names.withUnsafeBytes { names in
      // A name is never empty, so the buffer has a base address.
      names.baseAddress.map { memcmp($0 + entry.start, name.utf8Start, entry.length) == 0 } ?? false
    }
  }

  /// The status of an entry, links not followed; nil if it is gone.
  func status(_ index: Int) -> stat? {
    guard let descriptor else { return nil }
    var status = stat()
    let start = entries[index].start
    let result = names.withUnsafeBytes { names -> Int32 in
      guard let base = names.baseAddress else { return -1 }
      return fstatat(descriptor, (base + start).assumingMemoryBound(to: CChar.self), &status, AT_SYMLINK_NOFOLLOW)
    }
    return result == 0 ? status : nil
  }

  private var descriptor: Int32? {
    guard let stream else { return nil }
    #if canImport(Darwin)
      return dirfd(UnsafeMutablePointer<DIR>(stream))
    #else
      return dirfd(stream)
    #endif
  }

  private func readAll() {
    guard let stream, let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return }
    var hasUnknown = false
    while true {
      errno = 0
      #if canImport(Darwin)
        let next = readdir(UnsafeMutablePointer<DIR>(stream))
      #else
        let next = readdir(stream)
      #endif
      guard let next else {
        isIncomplete = errno != 0
        break
      }
      // The entry may be shorter than `dirent`: only its header and the name up to the NUL are there to be read.
      let pointer = UnsafeRawPointer(next) + nameOffset
      let name = pointer.assumingMemoryBound(to: UInt8.self)
      let length = strlen(pointer.assumingMemoryBound(to: CChar.self))
      if name[0] == 0x2E, length == 1 || (length == 2 && name[1] == 0x2E) { continue }
      let kind: FileKind
      switch Int32(next.pointee.d_type) {
      case Int32(DT_REG): kind = .file
      case Int32(DT_DIR): kind = .directory
      case Int32(DT_LNK): kind = .symlink
      case Int32(DT_UNKNOWN):
        kind = .special
        hasUnknown = true
      default: kind = .special
      }
      let inode = UInt64(next.pointee.d_ino)
      entries.append(Entry(start: names.count, length: length, kind: kind, inode: inode))
      names.append(contentsOf: UnsafeBufferPointer(start: name, count: length + 1))
    }
    // Taking the status of many files in the order of their numbers reads a disk in its own order.
    if entries.count > Self.manyEntries { entries.sort { $0.inode < $1.inode } }
    guard hasUnknown else { return }
    // Some file systems do not tell the type in the listing.
    for index in entries.indices where entries[index].kind == .special {
      if let status = status(index) { entries[index].kind = FileKind(mode: status.st_mode) }
    }
  }
}

/// `close(2)` under a name that a method `close` does not hide.
private func closeDescriptor(_ descriptor: Int32) {
  close(descriptor)
}
