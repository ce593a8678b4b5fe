import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Watches a workspace's directories and reports changed files in batches.
///
/// On Linux the kernel tells (inotify), so an idle workspace costs nothing; what the kernel's limits do not allow to
/// watch is polled, and on other systems everything is. All of it happens on one thread of the watcher's own.
///
/// Directories that appear are watched too if the rules allow them, and their files are reported; files and directories
/// that the rules leave out are not reported, save files that are known to be indexed nevertheless.
public final class FileWatcher: Sendable {
  /// Why a watcher cannot start.
  public enum Failure: Error, Hashable, Sendable {
    /// No pipe or thread could be made: the system's error number.
    case system(code: Int32)
  }

  /// What changed. One consumer; ends after `stop`. At most 64 events wait: a consumer that falls behind gets `rescan`
  /// in place of what it missed.
  public let events: AsyncStream<WatchEvent>

  private let mailbox: WatchMailbox
  private let thread: Mutex<pthread_t?>

  /// Starts to watch; every change after this returns is reported.
  ///
  /// - Parameters:
  ///   - root: the workspace folder.
  ///   - directories: what to watch, such as `DiscoveryResult.directories`.
  ///   - optional: what to watch as far as the system allows, and never to poll: `DiscoveryResult.emptyDirectories`.
  ///   - rules: which new directories to watch and which files to report.
  ///   - isKnown: whether a file that the rules leave out is reported nevertheless, by its relative path, or a folder
  ///     (with a final `/`) is watched; called on the watcher's thread.
  /// - Throws: `Failure.system`.
  public init(
    root: FileURI, directories: [FileURI], optional: [FileURI] = [], rules: IgnoreRules,
    options: WatchOptions = WatchOptions(), isKnown: @escaping @Sendable (String) -> Bool = { _ in false }
  ) throws(Failure) {
    var pipe: (Int32, Int32) = (-1, -1)
    let made = withUnsafeMutablePointer(to: &pipe) { pointer in
      pointer.withMemoryRebound(to: Int32.self, capacity: 2) { Self.makePipe($0) }
    }
    guard made == 0 else { throw .system(code: errno) }
    let mailbox = WatchMailbox(readEnd: pipe.0, writeEnd: pipe.1)
    let (events, continuation) = AsyncStream.makeStream(of: WatchEvent.self, bufferingPolicy: .bufferingOldest(64))
    self.events = events
    self.mailbox = mailbox
    continuation.onTermination = { [weak mailbox] _ in mailbox?.send(.stop) }
    // The first watches are set here and not on the thread, so that no change after `init` is missed.
    let loop = WatchLoop(
      root: root, directories: directories, optional: optional, rules: rules, options: options, isKnown: isKnown,
      mailbox: mailbox, continuation: continuation)
    var thread = pthread_t?.none
    let box = Unmanaged.passRetained(loop)
    let code = Self.start(&thread, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw .system(code: code)
    }
    self.thread = Mutex(thread)
  }

  deinit {
    stop()
  }

  /// A mark to take before a walk whose result is then given to `setDirectories`.
  public func beginWalk() -> Int { mailbox.walk.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }

  /// Watches these directories from now on: call after a rescan.
  ///
  /// - Parameters:
  ///   - optional: what to watch as far as the system allows, and never to poll.
  ///   - mark: what `beginWalk` gave. Directories that appeared after it stay watched, though the walk may have missed
  ///     them; without a mark none do.
  public func setDirectories(_ directories: [FileURI], optional: [FileURI] = [], since mark: Int = .max) {
    mailbox.send(.directories(directories, optional: optional, mark: mark))
  }

  /// Asks for the event `flushed` with the number that is returned, behind all that changed before.
  public func flush() -> Int {
    let number = mailbox.flushes.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    mailbox.send(.flush(number))
    return number
  }

  /// Directories that are polled because the system's limit of watches is reached, or because it has none.
  public var polledDirectoryCount: Int { mailbox.polled.load(ordering: .relaxed) }

  /// Ends the thread and the stream, and waits until the thread has ended. Further calls do nothing.
  public func stop() {
    mailbox.send(.stop)
    let thread = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let thread else { return }
    pthread_join(thread, nil)
  }

  private static func makePipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 {
    guard pipe(ends) == 0 else { return -1 }
    for index in 0..<2 {
      _ = fcntl(ends[index], F_SETFD, FD_CLOEXEC)
      _ = fcntl(ends[index], F_SETFL, O_NONBLOCK)
    }
    return 0
  }

  private static func start(_ thread: inout pthread_t?, _ argument: UnsafeMutableRawPointer) -> Int32 {
    #if canImport(Darwin)
      return pthread_create(&thread, nil, { FileWatcher.body($0) }, argument)
    #else
      var started = pthread_t()
      let code = pthread_create(&started, nil, { $0.flatMap { FileWatcher.body($0) } }, argument)
      thread = started
      return code
    #endif
  }

  private static func body(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<WatchLoop>.fromOpaque(argument).takeRetainedValue().run()
    return nil
  }
}

/// Orders to the watcher's thread, with a pipe that wakes it.
final class WatchMailbox: Sendable {
  enum Order: Sendable {
    case directories([FileURI], optional: [FileURI], mark: Int)
    case flush(Int)
    case stop
  }

  /// The mark of the newest walk.
  let walk = Atomic<Int>(0)
  /// The number of the newest flush.
  let flushes = Atomic<Int>(0)
  /// Directories that are polled.
  let polled = Atomic<Int>(0)

  let readEnd: Int32
  private let writeEnd: Int32
  private let orders = Mutex<[Order]>([])

  init(readEnd: Int32, writeEnd: Int32) {
    self.readEnd = readEnd
    self.writeEnd = writeEnd
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  func send(_ order: Order) {
    orders.withLock { $0.append(order) }
    var byte: UInt8 = 1
    // A full pipe wakes as well.
    _ = write(writeEnd, &byte, 1)
  }

  /// All orders since the last call; empties the pipe.
  func receive() -> [Order] {
    var buffer = [UInt8](repeating: 0, count: 64)
    while read(readEnd, &buffer, buffer.count) > 0 {}
    return orders.withLock { orders in
      defer { orders = [] }
      return orders
    }
  }
}
