internal import SearchIndex
internal import Synchronization
internal import Workspace

/// Keeps the index of one workspace folder up to date: opens it, fills it, follows the changes that are reported or
/// watched, and takes over when the process that wrote it has ended.
actor FolderIndexer {
  /// The index; its snapshot may be read at any time.
  nonisolated let index: WorkspaceIndex
  /// What embeds its passages by a remote embedder, where one is set.
  nonisolated let reembedder: Reembedder
  private let discovery: Discovery.Options
  private var watching: Watching
  private let report: @Sendable (IndexingProgress) -> Void
  private let onChange: @Sendable (_ rules: Bool) async -> Void
  private let stopped = Mutex(false)

  private let pending = PendingChanges()
  private var pendingRefresh = false
  private var pendingClear = false
  private var work: Task<Void, Never>?
  private var watcher: FileWatcher?
  private var watchTask: Task<Void, Never>?
  private var flushes: [(number: Int, continuation: CheckedContinuation<Void, Never>)] = []
  private var following: Task<Void, Never>?
  private var settling: Task<Void, Never>?
  private var failure: String?
  private var isOpen = false
  /// What the writer that is waited for had stored when that last changed.
  private var writerProgress = (stored: -1, since: ContinuousClock.now)
  /// How long a writer may store nothing during its first pass before waiting for it ends.
  private static let writerPatience = Duration.seconds(60)
  /// Whether the index was thrown away since it last worked.
  private var hasRebuilt = false

  /// Who looks for changes of files.
  enum Watching: Sendable {
    /// Nobody, as for a single command.
    case none
    /// This process.
    case own
    /// The client, which was asked to and said yes.
    case client
  }

  /// Makes an indexer; nothing happens before `start`.
  ///
  /// - Parameters:
  ///   - discovery: what decides which files are found; the same as the index has.
  ///   - watching: who looks for changes.
  ///   - report: called on any thread.
  ///   - onChange: called when something was indexed, with whether the rules may have changed too.
  ///   - onEmbedding: called on any thread when something about the vectors has changed that the user should see.
  init(
    index: WorkspaceIndex, discovery: Discovery.Options, watching: Watching,
    report: @escaping @Sendable (IndexingProgress) -> Void, onChange: @escaping @Sendable (_ rules: Bool) async -> Void,
    reembedding: ReembeddingOptions = ReembeddingOptions(), onEmbedding: @escaping @Sendable () -> Void = {}
  ) {
    self.index = index
    reembedder = Reembedder(index: index, options: reembedding, onChange: onEmbedding)
    self.discovery = discovery
    self.watching = watching
    self.report = report
    self.onChange = onChange
  }

  /// Starts to fill the index.
  func start() {
    pendingRefresh = true
    drain()
  }

  /// Indexes anew what may have changed: relative paths of files or folders.
  func changed(_ paths: [String]) {
    if paths.isEmpty { return }
    pending.add(paths)
    drain()
  }

  /// The same, and waits until these are indexed; not for anything else, such as the first pass over the folder.
  func settle(_ paths: [String]) async {
    // What others write cannot be hastened.
    guard isOpen, index.role == .writer, !stopped.withLock({ $0 }) else { return }
    let ticket = pending.add(paths)
    drain()
    await pending.wait(for: ticket)
  }

  /// Compares the whole folder with the index.
  func refresh() {
    pendingRefresh = true
    drain()
  }

  /// Throws the index away and fills it anew.
  func rebuild() {
    pendingClear = true
    pendingRefresh = true
    drain()
  }

  /// Waits until all that was asked for is done.
  func quiesce() async {
    while let work { await work.value }
  }

  /// Waits until everything that changed on disk before now is indexed, as far as this process watches it.
  func synchronize() async {
    if let watcher {
      let number = watcher.flush()
      await withCheckedContinuation { flushes.append((number, $0)) }
    }
    await quiesce()
    await lookAgain()
    await quiesce()
  }

  /// Leaves it to the client to tell of changes, or takes it back.
  func setWatching(_ watching: Watching) {
    guard watching != self.watching else { return }
    self.watching = watching
    if watching != .own { stopWatching() }
    // What changed in between was told by neither.
    refresh()
  }

  /// A sentence on what watching cannot do, if there is something to say.
  var watchNote: String? {
    #if os(Linux)
      guard let count = watcher?.polledDirectoryCount, count > 0 else { return nil }
      return "\(count) folders are looked at every few seconds instead of being watched: the system allows no more "
        + "watches (see fs.inotify.max_user_watches)."
    #else
      return nil
    #endif
  }

  /// Why the index cannot be used, if it cannot.
  var lastFailure: String? { failure }

  /// Whether nothing is waiting or being done.
  var isQuiescent: Bool { work == nil }

  /// What the index is doing.
  var state: IndexState {
    if failure != nil { return .failed }
    if work != nil { return .indexing }
    if isOpen, index.role == .follower { return .following }
    return index.isComplete ? .ready : .empty
  }

  /// Brings a follower up to what the writer has stored.
  func catchUp() async {
    if isOpen, index.role == .follower { try? await index.follow() }
  }

  /// Ends all work and lets go of the index.
  func stop() async {
    stopped.withLock { $0 = true }
    stopWatching()
    following?.cancel()
    settling?.cancel()
    await quiesce()
    pending.drop()
    await reembedder.stop()
    await index.close()
  }

  /// Looks again at what may have been there for a moment only: a client need not have noticed it.
  private func lookAgain() async {
    guard watching == .client, isOpen, !stopped.withLock({ $0 }) else { return }
    changed(await index.unsettled())
  }

  /// The same, once what is fresh now has settled.
  private func lookAgainLater() async {
    guard watching == .client, settling == nil, !stopped.withLock({ $0 }), await index.hasFresh, settling == nil
    else { return }
    settling = Task { [weak self] in
      try? await Task.sleep(for: .nanoseconds(WorkspaceIndex.settlingTime))
      await self?.settled()
    }
  }

  private func settled() async {
    settling = nil
    await lookAgain()
    await lookAgainLater()
  }

  // MARK: Work

  private func drain() {
    guard work == nil else { return }
    work = Task { await self.run() }
  }

  private func run() async {
    while !stopped.withLock({ $0 }), pendingRefresh || pendingClear || pending.isWaiting {
      do {
        if !isOpen {
          try await index.open()
          isOpen = true
        }
        if index.role == .follower {
          try await waitForWriter()
          continue
        }
        if pendingClear {
          pendingClear = false
          try await index.clear()
        }
        if pendingRefresh {
          pendingRefresh = false
          try await refreshAll()
        } else {
          try await index.update(pending)
          await onChange(false)
        }
        await lookAgainLater()
        failure = nil
        hasRebuilt = false
      } catch IndexStoreError.damaged where !hasRebuilt {
        // The index is a cache: what turns out to be damaged is built anew, once.
        hasRebuilt = true
        // The whole folder is looked at; nobody needs to wait for single files of it.
        pending.done()
        pendingClear = true
        pendingRefresh = true
      } catch {
        failure = FolderIndexer.describe(error)
        pendingRefresh = false
        pendingClear = false
        pending.drop()
        report(progress(done: 0, total: 0, bytes: 0, finished: true))
      }
    }
    work = nil
  }

  private func refreshAll() async throws {
    let stopped = { @Sendable [weak self] in self?.stopped.withLock { $0 } ?? true }
    let report = self.report
    let folder = index.root.description
    let reported = Mutex(false)
    let mark = watcher?.beginWalk() ?? 0
    let summary = try await index.refresh(
      isCancelled: stopped, urgent: pending,
      report: { progress in
        // A pass that finds nothing to do is not worth a word.
        if progress.total == 0 { return }
        reported.withLock { $0 = true }
        report(
          IndexingProgress(
            folder: folder, done: progress.done, total: progress.total, bytes: progress.bytes, finished: false))
      })
    if reported.withLock({ $0 }) {
      report(
        IndexingProgress(
          folder: folder, done: summary.indexed, total: summary.indexed, bytes: summary.bytes, finished: true))
    }
    await onChange(true)
    if watching == .own, !self.stopped.withLock({ $0 }) { watch(summary, since: mark) }
  }

  /// What a follower can do: read what there is. If the writer has not finished its first pass, wait for it, as long
  /// as it lives; the lease comes to us when it does not.
  private func waitForWriter() async throws {
    try await index.follow()
    if index.isComplete {
      pendingRefresh = false
      pendingClear = false
      pending.drop()
      await onChange(true)
      takeOverLater()
      return
    }
    // A writer that is stopped, or whose disk is full, stores nothing more and yet keeps the lease.
    let stored = index.snapshot.passageCount
    if stored != writerProgress.stored { writerProgress = (stored, .now) }
    if writerProgress.since.duration(to: .now) > FolderIndexer.writerPatience {
      throw IndexStoreError.io("another process is building it, and has stored nothing for a minute")
    }
    try await Task.sleep(for: .milliseconds(100))
    try await index.open()
  }

  /// Reads what the writer stores as it does, and tries for the lease whenever it may be free. A lock cannot be waited
  /// for without occupying a thread.
  private func takeOverLater() {
    guard watching != .none, following == nil else { return }
    let watch = WriterWatch(of: index)
    following = Task { [weak self] in
      await watch.run { [weak self] in
        guard let self else { return false }
        return await !self.tryToTakeOver()
      }
    }
    // It may have gone before the watch was set.
    Task { _ = await tryToTakeOver() }
  }

  private func tryToTakeOver() async -> Bool {
    guard !stopped.withLock({ $0 }) else { return true }
    let before = index.snapshot
    // The writer may have stored vectors.
    reembedder.wake()
    guard let role = try? await index.open(), role == .writer else {
      if index.snapshot !== before { await onChange(true) }
      return false
    }
    guard following != nil else { return true }
    following = nil
    refresh()
    return true
  }

  private func watch(_ summary: WorkspaceIndex.Summary, since mark: Int) {
    // A pass that was cancelled found nothing.
    if summary.directories.isEmpty { return }
    if let watcher {
      watcher.setDirectories(summary.directories, optional: summary.emptyDirectories, since: mark)
      return
    }
    let index = index
    guard
      let watcher = try? FileWatcher(
        root: index.root, directories: summary.directories, optional: summary.emptyDirectories,
        rules: IgnoreRules(root: index.root, options: discovery), isKnown: { index.isExempt($0) })
    else { return }
    self.watcher = watcher
    // What changed between the walk and now was not watched yet: look once more, which reads only what changed.
    pendingRefresh = true
    let events = watcher.events
    watchTask = Task { [weak self] in
      for await event in events { await self?.handle(event) }
      await self?.answerFlushes(through: .max)
    }
  }

  private func stopWatching() {
    watcher?.stop()
    watcher = nil
    watchTask = nil
    answerFlushes(through: .max)
  }

  private func handle(_ event: WatchEvent) {
    switch event {
    case .changed(let files):
      let paths = files.compactMap { $0.relativeBytes(in: index.root).map { String(validating: $0, as: UTF8.self) } }
      // A name that is no text is found by walking alone.
      if paths.contains(nil) { refresh() }
      changed(paths.compactMap(\.self))
    case .rescan: refresh()
    case .flushed(let number): answerFlushes(through: number)
    }
  }

  private func answerFlushes(through number: Int) {
    let ready = flushes.filter { $0.number <= number }
    flushes.removeAll { $0.number <= number }
    for flush in ready { flush.continuation.resume() }
  }

  private func progress(done: Int, total: Int, bytes: Int, finished: Bool) -> IndexingProgress {
    IndexingProgress(folder: index.root.description, done: done, total: total, bytes: bytes, finished: finished)
  }

  private static func describe(_ error: any Error) -> String {
    switch error {
    case let error as IndexStoreError: return error.message
    case Discovery.Failure.unreadableRoot(let path): return "the folder cannot be read: \(path)"
    default: return "\(error)"
    }
  }
}
