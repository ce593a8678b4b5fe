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
  }

  /// The folder.
  public nonisolated let root: FileURI
  private let directory: String
  private let options: Discovery.Options
  private let threads: Int
  private let executor = BlockingExecutor(label: "index")
  /// Where the actor runs.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private var store: IndexStore?
  private var lease: WriterLease?
  private var segments: [(id: Int64, segment: Segment)] = []
  private var files: [String: IndexStore.FileRow] = [:]
  private var generation: Int64 = 0
  private nonisolated let published = Mutex(Published())

  private struct Published {
    /// What is stored.
    var base = IndexSnapshot.empty
    /// Segments of one open buffer each, by path; nil for a buffer whose text is not indexed.
    var overlays: [String: Segment?] = [:]
    /// What is searched.
    var snapshot = IndexSnapshot.empty
    var skipped: [String: Int] = [:]
    var isComplete = false
    var role = Role.follower
    var message: String?
  }

  /// Makes an index of `root` that is stored in `directory`. Nothing is read before `open`.
  ///
  /// - Parameter threads: threads for indexing, ≥ 1.
  public init(root: FileURI, directory: String, options: Discovery.Options = Discovery.Options(), threads: Int = 2) {
    self.root = root
    self.directory = directory
    self.options = options
    self.threads = max(1, threads)
  }

  /// The index as it is now.
  public nonisolated var snapshot: IndexSnapshot { published.withLock { $0.snapshot } }
  /// Files left out, counted by reason.
  public nonisolated var skipped: [String: Int] { published.withLock { $0.skipped } }
  /// Whether a whole pass over the folder has been stored.
  public nonisolated var isComplete: Bool { published.withLock { $0.isComplete } }
  /// What this process is to the index.
  public nonisolated var role: Role { published.withLock { $0.role } }
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
      if let lease = try WriterLease.acquire(path: directory + "/writer.lock") {
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
    published.withLock { $0.role = role }
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
  ///   - isCancelled: asked between batches; after it says yes, what is done so far stays.
  ///   - report: called on the actor's thread.
  /// - Throws: `IndexStoreError`, and `Discovery.Failure` when the folder cannot be read.
  @discardableResult
  public func refresh(
    isCancelled: () -> Bool = { false }, report: (Progress) -> Void = { _ in }
  ) throws -> Summary {
    guard lease != nil else { return Summary() }
    if store == nil { try openForWriting() }
    let discovery = try Discovery(root: root, options: options).run(isCancelled: isCancelled)
    if discovery.isPartial { return Summary() }
    var summary = Summary()
    summary.directories = discovery.directories
    var inputs: [FileBatch.Input] = []
    var present: Set<String> = []
    present.reserveCapacity(discovery.files.count)
    for entry in discovery.files {
      present.insert(entry.path)
      if let row = files[entry.path], row.size == entry.size, row.modified == entry.modified { continue }
      inputs.append(FileBatch.Input(entry: entry, knownHash: knownHash(of: entry.path)))
    }
    let removed = files.keys.filter { !present.contains($0) }
    summary.removed = removed.count
    if !removed.isEmpty { try commit(FileBatch.Output(), removed: removed) }

    var progress = Progress(done: 0, total: inputs.count, bytes: 0)
    report(progress)
    let builders = SegmentBuilders(count: threads)
    var end = 0
    var running = isCancelled() ? nil : startBatch(of: inputs, from: &end, builders: builders)
    while let batch = running {
      let output = batch.wait()
      let start = end
      // The threads go on with the next files while those of this batch are stored.
      running = isCancelled() ? nil : startBatch(of: inputs, from: &end, builders: builders)
      do {
        try commit(output, removed: output.vanished)
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
    if end >= inputs.count {
      try completePass(discovery)
      try mergeSegments()
    }
    // What indexing took is several times what stays.
    if summary.indexed >= WorkspaceIndex.manyFiles { callocator_release() }
    return summary
  }

  /// Indexes single files anew: relative paths that changed, appeared or vanished.
  ///
  /// - Returns: whether anything changed.
  /// - Throws: `IndexStoreError`.
  @discardableResult
  public func update(paths: [String]) throws(IndexStoreError) -> Bool {
    guard lease != nil else { return false }
    let rules = IgnoreRules(root: root, options: options)
    let countsBefore = walkSkips?.counts
    if var ledger = walkSkips {
      WorkspaceIndex.note(Set(paths), in: &ledger, rules: rules)
      walkSkips = ledger
    }
    defer { if walkSkips?.counts != countsBefore { publish() } }
    var inputs: [FileBatch.Input] = []
    var removed: [String] = []
    for path in Set(paths) {
      let file = root.appending(path)
      if let status = try? FileReader.status(file), rules.skipReason(relativePath: path, isDirectory: false) == nil {
        let entry = FileEntry(path: path, root: root, status: status)
        inputs.append(FileBatch.Input(entry: entry, knownHash: knownHash(of: path)))
      } else if files[path] != nil {
        removed.append(path)
      } else {
        // A folder that went is often reported without the files in it.
        removed += files.keys.filter { $0.hasPrefix(path + "/") && isGone(root.appending($0)) }
      }
    }
    if let counts = walkSkips?.counts, counts != countsBefore {
      try store?.complete(skipped: WorkspaceIndex.named(counts))
      generation += 1
    }
    if inputs.isEmpty, removed.isEmpty { return false }
    let builders = SegmentBuilders(count: min(threads, inputs.count))
    let output = FileBatch(inputs: inputs, maximumFileSize: options.maximumFileSize, builders: builders).run()
    try commit(output, removed: removed + output.vanished.filter { files[$0] != nil })
    try mergeSegments()
    return !output.segments.isEmpty || !removed.isEmpty || !output.vanished.isEmpty
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

  /// Makes the text of an open buffer count instead of the file's.
  ///
  /// It runs on the caller's thread, so that typing does not wait for indexing.
  public nonisolated func setOverlay(path: String, text: [UInt8]) {
    let segment: Segment? = text.withUnsafeBufferPointer { bytes in
      // The size is not a reason here: the buffer is open, and what the user looks at is found.
      if ContentClassifier.skipReason(path: path, bytes: bytes, maximumSize: 16 << 20) != nil { return nil }
      var builder = SegmentBuilder()
      builder.add(path: path, text: bytes, contentHash: ContentHash(text), traits: FileTraits(path: path))
      return builder.finish()
    }
    published.withLock { published in
      published.overlays[path] = .some(segment)
      published.snapshot = published.base.overlaid(published.overlays)
    }
  }

  /// Makes the file count again.
  public nonisolated func removeOverlay(path: String) {
    published.withLock { published in
      published.overlays.removeValue(forKey: path)
      published.snapshot = published.base.overlaid(published.overlays)
    }
  }

  // MARK: Writing

  /// Bytes and files of a batch for each thread: large enough that threads seldom wait for one another and that the
  /// segments need no merging right away, small enough that memory stays flat and a search during a cold start soon
  /// finds something.
  private let batchBytes = 10 << 20
  private let batchFiles = 4096
  /// From so many files on the memory that indexing them took is worth giving back.
  private static let manyFiles = 64

  /// Starts on the files from `position` on, and moves it behind those of the batch; nil when there are no more.
  private func startBatch(
    of inputs: [FileBatch.Input], from position: inout Int, builders: SegmentBuilders
  ) -> FileBatch? {
    let start = position
    var size = 0
    while position < inputs.count, size < batchBytes * builders.count, position - start < batchFiles * builders.count {
      size += inputs[position].entry.size
      position += 1
    }
    if position == start { return nil }
    let batch = FileBatch(
      inputs: Array(inputs[start..<position]), maximumFileSize: options.maximumFileSize, builders: builders)
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
    } catch .damaged(let message) {
      IndexStore.setAside(IndexStore.path(in: directory))
      let store = try IndexStore(directory: directory, writable: true)
      adopt(try store.load())
      self.store = store
      published.withLock { $0.message = "The index was built anew: \(message)." }
    }
  }

  private func isGone(_ file: FileURI) -> Bool {
    do {
      _ = try FileReader.status(file)
      return false
    } catch {
      return true
    }
  }

  private func knownHash(of path: String) -> ContentHash? {
    guard let row = files[path], row.segment != 0 else { return nil }
    return segments.first { $0.id == row.segment }?.segment.files[row.ordinal].contentHash
  }

  private func commit(_ output: FileBatch.Output, removed: [String]) throws(IndexStoreError) {
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
    for (path, stat) in output.unchanged { touched[path] = (stat.size, stat.modified) }
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
    generation += 1
    publish()
  }

  private func completePass(_ discovery: DiscoveryResult) throws(IndexStoreError) {
    try store?.complete(skipped: WorkspaceIndex.named(discovery.skipped))
    walkSkips = discovery.skips
    generation += 1
    published.withLock { $0.isComplete = true }
    publish()
  }

  /// What the walk left out; nil before the first pass of this process.
  private var walkSkips: SkipLedger?
  /// How many paths the last walk left out, by reason, as stored.
  private var storedSkips: [String: Int] = [:]

  private static func named(_ counts: [SkipReason: Int]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
  }

  /// Merges small segments, so that a search looks into few, and rewrites those that are mostly dead.
  private func mergeSegments() throws(IndexStoreError) {
    guard let store else { return }
    var alive: [Int64: Int] = [:]
    for row in files.values where row.segment != 0 { alive[row.segment, default: 0] += 1 }
    let plan = MergePlan.choose(
      segments.map {
        MergePlan.Candidate(
          id: $0.id, files: $0.segment.files.count, live: alive[$0.id, default: 0],
          passages: $0.segment.passages.count)
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
    generation = contents.generation
    walkSkips = nil
    storedSkips = contents.skipped
    published.withLock { $0.isComplete = contents.isComplete }
    publish()
  }

  /// Shows readers what is stored now.
  private func publish() {
    let segments = self.segments
    let base = IndexSnapshot(segments: segments.map(\.segment)) { number, file in
      let row = files[segments[number].segment.files[file].path]
      return row?.segment == segments[number].id && row?.ordinal == file
    }
    var skipped = walkSkips.map { WorkspaceIndex.named($0.counts) } ?? storedSkips
    for row in files.values where row.segment == 0 {
      skipped[SkipReason.allCases[row.ordinal].rawValue, default: 0] += 1
    }
    published.withLock { published in
      published.base = base
      published.snapshot = base.overlaid(published.overlays)
      published.skipped = skipped
    }
  }
}
