/// What a watcher reports.
public enum WatchEvent: Sendable, Hashable {
  /// These files were written, made, renamed or removed since the last event, or these directories disappeared; each
  /// once. Look at the disk for what is true now: a path may be gone again, or be something else.
  case changed([FileURI])
  /// Changes were lost, or the rules changed: walk through the workspace anew.
  case rescan
  /// Everything that changed before `FileWatcher.flush` gave this number has been reported.
  case flushed(Int)
}

/// How a watcher waits and polls.
public struct WatchOptions: Sendable {
  /// Milliseconds without a further change after which a batch is delivered.
  public var quietMilliseconds = 20
  /// Milliseconds after its first change at which a batch is delivered however busy it is.
  public var maximumDelayMilliseconds = 200
  /// Milliseconds between two looks at directories that the system cannot watch; more where a look takes long, so that
  /// polling never takes more than a twentieth of one core.
  public var pollMilliseconds = 2000
  /// Directories handed to the system at most; the rest is polled.
  public var maximumWatches = 65_536

  /// The defaults.
  public init() {}
}
