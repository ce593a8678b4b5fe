import Synchronization

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
  private let isKnown: @Sendable (String) -> Bool
  private let mailbox: WatchMailbox
  private let continuation: AsyncStream<WatchEvent>.Continuation
  #if os(Linux)
    private var inotify = Inotify()
  #endif
  private var poller = DirectoryPoller()
  private var batch = WatchBatch()
  private var nextPoll: Int64
  /// The walk that was the newest when a directory came to be watched.
  private var marks: [FileURI: Int] = [:]
  /// Flushes that are still to be answered.
  private var flushes: [Int] = []
  /// Where the folder's repository keeps its index and its excludes, both of which decide which files are found.
  private var gitDirectory: FileURI?

  init(
    root: FileURI, directories: [FileURI], optional: [FileURI], rules: IgnoreRules, options: WatchOptions,
    isKnown: @escaping @Sendable (String) -> Bool, mailbox: WatchMailbox,
    continuation: AsyncStream<WatchEvent>.Continuation
  ) {
    self.root = root
    self.rules = rules
    self.options = options
    self.isKnown = isKnown
    self.mailbox = mailbox
    self.continuation = continuation
    nextPoll = Self.now() + Int64(options.pollMilliseconds)
    for directory in directories { watch(directory) }
    for directory in optional { watch(directory, polls: false) }
    watchRepository()
    notePolling()
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
        case .directories(let directories, let optional, let mark):
          replaceDirectories(directories, optional: optional, mark: mark)
        case .flush(let number): flushes.append(number)
        }
      }
      #if os(Linux)
        readInotify()
      #endif
      if !poller.isEmpty, !flushes.isEmpty || Self.now() >= nextPoll { poll() }
      deliver()
      notePolling()
    }
  }

  /// Sleeps until something can be read or a deadline passes; forever when there is neither.
  private func wait() {
    var deadline = batch.deadline(options)
    if !poller.isEmpty { deadline = min(deadline ?? .max, nextPoll) }
    // The consumer is behind: its stream takes nothing now.
    if !flushes.isEmpty { deadline = Self.now() + 5 }
    let timeout = deadline.map { Int32(clamping: max(0, $0 - Self.now())) } ?? -1
    var descriptors = [pollfd(fd: mailbox.readEnd, events: Int16(POLLIN), revents: 0)]
    #if os(Linux)
      if let descriptor = inotify?.descriptor {
        descriptors.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
      }
    #endif
    _ = systemPoll(&descriptors, timeout)
  }

  /// Watches a directory, or polls it where the system allows no further watch. Answers whether it is new.
  @discardableResult
  private func watch(_ directory: FileURI, polls: Bool = true) -> Bool {
    #if os(Linux)
      if let watching = inotify?.isWatching(directory), watching || (inotify?.count ?? 0) < options.maximumWatches {
        do throws(Inotify.AddFailure) {
          try inotify?.add(directory)
          if !watching { marks[directory] = mailbox.walk.load(ordering: .sequentiallyConsistent) }
          poller.remove(directory)
          return !watching
        } catch {
          if error == .unavailable { return false }
        }
      }
    #endif
    guard polls, !poller.directories.contains(directory) else { return false }
    if poller.isEmpty { nextPoll = Self.now() + Int64(options.pollMilliseconds) }
    poller.add(directory)
    marks[directory] = mailbox.walk.load(ordering: .sequentiallyConsistent)
    return true
  }

  /// Watches the repository that the folder lies in, if it lies in one. Nothing in there is reported as such.
  private func watchRepository() {
    gitDirectory = GitRepository.directory(around: root.pathBytes).map { FileURI(pathBytes: $0) }
    guard let gitDirectory else { return }
    for directory in [gitDirectory, gitDirectory.appending("info")] {
      watch(directory, polls: false)
      marks[directory] = .max
    }
  }

  private func unwatch(_ directory: FileURI) {
    #if os(Linux)
      inotify?.remove(directory)
    #endif
    poller.remove(directory)
    marks[directory] = nil
  }

  private var watched: Set<FileURI> {
    var watched = Set(poller.directories)
    #if os(Linux)
      if let kernel = inotify?.watched { watched.formUnion(kernel) }
    #endif
    return watched
  }

  private func replaceDirectories(_ directories: [FileURI], optional: [FileURI], mark: Int) {
    let wanted = Set(directories).union(optional)
    for directory in watched.subtracting(wanted) where marks[directory, default: 0] < min(mark, .max - 1) {
      unwatch(directory)
    }
    var hasNew = false
    for directory in directories where watch(directory) { hasNew = true }
    for directory in optional where watch(directory, polls: false) { hasNew = true }
    // What changed in it between the walk and now was not watched: look once more.
    if hasNew { batch.rescan(at: Self.now()) }
    if watched.count < marks.count { marks = marks.filter { [watched] in watched.contains($0.key) } }
  }

  private func notePolling() { mailbox.polled.store(poller.directories.count, ordering: .relaxed) }

  #if os(Linux)
    private func readInotify() {
      while let events = inotify?.read(), !events.isEmpty {
        for event in events { take(event) }
        // A storm must not keep a full batch from being delivered.
        if flushes.isEmpty, let deadline = batch.deadline(options), deadline <= Self.now() { return }
      }
    }

    private func take(_ event: Inotify.Event) {
      if event.isOverflow {
        // An ignore file may be among what was lost.
        rules.invalidate()
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
      if let gitDirectory, directory == gitDirectory || directory == gitDirectory.appending("info") {
        // Files that the repository tracks are found in spite of its rules.
        if event.name.elementsEqual("index".utf8) || event.name.elementsEqual("exclude".utf8) { rulesChanged() }
        return
      }
      let path = directory.appending(name: event.name[...])
      if event.isArrival || event.isDeparture, event.name.elementsEqual(".git".utf8) {
        rulesChanged()
        watchRepository()
      } else if !event.isDirectory {
        fileChanged(path)
      } else if event.isArrival {
        directoryAppeared(path)
      } else if event.isDeparture {
        directoryLost(path)
      }
    }
  #endif

  private func poll() {
    let start = Self.now()
    let found = poller.poll()
    for file in found.files { fileChanged(file) }
    for directory in found.lostDirectories { directoryLost(directory) }
    for directory in found.newDirectories { directoryAppeared(directory) }
    let end = Self.now()
    nextPoll = end + max(Int64(options.pollMilliseconds), 20 * (end - start))
  }

  private func rulesChanged() {
    rules.invalidate()
    batch.rescan(at: Self.now())
  }

  private func fileChanged(_ file: FileURI) {
    guard let relative = file.relativeBytes(in: root) else { return }
    let path = PathText.string(relative)
    if IgnoreRules.isIgnoreFile(path: path) {
      rulesChanged()
    } else if rules.skipReason(relativeBytes: relative, isDirectory: false) == nil || isKnown(path) {
      batch.add(file, at: Self.now())
    }
  }

  /// Reports a directory that is gone from its place; whoever knows what lay in it looks at that.
  private func directoryLost(_ directory: FileURI) {
    let wasWatched = marks.removeValue(forKey: directory) != nil
    // The kernel has let go of one that was deleted. One that was moved is still watched, with all below it, under
    // paths that are no longer theirs.
    if isWatching(directory) {
      let prefix = directory.pathBytes + [0x2F]
      // Its ignore files went with it, and nothing tells of them.
      rules.forget(below: directory)
      unwatch(directory)
      for below in watched where below.pathBytes.starts(with: prefix) { unwatch(below) }
    }
    if wasWatched || isWanted(directory) { batch.add(directory, at: Self.now()) }
  }

  private func isWatching(_ directory: FileURI) -> Bool {
    #if os(Linux)
      if inotify?.isWatching(directory) == true { return true }
    #endif
    return !poller.isEmpty
  }

  /// Watches a directory and all below it, and reports their files: some were there before the watch was.
  private func directoryAppeared(_ directory: FileURI) {
    var pending = [directory]
    while let next = pending.popLast() {
      guard isWanted(next) || isKnown((next.relativePath(in: root) ?? "") + "/") else { continue }
      watch(next)
      guard let look = DirectoryPoller.look(next) else { continue }
      for (entry, look) in look {
        if !look.isDirectory {
          fileChanged(entry)
        } else if entry.pathBytes.suffix(5).elementsEqual("/.git".utf8) {
          rulesChanged()
        } else {
          pending.append(entry)
        }
      }
    }
  }

  private func isWanted(_ directory: FileURI) -> Bool {
    guard let relative = directory.relativeBytes(in: root) else { return false }
    return rules.skipReason(relativeBytes: relative, isDirectory: true) == nil
  }

  private func deliver() {
    guard let deadline = batch.deadline(options), deadline <= Self.now() || !flushes.isEmpty else {
      answerFlushes()
      return
    }
    let event = batch.take()
    if case .dropped = continuation.yield(event) {
      batch.rescan(at: Self.now())
    } else {
      answerFlushes()
    }
  }

  private func answerFlushes() {
    while let number = flushes.first {
      if case .dropped = continuation.yield(.flushed(number)) { return }
      flushes.removeFirst()
    }
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
