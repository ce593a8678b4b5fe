internal import CAllocator
internal import SQLiteKit
internal import Synchronization
public import Workspace

/// The index of one workspace folder: kept on disk, kept up to date, and searched through snapshots.
///
/// The actor runs on a thread of its own, since reading files and writing the database block. Readers never wait for
/// it: they take `snapshot`, which is replaced as indexing goes on.
public actor WorkspaceIndex {
  /// What this process is to the index.
  public enum Role: Sendable {
    /// It holds the writer's lease and keeps the index up to date.
    case writer
    /// Another process does; this one reads what that one writes.
    case follower
  }

  /// How far a refresh has come.
  public struct Progress: Sendable {
    /// Files done.
    public var done: Int
    /// Files to do.
    public var total: Int
    /// Bytes read.
    public var bytes: Int
  }

  /// What a refresh did.
  public struct Summary: Sendable {
    /// Files indexed anew.
    public var indexed = 0
    /// Files removed from the index.
    public var removed = 0
    /// Bytes read.
    public var bytes = 0
    /// Folders that hold indexed files, for watching.
    public var directories: [FileURI] = []
    /// Folders that no rule leaves out and that hold no indexed file.
    public var emptyDirectories: [FileURI] = []
  }

  /// The folder.
  public nonisolated let root: FileURI
  nonisolated let directory: String
  let options: Discovery.Options
  let threads: Int
  private let executor = BlockingExecutor(label: "index")
  /// Where the actor runs.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private var store: IndexStore?
  private var lease: WriterLease?
  private var segments: [(id: Int64, segment: Segment)] = []
  private(set) var files: [String: IndexStore.FileRow] = [:]
  /// Folders of `files`, and some that were: nil until someone asks.
  private var folders: Set<String>?
  private var generation: Int64 = 0
  /// Files that were read when they had only just been written.
  var fresh: Set<String> = []
  nonisolated let published = Mutex(Published())
  /// The rules for open buffers, as they were when the last pass began.
  nonisolated let overlayRules: IgnoreRules

  struct Published {
    /// What is stored.
    var base = IndexSnapshot.empty
    /// The open buffers, by path.
    var overlays: [String: BufferSegment] = [:]
    /// What is searched.
    var snapshot = IndexSnapshot.empty
    var skipped: [String: Int] = [:]
    var isComplete = false
    var role = Role.follower
    var message: String?
    /// The vectors of a remote embedder, where these serve.
    var space: SpaceVectors?
    /// Told of each change of what is searched.
    var observer: (@Sendable () -> Void)?
  }

  /// Makes an index of `root` that is stored in `directory`. Nothing is read before `open`.
  ///
  /// - Parameter threads: threads for indexing, ≥ 1.
  public init(root: FileURI, directory: String, options: Discovery.Options = Discovery.Options(), threads: Int = 2) {
    self.root = root
    self.directory = directory
    self.options = options
    self.threads = max(1, threads)
    overlayRules = IgnoreRules(root: root, options: options)
  }

  /// The index as it is now.
  public nonisolated var snapshot: IndexSnapshot { published.withLock { $0.snapshot } }
  /// Files left out, counted by reason.
  public nonisolated var skipped: [String: Int] { published.withLock { $0.skipped } }
  /// Whether a whole pass over the folder has been stored.
  public nonisolated var isComplete: Bool { published.withLock { $0.isComplete } }
  /// What this process is to the index.
  public nonisolated var role: Role { published.withLock { $0.role } }
  /// Whether a file is indexed, whatever the rules say by now.
  public nonisolated func isExempt(_ path: String) -> Bool {
    published.withLock { $0.base.file(at: path) != nil }
  }
  /// What happened that the user should know, such as that a damaged index was built anew.
  public nonisolated var message: String? { published.withLock { $0.message } }

  /// Opens the stored index and takes the writer's lease if it is free. May be called again, to take over.
  ///
  /// - Throws: `IndexStoreError.io` when the folder of the index cannot be used.
  @discardableResult
  public func open() throws(IndexStoreError) -> Role {
    if lease == nil {
      do { try ProjectDirectories.create(directory) } catch {
        throw .io("cannot create the index folder \(directory)")
      }
      if let lease = try WriterLease.acquire(path: "\(directory)/\(WriterLease.name)") {
        self.lease = lease
        // Opened again, now for writing.
        store = nil
      }
    }
    if lease == nil {
      try follow()
    } else if store == nil {
      try openForWriting()
    }
    let role: Role = lease == nil ? .follower : .writer
    let observer = published.withLock { published in
      defer { published.role = role }
      return published.role == role ? nil : published.observer
    }
    observer?()
    return role
  }

  /// Reads what the writer has written since the last time. Does nothing in the writer itself.
  ///
  /// - Throws: `IndexStoreError`; a damaged index is left for the writer to replace.
  public func follow() throws(IndexStoreError) {
    guard lease == nil else { return }
    if let store, store.isReplaced { self.store = nil }
    var known: [Int64: Segment] = [:]
    if store == nil {
      // The writer may not have created it yet.
      store = try? IndexStore(directory: directory, writable: false)
      generation = -1
    } else {
      known = Dictionary(segments.map { ($0.id, $0.segment) }, uniquingKeysWith: { $1 })
    }
    guard let store else { return }
    do {
      if try store.generation() == generation { return }
      adopt(try store.load(keeping: known))
    } catch {
      self.store = nil
      throw error
    }
  }

  /// Compares the folder with the index and indexes what changed.
  ///
  /// - Parameters:
  ///   - isCancelled: asked before each file, on any thread; after it says yes, what is done so far stays.
  ///   - urgent: files that are to be looked at before the others, and whether there are any; asked as `isCancelled`. A
  ///     batch ends early for them, though not before it has worked for a moment.
  ///   - report: called on the actor's thread.
  /// - Throws: `IndexStoreError`, and `Discovery.Failure` when the folder cannot be read.
  @discardableResult
  public func refresh(
    isCancelled: @escaping @Sendable () -> Bool = { false }, urgent: (any UrgentPaths)? = nil,
    report: (Progress) -> Void = { _ in }
  ) throws -> Summary {
    guard lease != nil else { return Summary() }
    if store == nil { try openForWriting() }
    overlayRules.invalidate()
    let discovery = try Discovery(root: root, options: options).run(isCancelled: isCancelled)
    if discovery.isPartial { return Summary() }
    var summary = Summary()
    summary.directories = discovery.directories
    summary.emptyDirectories = discovery.emptyDirectories
    var inputs: [FileBatch.Input] = []
    var present: Set<String> = []
    present.reserveCapacity(discovery.files.count)
    for entry in discovery.files {
      present.insert(entry.path)
      if let row = files[entry.path], row.size == entry.size, row.modified == entry.fingerprint { continue }
      inputs.append(FileBatch.Input(entry: entry, knownHash: nil))
    }
    let removed = files.keys.filter { !present.contains($0) }
    summary.removed = removed.count
    if !removed.isEmpty { try commit(FileBatch.Output(), removed: removed) }

    let isDone = try index(&inputs, isCancelled: isCancelled, urgent: urgent, report: report, summary: &summary)
    // What indexing took is several times what stays.
    if summary.indexed >= WorkspaceIndex.manyFiles { callocator_release() }
    if isDone {
      try completePass(discovery)
      try mergeSegments()
    }
    return summary
  }

  /// Indexes files batch by batch, and says whether it was all of them.
  private func index(
    _ inputs: inout [FileBatch.Input], isCancelled: @escaping @Sendable () -> Bool, urgent: (any UrgentPaths)?,
    report: (Progress) -> Void, summary: inout Summary
  ) throws -> Bool {
    var progress = Progress(done: 0, total: inputs.count, bytes: 0)
    report(progress)
    let builders = SegmentBuilders(count: threads)
    let isInterrupted = { @Sendable (began: ContinuousClock.Instant) in
      isCancelled() || (urgent?.isWaiting == true && began.duration(to: .now) > WorkspaceIndex.leastWork)
    }
    var start = 0
    var end = 0
    // What was looked at by itself since the walk.
    var settled: Set<String> = []
    var running =
      isCancelled() ? nil : startBatch(&inputs, from: &end, without: settled, builders: builders, isInterrupted)
    while let batch = running {
      let (output, taken) = batch.wait()
      // What an interruption left over comes with the next batch.
      end = start + taken
      start = end
      do {
        if let urgent, urgent.isWaiting, !isCancelled() {
          running = nil
          try commit(output, removed: output.vanished)
          settled.formUnion(try update(urgent))
          running = startBatch(&inputs, from: &end, without: settled, builders: builders, isInterrupted)
        } else {
          // The threads go on with the next files while those of this batch are stored.
          running =
            isCancelled() ? nil : startBatch(&inputs, from: &end, without: settled, builders: builders, isInterrupted)
          try commit(output, removed: output.vanished)
        }
      } catch {
        _ = running?.wait()
        throw error
      }
      summary.indexed += output.segments.reduce(0) { $0 + $1.segment.files.count }
      summary.bytes += output.bytes
      progress.done = start
      progress.bytes = summary.bytes
      report(progress)
    }
    return start >= inputs.count
  }

  /// Throws away what is stored; the next `refresh` builds it anew.
  ///
  /// - Throws: `IndexStoreError`.
  public func clear() throws(IndexStoreError) {
    guard lease != nil else { return }
    store = nil
    IndexStore.setAside(IndexStore.path(in: directory))
    store = try IndexStore(directory: directory, writable: true)
    adopt(IndexStore.Contents())
  }

  /// Lets go of the lease and the database.
  public func close() {
    store = nil
    lease = nil
    published.withLock { $0.role = .follower }
  }

  // MARK: Writing

  /// Bytes and files of a batch for each thread: so many that threads seldom wait and segments need no merging at once,
  /// so few that memory stays flat and a search during a cold start soon finds something.
  private let batchBytes = 10 << 20
  private let batchFiles = 4096
  /// How long a batch works at least before urgent files end it: each batch has a cost of its own.
  private static let leastWork = Duration.milliseconds(20)
  /// From so many files on the memory that indexing them took is worth giving back.
  private static let manyFiles = 64

  /// Starts on the files from `position` on, and moves it behind those of the batch; nil when there are no more.
  ///
  /// Those that are `settled`, or lie in folders that are, are dropped: what the walk found there may be something else
  /// by now, such as a folder that has become a link to another, and nobody would tell again.
  private func startBatch(
    _ inputs: inout [FileBatch.Input], from position: inout Int, without settled: Set<String>,
    builders: SegmentBuilders, _ isInterrupted: @escaping @Sendable (_ began: ContinuousClock.Instant) -> Bool
  ) -> FileBatch? {
    let start = position
    var size = 0
    while position < inputs.count, size < batchBytes * builders.count, position - start < batchFiles * builders.count {
      size += inputs[position].entry.size
      position += 1
    }
    if position == start { return nil }
    if !settled.isEmpty {
      let kept = inputs[start..<position].filter { !WorkspaceIndex.isCovered($0.entry.path, by: settled) }
      if kept.count < position - start { inputs.replaceSubrange(start..<position, with: kept) }
      position = start + kept.count
      if kept.isEmpty {
        return startBatch(&inputs, from: &position, without: settled, builders: builders, isInterrupted)
      }
    }
    // Not before: urgent files may have been indexed since the pass began.
    for index in start..<position { inputs[index].knownHash = knownHash(of: inputs[index].entry.path) }
    let began = ContinuousClock.now
    let batch = FileBatch(
      inputs: Array(inputs[start..<position]), maximumFileSize: options.maximumFileSize, builders: builders
    ) { isInterrupted(began) }
    batch.start()
    return batch
  }

  /// Opens what the last writer left, after a crash too; an index that turns out to be damaged is set aside and begun
  /// anew, with a message for the user.
  private func openForWriting() throws(IndexStoreError) {
    do {
      let store = try IndexStore(directory: directory, writable: true)
      adopt(try store.load())
      self.store = store
      if store.isBegunAnew { noteDamage("the stored index is damaged or of another version") }
    } catch .damaged(let message) {
      IndexStore.setAside(IndexStore.path(in: directory))
      let store = try IndexStore(directory: directory, writable: true)
      adopt(try store.load())
      self.store = store
      noteDamage(message)
    }
  }

  private func noteDamage(_ message: String) {
    published.withLock { $0.message = "The index was built anew: \(message)." }
  }

  /// The hash of what is indexed of a file, if anything is.
  func knownHash(of path: String) -> ContentHash? {
    guard let row = files[path], row.segment != 0 else { return nil }
    return segments.first { $0.id == row.segment }?.segment.files[row.ordinal].contentHash
  }

  /// Whether this process may write.
  var isWriter: Bool { lease != nil }

  /// Whether a path may be that of a folder with indexed files; false if it is not.
  func mayBeFolder(_ path: String) -> Bool {
    if let folders { return folders.contains(path) }
    var folders: Set<String> = []
    for path in files.keys { WorkspaceIndex.insertFolders(of: path, into: &folders) }
    self.folders = folders
    return folders.contains(path)
  }

  private static func insertFolders(of path: String, into folders: inout Set<String>) {
    var path = path[...]
    while let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
      path = path[..<slash]
      if !folders.insert(String(path)).inserted { return }
    }
  }

  /// Stores what a batch gave, and shows it.
  func commit(_ output: FileBatch.Output, removed: [String]) throws(IndexStoreError) {
    guard let store else { return }
    let skipped = output.skipped.map { item in
      (
        path: item.path,
        row: IndexStore.FileRow(
          segment: 0, ordinal: SkipReason.allCases.firstIndex(of: item.reason) ?? 0, size: item.stat.size,
          modified: item.stat.modified)
      )
    }
    var touched: [String: (size: Int, modified: Int64)] = [:]
    for (path, stat) in output.unchanged {
      if let row = files[path], row.size == stat.size, row.modified == stat.modified { continue }
      touched[path] = (stat.size, stat.modified)
    }
    noteFresh(output)
    if output.segments.isEmpty, skipped.isEmpty, touched.isEmpty, removed.isEmpty { return }
    let ids = try store.commit(
      segments: output.segments.map { ($0.segment, $0.stats.map { ($0.size, $0.modified) }) }, removed: removed,
      skipped: skipped, touched: touched)
    for (id, (segment, stats)) in zip(ids, output.segments) {
      segments.append((id, segment))
      for (ordinal, file) in segment.files.enumerated() {
        files[file.path] = IndexStore.FileRow(
          segment: id, ordinal: ordinal, size: stats[ordinal].size, modified: stats[ordinal].modified)
      }
    }
    for (path, row) in skipped { files[path] = row }
    for (path, stat) in touched {
      files[path]?.size = stat.size
      files[path]?.modified = stat.modified
    }
    for path in removed { files.removeValue(forKey: path) }
    if var known = folders.take() {
      for (segment, _) in output.segments {
        for file in segment.files { WorkspaceIndex.insertFolders(of: file.path, into: &known) }
      }
      for path in skipped.map(\.path) { WorkspaceIndex.insertFolders(of: path, into: &known) }
      folders = known
    }
    generation += 1
    publish(adding: output.segments.map(\.segment), removing: removed + skipped.map(\.path))
  }

  private func completePass(_ discovery: DiscoveryResult) throws(IndexStoreError) {
    try store?.complete(skipped: WorkspaceIndex.named(discovery.skipped))
    walkSkips = discovery.skips
    generation += 1
    published.withLock { $0.isComplete = true }
    publish(adding: [], removing: [])
  }

  /// Takes down what single paths do to the counts of what is left out, and stores the counts if they changed.
  func noteSkips(_ paths: Set<String>, rules: IgnoreRules) throws(IndexStoreError) {
    guard var ledger = walkSkips else { return }
    let before = ledger.counts
    // The ledger is large: it is changed in place.
    walkSkips = nil
    WorkspaceIndex.note(paths, in: &ledger, rules: rules)
    walkSkips = ledger
    guard ledger.counts != before else { return }
    try store?.complete(skipped: WorkspaceIndex.named(ledger.counts))
    generation += 1
    publish(adding: [], removing: [])
  }

  /// What the walk left out; nil before the first pass of this process.
  private var walkSkips: SkipLedger?
  /// How many paths the last walk left out, by reason, as stored.
  private var storedSkips: [String: Int] = [:]

  private static func named(_ counts: [SkipReason: Int]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
  }

  /// Merges small segments, so that a search looks into few, and rewrites those that are mostly dead.
  func mergeSegments() throws(IndexStoreError) {
    guard let store else { return }
    // The parts of what is published are the segments, in the same order.
    let parts = published.withLock { $0.base.parts }
    let plan = MergePlan.choose(
      zip(segments, parts).map { segment, part in
        MergePlan.Candidate(
          id: segment.id, files: part.live.count, live: part.live.reduce(0) { $0 + ($1 ? 1 : 0) },
          passages: segment.segment.passages.count)
      })
    guard !plan.isEmpty else { return }
    let chosen = segments.filter { plan.contains($0.id) }
    var kept: [(segment: Segment, files: [Int])] = []
    var stats: [(size: Int, modified: Int64)] = []
    for (id, segment) in chosen {
      let numbers = segment.files.indices.filter {
        let row = files[segment.files[$0].path]
        return row?.segment == id && row?.ordinal == $0
      }
      kept.append((segment, numbers))
      for number in numbers {
        let row = files[segment.files[number].path]
        stats.append((row?.size ?? 0, row?.modified ?? 0))
      }
    }
    let merged = SegmentMerger.merge(kept)
    let ids = try store.commit(
      segments: merged.files.isEmpty ? [] : [(merged, stats)], obsolete: chosen.map(\.id))
    segments.removeAll { plan.contains($0.id) }
    if let id = ids.first {
      segments.append((id, merged))
      for (ordinal, file) in merged.files.enumerated() {
        files[file.path]?.segment = id
        files[file.path]?.ordinal = ordinal
      }
    }
    generation += 1
    publish()
  }

  private func adopt(_ contents: IndexStore.Contents) {
    segments = contents.segments
    files = contents.files
    folders = nil
    generation = contents.generation
    walkSkips = nil
    storedSkips = contents.skipped
    published.withLock { $0.isComplete = contents.isComplete }
    publish()
  }

  /// Shows readers what is stored now, worked out from the rows of all files.
  private func publish() {
    let segments = self.segments
    publish(
      IndexSnapshot(segments: segments.map(\.segment)) { number, file in
        let row = files[segments[number].segment.files[file].path]
        return row?.segment == segments[number].id && row?.ordinal == file
      })
  }

  /// Shows readers what is stored now, as what was before with some segments more and some files less.
  private func publish(adding segments: [Segment], removing paths: [String]) {
    let base = published.withLock { $0.base }
    publish(segments.isEmpty && paths.isEmpty ? base : base.updated(adding: segments, removing: paths))
  }

  private func publish(_ base: IndexSnapshot) {
    var skipped = walkSkips.map { WorkspaceIndex.named($0.counts) } ?? storedSkips
    for row in files.values where row.segment == 0 {
      skipped[SkipReason.allCases[row.ordinal].rawValue, default: 0] += 1
    }
    // What is large is looked up before others wait for it.
    published.withLock { $0.space }?.resolve(base.parts.map(\.segment))
    let observer = published.withLock { published in
      published.base = base
      published.skipped = skipped
      published.overlay()
      return published.observer
    }
    observer?()
  }
}
