internal import Workspace

/// Tells a follower when the writer may have stored something or may be gone.
///
/// The system tells where it can; elsewhere, and in case that something is missed, a clock does. So an idle follower
/// costs next to nothing, and yet takes over at once.
public struct WriterWatch: Sendable {
  private let watcher: FileWatcher?
  private let interval: Duration

  /// Watches the folder of an index, which must exist; the watch ends when the value goes away.
  public init(of index: WorkspaceIndex) {
    let folder = FileURI(path: index.directory)
    watcher = try? FileWatcher(root: folder, directories: [folder], rules: IgnoreRules(root: folder)) { path in
      // The file that readers share changes with every reader.
      path == WriterLease.name || path.hasSuffix("-wal")
    }
    #if os(Linux)
      // What is polled misses the end of a process, which changes no file.
      interval = watcher?.polledDirectoryCount == 0 ? .seconds(5) : .milliseconds(500)
    #else
      interval = .milliseconds(500)
    #endif
  }

  /// Calls `look` whenever there may be something to see, until it answers false or the task is cancelled.
  public func run(_ look: @escaping @Sendable () async -> Bool) async {
    let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [watcher] in
        guard let watcher else { return }
        for await _ in watcher.events { signal.yield() }
      }
      group.addTask { [interval] in
        while (try? await Task.sleep(for: interval)) != nil { signal.yield() }
        signal.finish()
      }
      for await _ in signals where await !look() { break }
      group.cancelAll()
      watcher?.stop()
    }
  }
}
