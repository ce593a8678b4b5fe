import Synchronization
import TestEmbedder
import Testing

@testable import Embeddings

@Suite struct EmbeddingBatcherTests {
  /// Waits that take no time, and are written down.
  final class Waits: Sendable {
    private let all = Mutex<[Duration]>([])
    var list: [Duration] { all.withLock { $0 } }
    func sleep(_ time: Duration) async throws {
      // The clock of a request that is never late.
      if time >= .seconds(60) {
        try await Task.sleep(for: .seconds(600))
        return
      }
      all.withLock { $0.append(time) }
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  final class Allowed: Sendable {
    private let left: Mutex<Int>
    init(_ count: Int) { left = Mutex(count) }
    func ask() -> Bool {
      left.withLock { left in
        left -= 1
        return left >= 0
      }
    }
  }

  private func collect(
    _ batcher: EmbeddingBatcher, _ texts: [String]
  ) async -> (vectors: [Int: [Float]], refused: [Int], failure: EmbeddingFailure?) {
    var vectors: [Int: [Float]] = [:]
    var refused: [Int] = []
    let failure = await batcher.embed(texts) { range, outcome in
      switch outcome {
      case .vectors(let list): for (index, vector) in zip(range, list) { vectors[index] = vector }
      case .refused: refused += range
      }
      return true
    }
    return (vectors, refused.sorted(), failure)
  }

  @Test func requestsAreAsLargeAsTheEmbedderTakes() async {
    let embedder = FakeEmbedder(
      limits: EmbeddingLimits(textsPerRequest: 3, bytesPerRequest: 20, bytesPerText: 12, concurrentRequests: 2))
    let texts = ["one", "two", "three", "four", "a long text of many", "another long text", "x", ""]
    let result = await collect(EmbeddingBatcher(embedder), texts)
    #expect(result.failure == nil)
    #expect(result.vectors.count == texts.count)
    // In order, whatever came first: each vector is that of its own text, cut to twelve bytes.
    for (index, text) in texts.enumerated() {
      let sent = text.isEmpty ? " " : String(text.prefix(12))
      #expect(result.vectors[index] == embedder.vector(of: sent))
    }
    #expect(embedder.requests.allSatisfy { $0 <= 3 })
    #expect(embedder.mostRunning <= 2)
    #expect(EmbeddingBatcher.requests(for: texts, limits: embedder.limits) == [0..<3, 3..<5, 5..<8])
  }

  @Test func textsAreCutAtCharacters() {
    #expect(EmbeddingBatcher.bounded("aäöü", to: 4) == "aä")
    #expect(EmbeddingBatcher.bounded("aäöü", to: 3) == "aä")
    #expect(EmbeddingBatcher.bounded("😀", to: 3) == " ")
    #expect(EmbeddingBatcher.bounded("", to: 3) == " ")
    #expect(EmbeddingBatcher.bounded("abc", to: 3) == "abc")
  }

  @Test func whatMaySucceedIsTriedAgain() async {
    let waits = Waits()
    let allowed = Allowed(2)
    let embedder = FakeEmbedder { _ throws(EmbeddingFailure) in
      if allowed.ask() { throw EmbeddingFailure(.rateLimited, "slow down", retryAfter: .seconds(3)) }
      return nil
    }
    let result = await collect(EmbeddingBatcher(embedder, sleep: waits.sleep), ["a", "b"])
    #expect(result.failure == nil)
    #expect(embedder.requests == [2, 2, 2])
    // Not before the provider said.
    #expect(waits.list == [.seconds(3), .seconds(3)])
  }

  @Test func whatNeverSucceedsIsGivenUp() async {
    let waits = Waits()
    let embedder = FakeEmbedder { _ throws(EmbeddingFailure) in throw EmbeddingFailure(.unavailable, "down") }
    let result = await collect(EmbeddingBatcher(embedder, sleep: waits.sleep), ["a"])
    #expect(result.failure?.kind == .unavailable)
    #expect(embedder.requests.count == 4)
    // Each wait about twice the one before.
    #expect(waits.list.count == 3)
    #expect(zip(waits.list, waits.list.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func longWaitsAreTheCallersBusiness() async {
    let embedder = FakeEmbedder { _ throws(EmbeddingFailure) in
      throw EmbeddingFailure(.rateLimited, "tomorrow", retryAfter: .seconds(3600))
    }
    let result = await collect(EmbeddingBatcher(embedder), ["a"])
    #expect(result.failure?.retryAfter == .seconds(3600))
    #expect(embedder.requests == [1])
  }

  @Test(arguments: [EmbeddingFailure.Kind.unauthorized, .quotaExceeded, .rejectedRequest])
  func whatIsHopelessIsNotTriedAgain(_ kind: EmbeddingFailure.Kind) async {
    let embedder = FakeEmbedder { _ throws(EmbeddingFailure) in throw EmbeddingFailure(kind, "no") }
    let result = await collect(EmbeddingBatcher(embedder), ["a", "b"])
    #expect(result.failure?.kind == kind)
    #expect(embedder.requests.count == 1)
  }

  @Test func oneTextThatIsRefusedDoesNotTakeTheOthersAlong() async {
    let embedder = FakeEmbedder(limits: EmbeddingLimits(textsPerRequest: 8)) { texts throws(EmbeddingFailure) in
      if texts.contains("bad") { throw EmbeddingFailure(.rejectedInput, "too long") }
      return nil
    }
    let texts = (0..<20).map { $0 == 11 ? "bad" : "text \($0)" }
    let result = await collect(EmbeddingBatcher(embedder), texts)
    #expect(result.failure == nil)
    #expect(result.refused == [11])
    #expect(Set(result.vectors.keys) == Set(0..<20).subtracting([11]))
    // None of the others twice.
    #expect(embedder.passages.count == 19)
  }

  @Test func nothingIsSentWithoutLeave() async {
    let allowed = Allowed(2)
    let embedder = FakeEmbedder(limits: EmbeddingLimits(textsPerRequest: 1, concurrentRequests: 1))
    let batcher = EmbeddingBatcher(
      embedder,
      mayEmbed: { demand in
        #expect(demand == EmbeddingDemand(.passages, texts: 1, bytes: 1))
        return allowed.ask()
      })
    let result = await collect(batcher, ["a", "b", "c", "d"])
    #expect(result.failure?.kind == .notAllowed)
    #expect(result.vectors.count == 2)
    #expect(embedder.passages == ["a", "b"])
  }

  @Test(arguments: [
    [[Float]](), [[1, 2], [3]], [[.nan, 1], [1, 1]], [[.infinity, 1], [1, 1]], [[0, 0], [1, 1]], [[], []],
    [[1, 2], [1, 2], [1, 2]],
  ])
  func answersThatAreNoneAreNotTaken(_ answer: [[Float]]) async {
    let embedder = FakeEmbedder(saysDimensions: false) { _ in answer }
    let result = await collect(EmbeddingBatcher(embedder, sleep: Waits().sleep), ["a", "b"])
    #expect(result.failure?.kind == .invalidResponse)
    #expect(result.vectors.isEmpty)
    // Once more, and no more.
    #expect(embedder.requests.count == 2)
  }

  @Test func dimensionsAreThoseOfTheFirstAnswer() async {
    let embedder = FakeEmbedder(
      dimensions: 4, limits: EmbeddingLimits(textsPerRequest: 1, concurrentRequests: 1), saysDimensions: false
    ) { texts in texts == ["b"] ? [[1, 2, 3]] : nil }
    let batcher = EmbeddingBatcher(embedder, sleep: Waits().sleep)
    #expect(batcher.dimensions == nil)
    let result = await collect(batcher, ["a", "b", "c"])
    #expect(batcher.dimensions == 4)
    #expect(result.failure?.kind == .invalidResponse)
    #expect(result.vectors.keys.sorted() == [0])
  }

  @Test func aRequestThatHangsIsGivenUp() async {
    // It does not even heed being cancelled.
    let embedder = FakeEmbedder { _ in
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
      return nil
    }
    var policy = EmbeddingBatcher.Policy()
    policy.timeout = .milliseconds(10)
    policy.attempts = 2
    policy.firstDelay = .milliseconds(1)
    let result = await collect(EmbeddingBatcher(embedder, policy: policy), ["a"])
    #expect(result.failure?.kind == .unavailable)
    #expect(embedder.requests.count == 2)
  }

  @Test func cancellingEndsIt() async {
    let embedder = FakeEmbedder { _ in
      try? await Task.sleep(for: .seconds(600))
      return nil
    }
    let batcher = EmbeddingBatcher(embedder)
    let task = Task { await batcher.embed(["a"]) { _, _ in true } }
    while embedder.requests.isEmpty { await Task.yield() }
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
  }

  @Test func whoHasEnoughGetsWhatIsUnderWay() async {
    let embedder = FakeEmbedder(limits: EmbeddingLimits(textsPerRequest: 1, concurrentRequests: 2))
    var delivered = 0
    let failure = await EmbeddingBatcher(embedder).embed((0..<20).map { "\($0)" }) { _, _ in
      delivered += 1
      return false
    }
    #expect(failure == nil)
    #expect(delivered == 2)
    #expect(embedder.passages.count == 2)
  }
}
