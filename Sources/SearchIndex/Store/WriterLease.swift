#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The right to write an index, held by one process at a time.
///
/// It is an advisory lock on a file beside the database, which the system releases when the process ends, however it
/// ends: no lease can be stale. The holder also has the file open for writing, and no one else has: who watches the
/// folder is told by the system when that descriptor is closed, and need not try again and again.
final class WriterLease: Sendable {
  private let descriptor: CInt
  /// Open for writing; closed after the lock is released.
  private let beacon: CInt

  /// The name of the lock file in the folder of an index.
  static let name = "writer.lock"

  /// Takes the lease, or returns nil if someone else has it.
  ///
  /// - Throws: `IndexStoreError.io` when the lock file cannot be opened.
  static func acquire(path: String) throws(IndexStoreError) -> WriterLease? {
    // Some network file systems lock only what is open for writing.
    for flags in [O_RDONLY, O_RDWR] {
      let descriptor = open(path, flags | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw IndexStoreError.io("cannot open \(path): \(String(cString: strerror(errno)))")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        return WriterLease(descriptor: descriptor, beacon: open(path, O_WRONLY | O_CLOEXEC))
      }
      let code = errno
      close(descriptor)
      if code != EBADF { return nil }
    }
    return nil
  }

  private init(descriptor: CInt, beacon: CInt) {
    self.descriptor = descriptor
    self.beacon = beacon
  }

  deinit {
    close(descriptor)
    if beacon >= 0 { close(beacon) }
  }
}
