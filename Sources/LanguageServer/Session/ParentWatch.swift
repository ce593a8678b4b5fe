#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Notices the death of the process that started the server.
///
/// End of input normally says so first; this is for a parent whose descriptors were inherited by another process.
enum ParentWatch {
  /// Waits until the process is gone; answers false when there is nothing to watch or the task is cancelled.
  ///
  /// The client may run in another PID namespace (a container). There its number names no process here, or a stranger:
  /// a process that was never seen must not end us.
  static func waitForEnd(of processID: Int, interval: Duration) async -> Bool {
    // 0 and negative numbers mean groups of processes to kill(2).
    guard processID > 0, let pid = pid_t(exactly: processID), isAlive(pid) else { return false }
    while isAlive(pid) {
      do {
        try await Task.sleep(for: interval)
      } catch {
        return false
      }
    }
    return true
  }

  private static func isAlive(_ pid: pid_t) -> Bool {
    kill(pid, 0) == 0 || errno == EPERM
  }
}
