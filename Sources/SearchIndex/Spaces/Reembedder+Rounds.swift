internal import Embeddings
internal import SQLiteKit
internal import Synchronization

/// What is done in a round.
extension Reembedder {
  /// A text that is to be embedded, with the passages that have it.
  struct Request {
    var key: PassageKey
    var places: [SpaceVectors.Place]
  }

  /// Passages that are read from the store at a time.
  private static let batch = 4096
  /// Texts that are made at a time, so that memory stays flat.
  private static let mostTexts = 1024

  /// Looks what there is, and does one piece of work.
  func round() async -> Next {
    guard let target else {
      shared.withLock { $0.progress = nil }
      store = nil
      return .idle
    }
    let isWriter = index.role == .writer
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
  private func serve(_ target: Target, _ coverage: Coverage) {
    let serving = shared.withLock { $0.serving?.vectors }
    if serving === target.vectors {
      if coverage.share < options.leavingShare {
        shared.withLock { $0.serving = nil }
        index.serve(nil)
      } else {
        index.serve(target.vectors)
      }
    } else if coverage.share >= options.servingShare, coverage.covered > 0 {
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

  private static func haveSameSegments(_ left: IndexSnapshot?, _ right: IndexSnapshot) -> Bool {
    guard let left, left.parts.count == right.parts.count else { return false }
    return zip(left.parts, right.parts).allSatisfy { $0.segment === $1.segment }
  }

  // MARK: Embedding

  /// Chooses passages without a vector, those of the newest segments first.
  ///
  /// - Returns: what to embed; and when there is nothing, how long until there may be.
  private func choose(from snapshot: IndexSnapshot, _ target: Target) -> (requests: [Request], wait: Duration?) {
    let limits = target.service.embedder.limits
    let most = min(Reembedder.mostTexts, 2 * limits.textsPerRequest * limits.concurrentRequests)
    var requests: [Request] = []
    var numbers: [PassageKey: Int] = [:]
    var known: [(place: SpaceVectors.Place, key: PassageKey)] = []
    var wait: Duration?
    var scratch: [UInt8] = []
    defer { target.vectors.assign(known) }
    for part in snapshot.parts.reversed() {
      let segment = part.segment
      let identity = ObjectIdentifier(segment)
      let missing = target.vectors.missing(in: segment)
      if missing.isEmpty { continue }
      let age = seen[identity].map { $0.duration(to: .now) } ?? .zero
      if age < options.settling {
        wait = min(wait ?? options.settling, options.settling - age)
        continue
      }
      for passage in missing {
        guard part.live[Int(segment.passages[Int(passage)].file)],
          target.stalePassages[identity]?.contains(passage) != true,
          target.refusedPassages[identity]?.contains(passage) != true
        else { continue }
        let place = SpaceVectors.Place(segment: segment, passage: Int(passage))
        let key = PassageKey(of: Int(passage), in: segment, scratch: &scratch)
        if target.refused.contains(key) {
          target.refusedPassages[identity, default: []].insert(passage)
        } else if let number = numbers[key] {
          requests[number].places.append(place)
        } else if target.vectors.contains(key) {
          known.append((place, key))
        } else {
          if requests.count == most { return (requests, nil) }
          numbers[key] = requests.count
          requests.append(Request(key: key, places: [place]))
        }
      }
    }
    return (requests, requests.isEmpty ? wait : nil)
  }

  private func embed(_ chosen: [Request], snapshot: IndexSnapshot, _ target: Target) async -> Next {
    var texts: [String] = []
    var requests: [Request] = []
    var current: (identity: ObjectIdentifier, file: UInt32, texts: PassageTexts?)?
    for request in chosen {
      guard let place = request.places.first else { continue }
      let file = place.segment.passages[place.passage].file
      if current?.identity != ObjectIdentifier(place.segment) || current?.file != file {
        let text = index.text(of: place.segment.files[Int(file)], in: place.segment)
        current = (
          ObjectIdentifier(place.segment), file,
          text.map { PassageTexts(segment: place.segment, file: Int(file), text: $0) }
        )
      }
      if let text = current?.texts?.text(of: place.passage) {
        texts.append(text)
        requests.append(request)
      } else {
        for place in request.places {
          target.stalePassages[ObjectIdentifier(place.segment), default: []].insert(UInt32(place.passage))
        }
      }
    }
    if texts.isEmpty { return .again }
    let failure = await embed(texts, by: target, of: requests)
    guard self.target === target else { return .again }
    guard let failure, failure.kind != .cancelled else {
      if failure == nil {
        target.failures = 0
        target.message = nil
      }
      return .again
    }
    let pause = pause(after: failure, target)
    target.pausedUntil = .now + pause
    target.message = [failure.message, failure.hint].compactMap(\.self).joined(separator: " ")
    note(Coverage(of: index.snapshot, target), target)
    return .after(pause, isWaiting: false)
  }

  private func pause(after failure: EmbeddingFailure, _ target: Target) -> Duration {
    switch failure.kind {
    case .notAllowed: return options.allowancePause
    case .unauthorized, .quotaExceeded, .rejectedRequest, .rejectedInput, .invalidResponse: return options.longestPause
    case .unavailable, .rateLimited, .cancelled:
      var pause = options.firstPause
      for _ in 0..<min(target.failures, 16) { pause = min(options.longestPause, pause * 2) }
      target.failures += 1
      return max(pause, min(failure.retryAfter ?? .zero, options.longestPause))
    }
  }

  private func refuse(_ request: Request, _ target: Target) {
    target.refused.insert(request.key)
    for place in request.places {
      target.refusedPassages[ObjectIdentifier(place.segment), default: []].insert(UInt32(place.passage))
    }
  }

  /// Takes what came back: stores it, and shows it.
  ///
  /// - Returns: whether to go on.
  func take(_ outcome: EmbeddingBatcher.Outcome, for requests: [Request], of target: Target) -> Bool {
    switch outcome {
    case .refused(let failure):
      for request in requests { refuse(request, target) }
      target.refusal = "Some passages are not embedded: \(failure.message)"
    case .vectors(let vectors):
      var quantised: [(key: PassageKey, vector: QuantisedVector)] = []
      for (request, vector) in zip(requests, vectors) {
        if let vector = QuantisedVector(vector) {
          quantised.append((request.key, vector))
        } else {
          // So long or so short that its length is no number.
          refuse(request, target)
        }
      }
      do {
        guard let store, isStoreWritable else { return false }
        guard let dimensions = quantised.first?.vector.codes.count else { return true }
        if let known = target.vectors.dimensions, known != dimensions {
          // The first answer of this process says that the model behind the name is another one.
          if let stored = target.stored { try store.drop(stored) }
          target.stored = nil
          target.cursor = 0
          target.vectors.reset()
        }
        let space: VectorStore.Space
        if let stored = target.stored {
          space = stored
        } else {
          space = try store.makeSpace(target.vectors.space, dimensions: dimensions)
          try store.keepSpaces(options.keptSpaces)
          target.stored = space
        }
        try store.insert(quantised, into: space)
        target.cursor = max(target.cursor, store.lastRow)
      } catch {
        fail(error)
        target.pausedUntil = .now + options.firstPause
        return false
      }
      target.vectors.add(quantised, expected: index.snapshot.passageCount)
      target.vectors.assign(requests.flatMap { request in request.places.map { ($0, request.key) } })
    }
    guard self.target === target else { return false }
    let snapshot = index.snapshot
    let coverage = Coverage(of: snapshot, target)
    serve(target, coverage)
    note(coverage, target)
    // What has been edited meanwhile comes first.
    return Reembedder.haveSameSegments(lastSnapshot, snapshot)
  }

  // MARK: Tidying

  /// Forgets vectors of texts that are gone, beyond those that are kept in case they come back.
  private func tidy(_ store: VectorStore, _ snapshot: IndexSnapshot, _ target: Target) {
    guard !target.isPruned, let stored = target.stored else { return }
    target.isPruned = true
    let spared = max(options.sparedVectors, Int(options.sparedShare * Double(snapshot.passageCount)))
    // Texts that passages share count once, which makes this rather too few than too many.
    guard target.vectors.count > snapshot.passageCount + spared else { return }
    var live: Set<PassageKey> = []
    var scratch: [UInt8] = []
    for part in snapshot.parts {
      for run in part.runs {
        for passage in run { live.insert(PassageKey(of: passage, in: part.segment, scratch: &scratch)) }
      }
    }
    do {
      let dead = try store.count(stored) - live.count
      guard dead > spared else { return }
      let kept = try store.prune(stored, keeping: live, excess: dead - spared)
      target.vectors.prune(keeping: live.union(kept))
      target.vectors.refresh(snapshot.parts.map(\.segment))
      if shared.withLock({ $0.serving?.vectors === target.vectors }) { index.serve(target.vectors) }
    } catch {
      fail(error)
    }
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
