internal import CProcess
internal import Dispatch
internal import Synchronization

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
  ///
  /// - Parameter interval: how often to look where the system does not tell.
  static func waitForEnd(of processID: Int, interval: Duration) async -> Bool {
    // 0 and negative numbers mean groups of processes to kill(2).
    guard processID > 0, let pid = pid_t(exactly: processID), isAlive(pid) else { return false }
    let descriptor = cprocess_open(pid)
    if descriptor >= 0 { return await becomesReadable(descriptor) }
    while isAlive(pid) {
      do {
        try await Task.sleep(for: interval)
      } catch {
        return false
      }
    }
    return true
  }

  /// Waits until a descriptor, which it closes, is readable; false when the task is cancelled before.
  private static func becomesReadable(_ descriptor: CInt) async -> Bool {
    let watched = Watched(source: DispatchSource.makeReadSource(fileDescriptor: descriptor))
    let waiting = Mutex<CheckedContinuation<Bool, Never>?>(nil)
    @Sendable func finish(_ hasEnded: Bool) {
      waiting.withLock { $0.take() }?.resume(returning: hasEnded)
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        waiting.withLock { $0 = continuation }
        watched.source.setEventHandler {
          finish(true)
          watched.source.cancel()
        }
        watched.source.setCancelHandler {
          close(descriptor)
          finish(false)
        }
        watched.source.activate()
      }
    } onCancel: {
      watched.source.cancel()
    }
  }

  /// `@unchecked Sendable`: Dispatch objects may be used from any thread; the handlers are set before `activate`, once,
  /// and afterwards only `cancel` is called, which may be called at any time and more than once.
  private struct Watched: @unchecked Sendable {
    let source: any DispatchSourceRead
  }

  private static func isAlive(_ pid: pid_t) -> Bool {
    kill(pid, 0) == 0 || errno == EPERM
  }
}
