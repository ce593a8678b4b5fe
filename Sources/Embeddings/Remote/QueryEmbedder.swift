internal import Synchronization

/// Embeds questions for searches that cannot wait for long: it remembers the last vectors, gives up after a moment, and
/// leaves a provider alone that has not answered.
///
/// An answer that comes too late for its search is kept for the next one.
public final class QueryEmbedder: Sendable {
  /// How long is waited, and what is kept.
  public struct Policy: Sendable {
    /// How long a search waits. An answer over the network takes 100 to 400 ms.
    public var patience = Duration.milliseconds(600)
    /// When a question is given up altogether.
    public var timeout = Duration.seconds(10)
    /// Vectors that are remembered.
    public var remembered = 64
    /// Questions under way at once; more are not asked.
    public var concurrent = 4
    /// How long nothing is asked after a failure; twice as long after each further one.
    public var firstPause = Duration.seconds(2)
    /// The longest of these times.
    public var longestPause = Duration.seconds(60)

    /// The defaults.
    public init() {}
  }

  private struct State {
    /// The most recently used last.
    var remembered: [(text: String, vector: [Float])] = []
    var running: [String: Task<[Float]?, Never>] = [:]
    var failures = 0
    var notBefore: ContinuousClock.Instant?
    var trouble: String?
  }

  private let batcher: EmbeddingBatcher
  private let policy: Policy
  private let sleep: @Sendable (Duration) async throws -> Void
  private let state = Mutex(State())

  /// Makes an embedder of questions.
  ///
  /// - Parameters:
  ///   - mayEmbed: asked before each request.
  ///   - sleep: how to wait; tests need not.
  public init(
    _ embedder: any RemoteEmbedder, policy: Policy = Policy(), mayEmbed: @escaping EmbeddingAllowance = { _ in true },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    var batching = EmbeddingBatcher.Policy()
    batching.timeout = policy.timeout
    batcher = EmbeddingBatcher(embedder, policy: batching, mayEmbed: mayEmbed, sleep: sleep)
    self.policy = policy
    self.sleep = sleep
  }

  /// Why the last question has no vector; nil when it has one.
  public var trouble: String? { state.withLock { $0.trouble } }

  /// The vector of a question, or nil when there is none in time.
  public func vector(for text: String) async -> [Float]? {
    let name = batcher.embedder.space.name
    enum Found {
      case known([Float])
      case running(Task<[Float]?, Never>)
      case none
    }
    let found = state.withLock { state -> Found in
      if let index = state.remembered.firstIndex(where: { $0.text == text }) {
        let entry = state.remembered.remove(at: index)
        state.remembered.append(entry)
        state.trouble = nil
        return .known(entry.vector)
      }
      if let task = state.running[text] { return .running(task) }
      if let notBefore = state.notBefore, notBefore > .now { return .none }
      if state.running.count >= policy.concurrent {
        state.trouble = "\(name) has not answered several questions."
        return .none
      }
      let task = Task { await self.ask(text) }
      state.running[text] = task
      return .running(task)
    }
    switch found {
    case .known(let vector): return vector
    case .none: return nil
    case .running(let task):
      if let answer = await withDeadline(policy.patience, sleep: sleep, { await task.value }) { return answer }
      if !Task.isCancelled {
        state.withLock { state in
          if state.running[text] != nil { state.trouble = "\(name) has not answered in \(policy.patience)." }
        }
      }
      return nil
    }
  }

  private func ask(_ text: String) async -> [Float]? {
    let result: Result<[Float], EmbeddingFailure>
    do throws(EmbeddingFailure) {
      result = .success(try await batcher.embed(query: text))
    } catch {
      result = .failure(error)
    }
    return state.withLock { state in
      state.running[text] = nil
      switch result {
      case .success(let vector):
        state.failures = 0
        state.notBefore = nil
        state.trouble = nil
        state.remembered.append((text, vector))
        if state.remembered.count > policy.remembered { state.remembered.removeFirst() }
        return vector
      case .failure(let failure):
        var pause = policy.firstPause
        for _ in 0..<min(state.failures, 16) { pause = min(policy.longestPause, pause * 2) }
        state.failures += 1
        state.notBefore = .now + max(pause, min(failure.retryAfter ?? .zero, policy.longestPause))
        state.trouble = failure.message
        return nil
      }
    }
  }
}
