public import Embeddings
internal import Synchronization

/// An embedder that gives vectors of the words of a text, counts what it is asked, and misbehaves as the test says.
public final class FakeEmbedder: RemoteEmbedder {
  /// What happens to a request with these texts instead of what should; nil lets it go well.
  public typealias Trouble = @Sendable (_ texts: [String]) async throws(EmbeddingFailure) -> [[Float]]?

  private struct State {
    var trouble: Trouble?
    var passages: [String] = []
    var queries: [String] = []
    var requests: [Int] = []
    var running = 0
    var mostRunning = 0
  }

  /// The space that the test named.
  public let space: EmbeddingSpace
  /// The limits that the test gave.
  public let limits: EmbeddingLimits
  private let dimensions: Int
  private let seed: UInt64
  private let state: Mutex<State>

  /// - Parameter saysDimensions: whether the space has its dimensions before the first answer.
  public init(
    _ id: String = "fake", dimensions: Int = 64, seed: UInt64 = 1, limits: EmbeddingLimits = EmbeddingLimits(),
    saysDimensions: Bool = true, trouble: Trouble? = nil
  ) {
    space = EmbeddingSpace(id: id, dimensions: saysDimensions ? dimensions : nil)
    self.dimensions = dimensions
    self.seed = seed
    self.limits = limits
    state = Mutex(State(trouble: trouble))
  }

  /// Makes it behave in another way from the next request on.
  public func setTrouble(_ trouble: Trouble?) { state.withLock { $0.trouble = trouble } }

  /// All passages of requests that went well, in order.
  public var passages: [String] { state.withLock { $0.passages } }
  /// All questions.
  public var queries: [String] { state.withLock { $0.queries } }
  /// The sizes of all requests, those that failed among them.
  public var requests: [Int] { state.withLock { $0.requests } }
  /// The most requests that were under way at once.
  public var mostRunning: Int { state.withLock { $0.mostRunning } }
  /// Forgets what was counted.
  public func forget() {
    state.withLock { state in
      state.passages = []
      state.queries = []
      state.requests = []
    }
  }

  /// Answers with a vector for each text, or as the test says.
  public func embed(passages: [String]) async throws(EmbeddingFailure) -> [[Float]] {
    let trouble = state.withLock { state in
      state.requests.append(passages.count)
      state.running += 1
      state.mostRunning = max(state.mostRunning, state.running)
      return state.trouble
    }
    defer { state.withLock { $0.running -= 1 } }
    await Task.yield()
    if let vectors = try await trouble?(passages) { return vectors }
    state.withLock { $0.passages += passages }
    return passages.map { vector(of: $0) }
  }

  /// Answers with the question's vector, or as the test says.
  public func embed(query: String) async throws(EmbeddingFailure) -> [Float] {
    let trouble = state.withLock { state in
      state.queries.append(query)
      return state.trouble
    }
    if let vectors = try await trouble?([query]), let vector = vectors.first { return vector }
    return vector(of: query)
  }

  /// What it gives for a text: the sum of its words' random directions, so that equal words make texts alike.
  public func vector(of text: String) -> [Float] {
    var sum = [Float](repeating: 0.001, count: dimensions)
    for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ (seed &* 0x9e37_79b9_7f4a_7c15)
      for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      for index in sum.indices {
        hash = hash &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        sum[index] += Float(Int64(bitPattern: hash) >> 40) / Float(1 << 23)
      }
    }
    return sum
  }
}
