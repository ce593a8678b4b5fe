internal import SearchIndex
internal import Synchronization
internal import Workspace

/// Keeps the index of one workspace folder up to date: opens it, fills it, follows the changes that are reported or
/// watched, and takes over when the process that wrote it has ended.
actor FolderIndexer {
  /// The index; its snapshot may be read at any time.
  nonisolated let index: WorkspaceIndex
  private let watches: Bool
  private let report: @Sendable (IndexingProgress) -> Void
  private let stopped = Mutex(false)

  private var pendingPaths: Set<String> = []
  private var pendingRefresh = false
  private var pendingClear = false
  private var work: Task<Void, Never>?
  private var watcher: FileWatcher?
  private var watching: Task<Void, Never>?
  private var following: Task<Void, Never>?
  private var failure: String?
  private var isOpen = false
  /// What the writer that is waited for had stored when that last changed.
  private var writerProgress = (stored: -1, since: ContinuousClock.now)
  /// How long a writer may store nothing during its first pass before waiting for it ends.
  private static let writerPatience = Duration.seconds(60)
  /// Whether the index was thrown away since it last worked.
  private var hasRebuilt = false

  /// Makes an indexer; nothing happens before `start`.
  ///
  /// - Parameters:
  ///   - watches: whether to watch the folder for changes (a server does, a single command does not).
  ///   - report: called on any thread.
  init(index: WorkspaceIndex, watches: Bool, report: @escaping @Sendable (IndexingProgress) -> Void) {
    self.index = index
    self.watches = watches
    self.report = report
  }

  /// Starts to fill the index.
  func start() {
    pendingRefresh = true
    drain()
  }

  /// Indexes files anew that may have changed; relative paths.
  func changed(_ paths: [String]) {
    pendingPaths.formUnion(paths)
    drain()
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
    watcher?.stop()
    watching?.cancel()
    following?.cancel()
    await quiesce()
    await index.close()
  }

  // MARK: Work

  private func drain() {
    guard work == nil else { return }
    work = Task { await self.run() }
  }

  private func run() async {
    while !stopped.withLock({ $0 }), pendingRefresh || pendingClear || !pendingPaths.isEmpty {
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
          pendingPaths = []
          try await refreshAll()
        } else {
          let paths = pendingPaths
          pendingPaths = []
          try await index.update(paths: Array(paths))
        }
        failure = nil
        hasRebuilt = false
      } catch IndexStoreError.damaged where !hasRebuilt {
        // The index is a cache: what turns out to be damaged is built anew, once.
        hasRebuilt = true
        pendingClear = true
        pendingRefresh = true
      } catch {
        failure = FolderIndexer.describe(error)
        pendingRefresh = false
        pendingClear = false
        pendingPaths = []
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
    let summary = try await index.refresh(
      isCancelled: stopped,
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
    if watches { watch(summary.directories) }
  }

  /// What a follower can do: read what there is. If the writer has not finished its first pass, wait for it, as long
  /// as it lives; the lease comes to us when it does not.
  private func waitForWriter() async throws {
    try await index.follow()
    if index.isComplete {
      pendingRefresh = false
      pendingClear = false
      pendingPaths = []
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

  /// Tries for the lease until it is free. A lock cannot be waited for without occupying a thread; half a second keeps
  /// within the second that a takeover may take.
  private func takeOverLater() {
    guard watches, following == nil else { return }
    following = Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(500))
        guard let self, await !self.tryToTakeOver() else { return }
      }
    }
  }

  private func tryToTakeOver() async -> Bool {
    guard !stopped.withLock({ $0 }) else { return true }
    guard let role = try? await index.open(), role == .writer else { return false }
    following = nil
    refresh()
    return true
  }

  private func watch(_ directories: [FileURI]) {
    if let watcher {
      watcher.setDirectories(directories)
      return
    }
    guard
      let watcher = try? FileWatcher(root: index.root, directories: directories, rules: IgnoreRules(root: index.root))
    else { return }
    self.watcher = watcher
    // What changed between the walk and now was not watched yet: look once more, which reads only what changed.
    pendingRefresh = true
    let events = watcher.events
    watching = Task { [weak self] in
      for await event in events { await self?.handle(event) }
    }
  }

  private func handle(_ event: WatchEvent) {
    switch event {
    case .changed(let files): changed(files.compactMap { $0.relativePath(in: index.root) })
    case .rescan: refresh()
    }
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
