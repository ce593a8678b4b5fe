/// What a watcher reports.
public enum WatchEvent: Sendable, Hashable {
  /// These files were written, made, renamed or removed since the last event; each once. Look at the disk for what is
  /// true now: a path may be gone again.
  case changed([FileURI])
  /// Changes were lost, an ignore file changed, or a directory disappeared: walk through the workspace anew.
  case rescan
}

/// How a watcher waits and polls.
public struct WatchOptions: Sendable {
  /// Milliseconds without a further change after which a batch is delivered.
  public var quietMilliseconds = 50
  /// Milliseconds after its first change at which a batch is delivered however busy it is.
  public var maximumDelayMilliseconds = 250
  /// Milliseconds between two looks at directories that the system cannot watch.
  public var pollMilliseconds = 2000
  /// Directories handed to the system at most; the rest is polled.
  public var maximumWatches = 65_536

  /// The defaults.
  public init() {}
}
