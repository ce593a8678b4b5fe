internal import Embeddings
internal import SQLiteKit
internal import Synchronization

/// What is done in a round.
extension Reembedder {
  /// Passages that are read from the store at a time.
  private static let batch = 4096

  /// Looks what there is, and does one piece of work.
  func round() async -> Next {
    guard let target else {
      shared.withLock { $0.progress = nil }
      store = nil
      return .idle
    }
    let isWriter = index.role == .writer
    if isTooLarge(target) { return .idle }
    do {
      try openStore(writable: isWriter)
      if try await load(target, isWriter: isWriter) == false { return .again }
      storeMessage = nil
    } catch {
      if fail(error) { return .again }
      guard store != nil else { return .after(options.firstPause, isWaiting: false) }
    }
    guard self.target === target else { return .again }
    let snapshot = index.snapshot
    noteSegments(of: snapshot, target)
    let segments = snapshot.parts.map(\.segment)
    target.vectors.refresh(segments)
    shared.withLock { $0.serving?.vectors }?.retain(segments)
    let coverage = Coverage(of: snapshot, target)
    serve(target, coverage)
    note(coverage, target)
    guard isWriter, options.embeds, let store, isStoreWritable else { return .idle }
    if let until = target.pausedUntil {
      let left = ContinuousClock.now.duration(to: until)
      if left > .zero { return .after(left, isWaiting: false) }
      target.pausedUntil = nil
    }
    let (requests, wait) = choose(from: snapshot, target)
    if requests.isEmpty {
      if let wait { return .after(wait, isWaiting: true) }
      // Some may have got the vector of an equal text.
      if target.vectors.missingCount(in: snapshot) < coverage.missing { return .again }
      tidy(store, snapshot, target)
      return .idle
    }
    return await embed(requests, snapshot: snapshot, target)
  }

  /// Whether the vectors would take more memory than they may; then the embedded model serves.
  private func isTooLarge(_ target: Target) -> Bool {
    let count = index.snapshot.passageCount
    let dimensions = target.vectors.dimensions ?? target.stored?.dimensions ?? target.batcher.dimensions
    guard let dimensions, count * VectorSlab.stride(dimensions) > options.mostMemory else { return false }
    target.vectors.reset()
    target.cursor = 0
    target.message = "The folder has too many passages for vectors of \(dimensions) dimensions."
    let coverage = Coverage(of: index.snapshot, target)
    serve(target, coverage)
    note(coverage, target)
    return true
  }

  // MARK: The store

  private func openStore(writable: Bool) throws {
    if let store, isStoreWritable == writable, !store.isReplaced { return }
    store = nil
    if let target {
      // Another file: what was read from the one before may not be in it.
      target.stored = nil
      target.cursor = 0
    }
    if writable {
      let store = try VectorStore(directory: index.directory, writable: true)
      try store.dropOrphans()
      if store.isBegunAnew { storeNotice = "The stored vectors were damaged and are made anew." }
      self.store = store
    } else {
      // The writer may not have created it yet.
      store = try? VectorStore(directory: index.directory, writable: false)
    }
    isStoreWritable = writable
  }

  /// Reads vectors that are stored and not in memory yet.
  ///
  /// - Returns: false when another target came in between.
  private func load(_ target: Target, isWriter: Bool) async throws -> Bool {
    guard let store else { return true }
    let asked = target.batcher.dimensions
    var space = try store.space(target.vectors.space)
    if let found = space, let asked, found.dimensions != asked, isWriter {
      // The model behind the name is another one: its vectors cannot be compared with those.
      try store.drop(found)
      target.vectors.reset()
      space = nil
    }
    if space == nil, isWriter, let dimensions = target.vectors.dimensions {
      // The store was begun anew: what is in memory need not be paid for again.
      let found = try store.makeSpace(target.vectors.space, dimensions: dimensions)
      try target.vectors.forEachBatch(of: Reembedder.batch) { try store.insert($0, into: found) }
      space = found
    }
    if let found = space, let known = target.vectors.dimensions, known != found.dimensions {
      target.vectors.reset()
      target.cursor = 0
    }
    if space?.id != target.stored?.id {
      target.cursor = 0
      if let space, isWriter { try store.touch(space) }
    }
    target.stored = space
    guard let space else { return true }
    while true {
      let read = try store.read(space, after: target.cursor, limit: Reembedder.batch)
      if !read.damaged.isEmpty, isWriter { try store.delete(read.damaged) }
      if read.cursor == target.cursor { return true }
      if !read.vectors.isEmpty {
        target.vectors.add(read.vectors, expected: target.cursor == 0 ? try store.count(space) : 0)
      }
      target.cursor = read.cursor
      // A switch of embedders does not wait for the rest.
      await Task.yield()
      guard self.target === target, self.store === store else { return false }
    }
  }

  /// Takes down why the store cannot be used.
  ///
  /// - Returns: whether it was damaged; it is begun anew in the next round then.
  @discardableResult
  func fail(_ error: any Error) -> Bool {
    if VectorStore.isUnusable(error), isStoreWritable, store != nil {
      store = nil
      IndexStore.setAside(VectorStore.path(in: index.directory))
      storeNotice = "The stored vectors were damaged and are made anew."
      return true
    }
    storeMessage = "Vectors cannot be stored: \((error as? SQLiteError)?.message ?? "\(error)")"
    shared.withLock { $0.progress?.message = storeMessage }
    return false
  }

  // MARK: What serves

  /// How many passages have a vector.
  struct Coverage {
    var covered: Int
    var total: Int
    var refused: Int
    /// Live passages without a vector.
    var missing: Int

    var share: Double { total > 0 ? Double(covered) / Double(total) : 0 }

    init(of snapshot: IndexSnapshot, _ target: Target) {
      missing = target.vectors.missingCount(in: snapshot)
      refused = target.refusedCount(in: snapshot)
      total = max(0, snapshot.passageCount - refused)
      covered = max(0, snapshot.passageCount - missing)
    }
  }

  /// Lets the vectors serve as soon as they cover the folder, and takes them back when they no longer do.
  func serve(_ target: Target, _ coverage: Coverage) {
    let serving = shared.withLock { $0.serving?.vectors }
    if serving === target.vectors {
      if coverage.share < options.leavingShare {
        shared.withLock { $0.serving = nil }
        index.serve(nil)
      } else {
        index.serve(target.vectors)
      }
    } else if coverage.share >= options.servingShare, coverage.covered > 0, index.isComplete {
      // Not before the first pass is done: what is covered of a part says nothing of the rest.
      shared.withLock { $0.serving = (target.service, target.vectors) }
      index.serve(target.vectors)
      if let store, isStoreWritable, let stored = target.stored {
        try? store.touch(stored)
        try? store.keepSpaces(options.keptSpaces)
      }
    }
  }

  /// Shows how far it is.
  func note(_ coverage: Coverage, _ target: Target) {
    let isNews = shared.withLock { shared in
      let progress = EmbeddingProgress(
        name: target.service.embedder.space.name, embedded: coverage.covered, total: coverage.total,
        isServing: shared.serving?.vectors === target.vectors, refused: coverage.refused,
        message: storeMessage ?? target.message ?? storeNotice ?? (coverage.refused > 0 ? target.refusal : nil))
      defer { shared.progress = progress }
      return shared.progress?.name != progress.name || shared.progress?.isServing != progress.isServing
        || shared.progress?.message != progress.message
    }
    if isNews { onChange() }
  }

  private func noteSegments(of snapshot: IndexSnapshot, _ target: Target) {
    let now = ContinuousClock.now
    var kept: [ObjectIdentifier: ContinuousClock.Instant] = [:]
    for part in snapshot.parts {
      let identity = ObjectIdentifier(part.segment)
      kept[identity] = seen[identity] ?? now
    }
    if !Reembedder.haveSameSegments(lastSnapshot, snapshot) {
      // What could not be read then may be read now.
      target.stalePassages = [:]
      target.refusedPassages = target.refusedPassages.filter { kept[$0.key] != nil }
      target.vectors.retain(snapshot.parts.map(\.segment))
      target.isPruned = false
    }
    seen = kept
    // Segments are kept with it, so that no other takes the identity of one.
    lastSnapshot = snapshot
  }

  /// Whether two snapshots are of the same segments.
  static func haveSameSegments(_ left: IndexSnapshot?, _ right: IndexSnapshot) -> Bool {
    guard let left, left.parts.count == right.parts.count else { return false }
    return zip(left.parts, right.parts).allSatisfy { $0.segment === $1.segment }
  }
}

extension Reembedder.Target {
  /// Live passages whose texts the embedder does not take.
  func refusedCount(in snapshot: IndexSnapshot) -> Int {
    if refusedPassages.isEmpty { return 0 }
    return snapshot.parts.reduce(0) { sum, part in
      let passages = refusedPassages[ObjectIdentifier(part.segment)] ?? []
      return sum + passages.reduce(0) { $0 + (part.live[Int(part.segment.passages[Int($1)].file)] ? 1 : 0) }
    }
  }
}
