import Synchronization
import TestEmbedder
import Testing

@testable import Embeddings

@Suite struct QueryEmbedderTests {
  /// A gate that requests wait at.
  final class Gate: Sendable {
    private struct State {
      var isOpen = false
      var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())
    func pass() async {
      await withCheckedContinuation { continuation in
        let isOpen = state.withLock { state in
          if !state.isOpen { state.waiting.append(continuation) }
          return state.isOpen
        }
        if isOpen { continuation.resume() }
      }
    }
    func open() {
      let waiting = state.withLock { state in
        state.isOpen = true
        defer { state.waiting = [] }
        return state.waiting
      }
      for continuation in waiting { continuation.resume() }
    }
  }

  @Test func vectorsAreRemembered() async {
    let embedder = FakeEmbedder()
    var policy = QueryEmbedder.Policy()
    policy.remembered = 2
    policy.patience = .seconds(60)
    let queries = QueryEmbedder(embedder, policy: policy)
    for text in ["a", "b", "a", "c", "a", "b"] {
      #expect(await queries.vector(for: text) == embedder.vector(of: text))
    }
    // "b" was the one not used for longest when "c" came.
    #expect(embedder.queries == ["a", "b", "c", "b"])
    #expect(queries.trouble == nil)
  }

  @Test func whatComesTooLateIsForTheNextSearch() async {
    let gate = Gate()
    let embedder = FakeEmbedder { _ in
      await gate.pass()
      return nil
    }
    var policy = QueryEmbedder.Policy()
    policy.patience = .milliseconds(5)
    let queries = QueryEmbedder(embedder, policy: policy)
    #expect(await queries.vector(for: "a") == nil)
    #expect(queries.trouble?.contains("fake") == true)
    gate.open()
    while await queries.vector(for: "a") == nil { await Task.yield() }
    #expect(embedder.queries == ["a"])
    #expect(queries.trouble == nil)
  }

  @Test func oneThatFailsIsLeftAlone() async {
    let embedder = FakeEmbedder { _ throws(EmbeddingFailure) in throw EmbeddingFailure(.unavailable, "down") }
    var policy = QueryEmbedder.Policy()
    policy.patience = .seconds(60)
    policy.firstPause = .seconds(600)
    policy.longestPause = .seconds(600)
    let queries = QueryEmbedder(embedder, policy: policy)
    #expect(await queries.vector(for: "a") == nil)
    #expect(await queries.vector(for: "b") == nil)
    #expect(embedder.queries == ["a"])
    #expect(queries.trouble == "down")
  }

  @Test func noMoreThanAFewAreUnderWay() async {
    let gate = Gate()
    let embedder = FakeEmbedder { _ in
      await gate.pass()
      return nil
    }
    var policy = QueryEmbedder.Policy()
    policy.patience = .milliseconds(2)
    policy.concurrent = 2
    let queries = QueryEmbedder(embedder, policy: policy)
    for text in ["a", "b", "c", "a", "d"] { #expect(await queries.vector(for: text) == nil) }
    #expect(Set(embedder.queries).isSubset(of: ["a", "b"]))
    gate.open()
  }

  @Test func questionsNeedLeave() async {
    let embedder = FakeEmbedder()
    let queries = QueryEmbedder(
      embedder,
      mayEmbed: { demand in
        #expect(demand.purpose == .query)
        return false
      })
    #expect(await queries.vector(for: "a") == nil)
    #expect(embedder.queries.isEmpty)
  }
}
