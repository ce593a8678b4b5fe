#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The right to write an index, held by one process at a time.
///
/// It is an advisory lock on a file beside the database, which the system releases when the process ends, however it
/// ends: no lease can be stale.
final class WriterLease: Sendable {
  private let descriptor: CInt

  /// Takes the lease, or returns nil if someone else has it.
  ///
  /// - Throws: `IndexStoreError.io` when the lock file cannot be opened.
  static func acquire(path: String) throws(IndexStoreError) -> WriterLease? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw IndexStoreError.io("cannot open \(path): \(String(cString: strerror(errno)))")
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return WriterLease(descriptor: descriptor) }
    close(descriptor)
    return nil
  }

  private init(descriptor: CInt) { self.descriptor = descriptor }

  deinit { close(descriptor) }
}
