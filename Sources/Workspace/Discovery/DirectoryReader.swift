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

/// An open directory whose entries were listed at once.
struct DirectoryListing: ~Copyable {
  private let stream: OpaquePointer
  /// Names one after the other, each with a final NUL.
  private(set) var names: [UInt8] = []
  /// Start of each name in `names`, and its kind.
  private(set) var entries: [(start: Int, length: Int, kind: FileKind)] = []
  /// Whether reading stopped early with an error.
  private(set) var isIncomplete = false

  /// Lists the directory at an absolute path; nil if it cannot be opened or is a symbolic link.
  init?(_ path: [UInt8]) {
    let descriptor = openNoFollow(path, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { return nil }
    guard let stream = fdopendir(descriptor) else {
      close(descriptor)
      return nil
    }
    #if canImport(Darwin)
      self.stream = OpaquePointer(stream)
    #else
      self.stream = stream
    #endif
    readAll()
  }

  deinit {
    #if canImport(Darwin)
      closedir(UnsafeMutablePointer<DIR>(stream))
    #else
      closedir(stream)
    #endif
  }

  /// The name of an entry, without the final NUL.
  func name(_ index: Int) -> ArraySlice<UInt8> {
    names[entries[index].start..<(entries[index].start + entries[index].length)]
  }

  /// The status of an entry, links not followed; nil if it is gone.
  func status(_ index: Int) -> stat? {
    var status = stat()
    let start = entries[index].start
    let result = names.withUnsafeBytes { names -> Int32 in
      guard let base = names.baseAddress else { return -1 }
      return fstatat(descriptor, (base + start).assumingMemoryBound(to: CChar.self), &status, AT_SYMLINK_NOFOLLOW)
    }
    return result == 0 ? status : nil
  }

  private var descriptor: Int32 {
    #if canImport(Darwin)
      dirfd(UnsafeMutablePointer<DIR>(stream))
    #else
      dirfd(stream)
    #endif
  }

  private mutating func readAll() {
    guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return }
    var unknown: [Int] = []
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
        unknown.append(entries.count)
      default: kind = .special
      }
      entries.append((names.count, length, kind))
      names.append(contentsOf: UnsafeBufferPointer(start: name, count: length + 1))
    }
    // Some file systems do not tell the type in the listing.
    for index in unknown {
      if let status = status(index) { entries[index].kind = FileKind(mode: status.st_mode) }
    }
  }
}
