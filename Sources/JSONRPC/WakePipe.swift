#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ends the waiting of a thread that polls a descriptor.
final class WakePipe: Sendable {
  private let readEnd: CInt
  private let writeEnd: CInt

  init() {
    var ends: [CInt] = [-1, -1]
    _ = pipe(&ends)
    readEnd = ends[0]
    writeEnd = ends[1]
    for end in ends where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  deinit {
    for end in [readEnd, writeEnd] where end >= 0 { _ = close(end) }
  }

  /// Makes this and every later `wait` answer false.
  func wake() {
    var byte: UInt8 = 0
    _ = write(writeEnd, &byte, 1)
  }

  /// Waits until `descriptor` is ready for `events` (POLLIN or POLLOUT), or broken; false when woken.
  func wait(for descriptor: CInt, events: CInt) -> Bool {
    var polled = [
      pollfd(fd: descriptor, events: Int16(events), revents: 0),
      pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let count = poll(&polled, 2, -1)
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return false
      }
      if polled[1].revents != 0 { return false }
      if polled[0].revents != 0 { return true }
    }
  }
}
