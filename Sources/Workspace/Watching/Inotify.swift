#if os(Linux)
  import Glibc

  /// The kernel's change notifications, one watch a directory.
  struct Inotify: ~Copyable {
    /// One notification.
    struct Event {
      var mask: UInt32
      /// The watched directory; nil for an overflow of the queue.
      var directory: FileURI?
      /// The entry's name; empty if the directory itself is meant.
      var name: [UInt8]

      var isOverflow: Bool { mask & UInt32(IN_Q_OVERFLOW) != 0 }
      var isDirectory: Bool { mask & directoryBit != 0 }
      /// The watch ended, by removal or unmounting.
      var isEnd: Bool { mask & (UInt32(IN_IGNORED) | UInt32(IN_UNMOUNT)) != 0 }
      var isGone: Bool { mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF) != 0 }
      var isArrival: Bool { mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0 }
      var isDeparture: Bool { mask & UInt32(IN_DELETE | IN_MOVED_FROM) != 0 }
    }

    /// Why a directory is not watched.
    enum AddFailure: Error {
      /// The user's or the system's limit is reached: poll instead.
      case exhausted
      /// The directory is gone or closed to us.
      case unavailable
    }

    private static let interest = UInt32(
      IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVED_FROM | IN_MOVED_TO
        | IN_MOVE_SELF)

    let descriptor: Int32
    private var directories: [Int32: FileURI] = [:]
    private var watches: [FileURI: Int32] = [:]

    /// Nil if the system has no instance left.
    init?() {
      descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
      if descriptor < 0 { return nil }
    }

    deinit {
      close(descriptor)
    }

    var watched: Set<FileURI> { Set(watches.keys) }

    var count: Int { watches.count }

    func isWatching(_ directory: FileURI) -> Bool { watches[directory] != nil }

    /// Watches a directory. One that is watched already is looked up anew: another may have taken its place.
    mutating func add(_ directory: FileURI) throws(AddFailure) {
      let flags = Self.interest | UInt32(IN_ONLYDIR) | UInt32(IN_DONT_FOLLOW)
      let watch = withCPath(directory.pathBytes) { inotify_add_watch(descriptor, $0, flags) }
      if watch < 0 {
        throw errno == ENOSPC || errno == ENOMEM ? .exhausted : .unavailable
      }
      if let replaced = watches[directory], replaced != watch {
        directories[replaced] = nil
        inotify_rm_watch(descriptor, replaced)
      }
      // A directory that was renamed keeps its watch, which is then the new path's.
      if let former = directories[watch], former != directory { watches[former] = nil }
      directories[watch] = directory
      watches[directory] = watch
    }

    mutating func remove(_ directory: FileURI) {
      guard let watch = watches.removeValue(forKey: directory) else { return }
      directories[watch] = nil
      inotify_rm_watch(descriptor, watch)
    }

    /// Reads what has come in; empty when nothing is left.
    mutating func read() -> [Event] {
      var events: [Event] = []
      let headerSize = MemoryLayout<inotify_event>.size
      withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { buffer in
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        var offset = 0
        while count > 0, offset + headerSize <= count {
          let header = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
          let name = buffer[(offset + headerSize)..<(offset + headerSize + Int(header.len))].prefix { $0 != 0 }
          events.append(Event(mask: header.mask, directory: directories[header.wd], name: Array(name)))
          if header.mask & UInt32(IN_IGNORED) != 0, let directory = directories.removeValue(forKey: header.wd) {
            if watches[directory] == header.wd { watches[directory] = nil }
          }
          offset += headerSize + Int(header.len)
        }
      }
      return events
    }
  }

  /// `IN_ISDIR`, which is imported with a sign in some versions of the C library.
  private let directoryBit: UInt32 = 0x4000_0000
#endif
