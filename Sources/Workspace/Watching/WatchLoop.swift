#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The watcher's thread: waits, gathers, delivers.
///
/// Used by one thread at a time: by the one that makes it, then by the one that calls `run`.
final class WatchLoop {
  private let root: FileURI
  private let rules: IgnoreRules
  private let options: WatchOptions
  private let mailbox: WatchMailbox
  private let continuation: AsyncStream<WatchEvent>.Continuation
  #if os(Linux)
    private var inotify = Inotify()
  #endif
  private var watchCount = 0
  private var poller = DirectoryPoller()
  private var batch = WatchBatch()
  private var nextPoll: Int64

  init(
    root: FileURI, directories: [FileURI], rules: IgnoreRules, options: WatchOptions, mailbox: WatchMailbox,
    continuation: AsyncStream<WatchEvent>.Continuation
  ) {
    self.root = root
    self.rules = rules
    self.options = options
    self.mailbox = mailbox
    self.continuation = continuation
    nextPoll = Self.now() + Int64(options.pollMilliseconds)
    for directory in directories { watch(directory) }
  }

  /// Runs until told to stop.
  func run() {
    while true {
      wait()
      for order in mailbox.receive() {
        switch order {
        case .stop:
          continuation.finish()
          return
        case .directories(let directories): replaceDirectories(directories)
        }
      }
      #if os(Linux)
        readInotify()
      #endif
      if !poller.isEmpty, Self.now() >= nextPoll {
        poll()
        nextPoll = Self.now() + Int64(options.pollMilliseconds)
      }
      deliver()
    }
  }

  /// Sleeps until something can be read or a deadline passes; forever when there is neither.
  private func wait() {
    var deadline = batch.deadline(options)
    if !poller.isEmpty { deadline = min(deadline ?? .max, nextPoll) }
    let timeout = deadline.map { Int32(clamping: max(0, $0 - Self.now())) } ?? -1
    var descriptors = [pollfd(fd: mailbox.readEnd, events: Int16(POLLIN), revents: 0)]
    #if os(Linux)
      if let descriptor = inotify?.descriptor {
        descriptors.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
      }
    #endif
    _ = systemPoll(&descriptors, timeout)
  }

  private func watch(_ directory: FileURI) {
    #if os(Linux)
      if inotify != nil, watchCount < options.maximumWatches {
        do throws(Inotify.AddFailure) {
          try inotify?.add(directory)
          watchCount += 1
          return
        } catch {
          if error == .unavailable { return }
        }
      }
    #endif
    if poller.isEmpty { nextPoll = Self.now() + Int64(options.pollMilliseconds) }
    poller.add(directory)
  }

  private func unwatch(_ directory: FileURI) {
    #if os(Linux)
      inotify?.remove(directory)
    #endif
    poller.remove(directory)
  }

  private func replaceDirectories(_ directories: [FileURI]) {
    let wanted = Set(directories)
    var present = Set(poller.directories)
    #if os(Linux)
      if let watched = inotify?.watched { present.formUnion(watched) }
    #endif
    for directory in present.subtracting(wanted) { unwatch(directory) }
    watchCount = present.intersection(wanted).count
    for directory in directories where !present.contains(directory) { watch(directory) }
  }

  #if os(Linux)
    private func readInotify() {
      while let events = inotify?.read(), !events.isEmpty {
        for event in events { take(event) }
        // A storm must not keep a full batch from being delivered.
        if let deadline = batch.deadline(options), deadline <= Self.now() { return }
      }
    }

    private func take(_ event: Inotify.Event) {
      if event.isOverflow {
        batch.rescan(at: Self.now())
        return
      }
      guard let directory = event.directory else { return }
      if event.isEnd || event.isGone {
        // The parent reports the removal; of the root there is no parent.
        if directory == root { batch.rescan(at: Self.now()) }
        return
      }
      guard !event.name.isEmpty else { return }
      let path = directory.appending(name: event.name[...])
      if !event.isDirectory {
        fileChanged(path)
      } else if event.isArrival {
        directoryAppeared(path)
      } else if event.isDeparture {
        directoryLost(path)
      }
    }
  #endif

  private func poll() {
    let found = poller.poll()
    for file in found.files { fileChanged(file) }
    for directory in found.lostDirectories { directoryLost(directory) }
    for directory in found.newDirectories { directoryAppeared(directory) }
  }

  private func fileChanged(_ file: FileURI) {
    if IgnoreRules.isIgnoreFile(path: file.path) {
      rules.invalidate()
      batch.rescan(at: Self.now())
      return
    }
    guard let relative = file.relativeBytes(in: root) else { return }
    if rules.skipReason(relativeBytes: relative, isDirectory: false) == nil { batch.add(file, at: Self.now()) }
  }

  /// What lay in the directory is not known here, so everything has to be looked at.
  private func directoryLost(_ directory: FileURI) {
    guard isWanted(directory) else { return }
    batch.rescan(at: Self.now())
  }

  /// Watches a directory and all below it, and reports their files: some were there before the watch was.
  private func directoryAppeared(_ directory: FileURI) {
    var pending = [directory]
    while let next = pending.popLast() {
      guard isWanted(next) else { continue }
      watch(next)
      guard let look = DirectoryPoller.look(next) else { continue }
      for (entry, look) in look {
        if look.isDirectory { pending.append(entry) } else { fileChanged(entry) }
      }
    }
  }

  private func isWanted(_ directory: FileURI) -> Bool {
    guard let relative = directory.relativeBytes(in: root) else { return false }
    return rules.skipReason(relativeBytes: relative, isDirectory: true) == nil
  }

  private func deliver() {
    guard let deadline = batch.deadline(options), deadline <= Self.now() else { return }
    let event = batch.take()
    if case .dropped = continuation.yield(event) { batch.rescan(at: Self.now()) }
  }

  /// Milliseconds of a clock that never goes back.
  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

/// Changes gathered for one delivery. Times are milliseconds of any one clock.
struct WatchBatch: Sendable {
  private var files: Set<FileURI> = []
  private var ordered: [FileURI] = []
  private var needsRescan = false
  private var first: Int64?
  private var last: Int64 = 0

  /// More files than this are not worth listing.
  static let limit = 10_000

  mutating func add(_ file: FileURI, at time: Int64) {
    note(time)
    guard !needsRescan, files.insert(file).inserted else { return }
    ordered.append(file)
    if ordered.count > Self.limit { rescan(at: time) }
  }

  mutating func rescan(at time: Int64) {
    note(time)
    needsRescan = true
    files = []
    ordered = []
  }

  /// When to deliver; nil if there is nothing.
  func deadline(_ options: WatchOptions) -> Int64? {
    first.map { min(last + Int64(options.quietMilliseconds), $0 + Int64(options.maximumDelayMilliseconds)) }
  }

  /// The event to deliver; empties the batch.
  mutating func take() -> WatchEvent {
    defer { self = WatchBatch() }
    return needsRescan ? .rescan : .changed(ordered)
  }

  private mutating func note(_ time: Int64) {
    first = first ?? time
    last = time
  }
}

/// `poll(2)` under a name that a method `poll` does not hide.
private func systemPoll(_ descriptors: inout [pollfd], _ timeout: Int32) -> Int32 {
  poll(&descriptors, nfds_t(descriptors.count), timeout)
}
