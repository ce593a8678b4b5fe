internal import Dispatch
public import Embeddings
internal import SQLiteKit
internal import Synchronization

/// Embeds the passages of an index with a remote embedder, in the background, and sees to it that its vectors serve as soon
/// as they are there.
///
/// The embedded model always serves at once: for everything while the remote vectors are incomplete, for single passages
/// that have only just changed, and for searches whose query has no vector in time. What comes back is stored as it comes,
/// under the text's key, so that a process that dies loses no more than the requests under way.
///
/// It works in rounds, each of which looks what there is and does one piece of work: reads stored vectors, or embeds a few
/// passages, the newest first. So it needs to remember nothing, and an edit waits for no more than one piece.
public actor Reembedder {
  /// An embedder whose vectors are made or serve.
  final class Target {
    var service: EmbeddingService
    var batcher: EmbeddingBatcher
    let vectors: SpaceVectors
    /// Where they are stored, once there are any.
    var stored: VectorStore.Space?
    /// The last stored row that was read.
    var cursor: Int64 = 0
    /// Texts that the embedder does not take.
    var refused: Set<PassageKey> = []
    /// The passages of which this is known, by segment.
    var refusedPassages: [ObjectIdentifier: Set<UInt32>] = [:]
    /// Passages of files that have changed since they were indexed, by segment: they are indexed anew soon.
    var stalePassages: [ObjectIdentifier: Set<UInt32>] = [:]
    var failures = 0
    var pausedUntil: ContinuousClock.Instant?
    var message: String?
    /// Why the last of the refused texts was refused.
    var refusal: String?
    var isPruned = false

    init(_ service: EmbeddingService, batcher: EmbeddingBatcher, vectors: SpaceVectors) {
      self.service = service
      self.batcher = batcher
      self.vectors = vectors
    }
  }

  /// What is read from anywhere without waiting.
  struct Shared {
    var serving: (service: EmbeddingService, vectors: SpaceVectors)?
    var progress: EmbeddingProgress?
  }

  let index: WorkspaceIndex
  let options: ReembeddingOptions
  let onChange: @Sendable () -> Void
  private let executor = BlockingExecutor(label: "embedding", qos: .utility)
  /// Where the actor runs: it reads files and the database.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  nonisolated let shared = Mutex(Shared())
  private let signals: AsyncStream<Void>
  private nonisolated let signal: AsyncStream<Void>.Continuation
  private var loop: Task<Void, Never>?
  private var timer: Task<Void, Never>?
  private var work: Task<EmbeddingFailure?, Never>?
  private var isStopped = false
  /// Rounds that have begun.
  private var rounds = 0
  /// Who waits for the end of the work, and the last round that began before.
  private var waiters: [(round: Int, continuation: CheckedContinuation<Void, Never>)] = []

  var target: Target?
  var store: VectorStore?
  var isStoreWritable = false
  /// When each segment was first seen.
  var seen: [ObjectIdentifier: ContinuousClock.Instant] = [:]
  /// The snapshot of the last round.
  var lastSnapshot: IndexSnapshot?
  /// What is wrong with the store, if something is.
  var storeMessage: String?
  /// What happened to the store.
  var storeNotice: String?

  /// Makes one for an index; nothing happens before `setEmbedder`.
  ///
  /// - Parameter onChange: called on any thread when `progress` says something else, other than that it has gone on.
  public init(
    index: WorkspaceIndex, options: ReembeddingOptions = ReembeddingOptions(),
    onChange: @escaping @Sendable () -> Void = {}
  ) {
    self.index = index
    self.options = options
    self.onChange = onChange
    (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// How far it is; nil without an embedder.
  public nonisolated var progress: EmbeddingProgress? { shared.withLock { $0.progress } }

  /// What embeds the questions of searches in a snapshot; nil when the segments' own vectors serve it.
  public nonisolated func queries(for snapshot: IndexSnapshot) -> QueryEmbedder? {
    shared.withLock { shared in
      shared.serving?.vectors.space == snapshot.servedSpace ? shared.serving?.service.queries : nil
    }
  }

  /// Switches to another embedder, or to none. What served before serves until the new one's vectors are there; without an
  /// embedder the embedded model does at once.
  public func setEmbedder(_ service: EmbeddingService?) {
    guard !isStopped else { return }
    cancelWorkLater()
    guard let service else {
      target = nil
      shared.withLock { $0 = Shared() }
      index.serve(nil)
      onChange()
      wake()
      return
    }
    let batcher = EmbeddingBatcher(service.embedder, policy: options.requests, mayEmbed: service.mayEmbed)
    let name = service.embedder.space.id
    let serving = shared.withLock { shared in
      // The same model by another way, such as with another key.
      if shared.serving?.vectors.space == name { shared.serving?.service = service }
      return shared.serving?.vectors
    }
    if let target, target.vectors.space == name {
      target.service = service
      target.batcher = batcher
      resume()
    } else {
      let vectors = serving?.space == name ? serving : nil
      target = Target(service, batcher: batcher, vectors: vectors ?? SpaceVectors(space: name))
    }
    if loop == nil {
      index.observe { [signal] in signal.yield() }
      loop = Task { await self.run() }
    }
    wake()
  }

  /// Goes on at once where it paused, since a limit was raised or a connection is back.
  public func resume() {
    target?.pausedUntil = nil
    target?.failures = 0
    wake()
  }

  /// Looks at once what another process has stored.
  public nonisolated func wake() { signal.yield() }

  /// Waits until there is nothing to do: everything is embedded, or it pauses, or there is no embedder.
  public func settled() async {
    guard target != nil, loop != nil, !isStopped else { return }
    wake()
    await withCheckedContinuation { waiters.append((rounds, $0)) }
  }

  /// Ends all work and lets go of the store.
  public func stop() async {
    isStopped = true
    index.observe(nil)
    work?.cancel()
    timer?.cancel()
    signal.finish()
    await loop?.value
    target = nil
    store = nil
    shared.withLock { $0 = Shared() }
    index.serve(nil)
    answerWaiters()
  }

  // MARK: Rounds

  /// What a round asks for.
  enum Next {
    /// Another round at once.
    case again
    /// One after some time, unless something happens before. `isWaiting` says whether it only waits for texts to settle.
    case after(Duration, isWaiting: Bool)
    /// One when something happens.
    case idle
  }

  private func run() async {
    for await _ in signals {
      if isStopped { return }
      timer?.cancel()
      rounds += 1
      switch await round() {
      case .again: signal.yield()
      case .after(let time, let isWaiting):
        timer = Task { [signal] in
          if (try? await Task.sleep(for: time)) != nil { signal.yield() }
        }
        if !isWaiting { answerWaiters() }
      case .idle: answerWaiters()
      }
    }
  }

  private func answerWaiters() {
    let ready = waiters.filter { $0.round < rounds || isStopped }
    waiters.removeAll { $0.round < rounds || isStopped }
    for waiter in ready { waiter.continuation.resume() }
  }

  /// Embeds texts in a task of its own, so that it can be cancelled while this waits for it.
  func embed(_ texts: [String], by target: Target, of requests: [Request]) async -> EmbeddingFailure? {
    let batcher = target.batcher
    let work = Task {
      await batcher.embed(texts) { range, outcome in
        self.take(outcome, for: Array(requests[range]), of: target)
      }
    }
    self.work = work
    let failure = await work.value
    if self.work == work { self.work = nil }
    return failure
  }

  /// Leaves requests that are paid for a moment to be answered.
  private func cancelWorkLater() {
    guard let work else { return }
    Task { [options] in
      try? await Task.sleep(for: options.grace)
      work.cancel()
    }
  }
}
