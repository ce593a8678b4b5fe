import Foundation

/// The writing end of a process's standard input. Writing happens on a queue of its own, in order: it blocks while the
/// process is behind.
final class ChildInput: Sendable {
  private let descriptor: CInt
  private let queue = DispatchQueue(label: "child's input")

  init(descriptor: CInt) { self.descriptor = descriptor }

  func send(_ bytes: [UInt8]) {
    queue.async { [self] in
      // The signal stays pending on a thread that blocks it, and nothing else notices.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGPIPE)
      pthread_sigmask(SIG_BLOCK, &signals, nil)
      var offset = 0
      while offset < bytes.count {
        let count = bytes[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return }
        offset += count
      }
    }
  }

  /// Ends the input, behind everything that was sent. The descriptor then names the null device until the value goes
  /// away: a number that was given back could be another's when it is closed a second time.
  func close() {
    queue.async { [self] in
      let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
      if null >= 0 {
        dup2(null, descriptor)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        Foundation.close(null)
      }
    }
  }

  deinit { Foundation.close(descriptor) }
}
