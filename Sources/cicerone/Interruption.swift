import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ctrl-C: the task under way is cancelled, so that connections close; a second one ends the process at once.
enum Interruption {
  /// How long a cancelled task may take to end. Some waits cannot be cancelled, such as that for a line of input; the
  /// index and the ledger are safe against the end of the process at any moment.
  private static let grace = DispatchTimeInterval.milliseconds(500)
  private static let state = Mutex<(task: (@Sendable () -> Void)?, count: Int)>((nil, 0))

  /// Ignores SIGPIPE, and takes SIGINT and SIGTERM.
  static func install() {
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
          state.count += 1
          return state.count == 1 ? state.task : nil
        }
        guard let cancel else { _exit(130) }
        cancel()
        DispatchQueue.global().asyncAfter(deadline: .now() + grace) { _exit(130) }
      }
      source.resume()
      // The source lives as long as the process.
      _ = Unmanaged.passRetained(source as AnyObject)
    }
  }

  /// Runs `body` so that an interruption cancels it.
  ///
  /// - Throws: what `body` throws; a `CommandFailure` with exit code 130 when it was interrupted.
  static func cancellable<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws
    -> Result
  {
    let task = Task { try await body() }
    state.withLock { $0.task = { task.cancel() } }
    defer { state.withLock { $0.task = nil } }
    do {
      return try await task.value
    } catch {
      if task.isCancelled { throw CommandFailure("interrupted", exitCode: 130) }
      throw error
    }
  }
}
