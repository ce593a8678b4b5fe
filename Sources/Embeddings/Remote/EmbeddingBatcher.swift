internal import Synchronization

/// Embeds many texts with a `RemoteEmbedder`: in requests as large as it takes, several at once, each tried again where
/// that may help. It checks what comes back.
///
/// It decides and counts, no more: what is sent is the embedder's, what becomes of the vectors the caller's business.
public final class EmbeddingBatcher: Sendable {
  /// When a request is sent again, and when it is given up.
  public struct Policy: Sendable {
    /// How often a request is sent at most.
    public var attempts = 4
    /// The wait before the second attempt; each further one is twice as long.
    public var firstDelay = Duration.milliseconds(500)
    /// The longest wait between two attempts. A provider that asks for a longer one is left alone: the caller is told.
    public var longestDelay = Duration.seconds(20)
    /// How long a request may take.
    public var timeout = Duration.seconds(60)
    /// How the waits differ from each other, so that several processes do not come back at one moment: a share of each.
    public var jitter = 0.25

    /// The defaults.
    public init() {}
  }

  /// What became of some texts.
  public enum Outcome: Sendable {
    /// Their vectors, in order: of equal dimensions, finite, and not all zeros.
    case vectors([[Float]])
    /// The embedder does not take this one text.
    case refused(EmbeddingFailure)
  }

  /// What is asked.
  public let embedder: any RemoteEmbedder
  private let policy: Policy
  private let mayEmbed: EmbeddingAllowance
  private let sleep: @Sendable (Duration) async throws -> Void
  /// Of the space, or of the first answer.
  private let dimensionality: Mutex<Int?>

  /// Makes a batcher.
  ///
  /// - Parameters:
  ///   - mayEmbed: asked before each request.
  ///   - sleep: how to wait; tests need not.
  public init(
    _ embedder: any RemoteEmbedder, policy: Policy = Policy(), mayEmbed: @escaping EmbeddingAllowance = { _ in true },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.embedder = embedder
    self.policy = policy
    self.mayEmbed = mayEmbed
    self.sleep = sleep
    dimensionality = Mutex(embedder.space.dimensions)
  }

  /// The length of the vectors; nil before the first answer of an embedder that does not say it.
  public var dimensions: Int? { dimensionality.withLock { $0 } }

  /// Embeds passages.
  ///
  /// - Parameters:
  ///   - texts: any number of them; empty ones count as a space.
  ///   - deliver: called, one call at a time, with the texts' numbers and what became of them, in the order in which
  ///     answers come. When it answers false no further request is begun; it is called for those under way.
  /// - Returns: why not all texts have been delivered; nil when they have or `deliver` ended it.
  public func embed(
    _ texts: [String], isolation: isolated (any Actor)? = #isolation, deliver: (Range<Int>, Outcome) async -> Bool
  ) async -> EmbeddingFailure? {
    var requests = EmbeddingBatcher.requests(for: texts, limits: embedder.limits)[...]
    return await withTaskGroup(of: Answer.self) { group in
      var failure: EmbeddingFailure?
      var isWanted = true
      for _ in 0..<embedder.limits.concurrentRequests {
        guard let range = requests.popFirst() else { break }
        group.addTask { await self.answer(texts, range) }
      }
      // What is under way when one fails is paid for, and so it is delivered.
      while let answer = await group.next() {
        for (range, outcome) in answer.outcomes {
          let goesOn = await deliver(range, outcome)
          isWanted = isWanted && goesOn
        }
        failure = failure ?? answer.failure
        if failure == nil, isWanted, !Task.isCancelled, let range = requests.popFirst() {
          group.addTask { await self.answer(texts, range) }
        }
      }
      if failure == nil, isWanted, !requests.isEmpty {
        failure = EmbeddingFailure(.cancelled, "Embedding was cancelled.")
      }
      return failure
    }
  }

  /// Embeds a question: asked once, since someone waits for it.
  ///
  /// - Throws: `EmbeddingFailure`.
  public func embed(query: String) async throws(EmbeddingFailure) -> [Float] {
    let text = EmbeddingBatcher.bounded(query, to: embedder.limits.bytesPerText)
    guard mayEmbed(EmbeddingDemand(.query, texts: 1, bytes: text.utf8.count)) else {
      throw EmbeddingBatcher.notAllowed
    }
    let embedder = embedder
    let vectors = try await limited { () async throws(EmbeddingFailure) in [try await embedder.embed(query: text)] }
    return try checked(vectors, count: 1)[0]
  }

  // MARK: Requests

  private struct Answer: Sendable {
    var outcomes: [(Range<Int>, Outcome)] = []
    var failure: EmbeddingFailure?
  }

  private static let notAllowed = EmbeddingFailure(
    .notAllowed, "The budget does not permit more embeddings for now.",
    hint: "Raise the limit, or wait until it renews.")

  /// Which texts go together.
  static func requests(for texts: [String], limits: EmbeddingLimits) -> [Range<Int>] {
    var requests: [Range<Int>] = []
    var start = 0
    var bytes = 0
    for (index, text) in texts.enumerated() {
      let size = min(text.utf8.count, limits.bytesPerText)
      if index > start, index - start == limits.textsPerRequest || bytes + size > limits.bytesPerRequest {
        requests.append(start..<index)
        start = index
        bytes = 0
      }
      bytes += size
    }
    if start < texts.count { requests.append(start..<texts.count) }
    return requests
  }

  /// The beginning of a text, of so many bytes at most; never empty.
  static func bounded(_ text: String, to limit: Int) -> String {
    if text.isEmpty { return " " }
    if text.utf8.count <= limit { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
    // Back to where a scalar begins.
    while end > text.utf8.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
      end = text.utf8.index(before: end)
    }
    return end > text.utf8.startIndex ? String(text[..<end]) : " "
  }

  /// Embeds the texts of a request; if they are refused, each half of them by itself.
  private func answer(_ texts: [String], _ range: Range<Int>) async -> Answer {
    var answer = Answer()
    var waiting = [range]
    while let range = waiting.popLast() {
      do {
        answer.outcomes.append((range, .vectors(try await vectors(texts[range]))))
      } catch  where error.kind == .rejectedInput {
        if range.count == 1 {
          answer.outcomes.append((range, .refused(error)))
        } else {
          let middle = range.lowerBound + range.count / 2
          waiting.append(middle..<range.upperBound)
          waiting.append(range.lowerBound..<middle)
        }
      } catch {
        answer.failure = error
        break
      }
    }
    return answer
  }

  /// Sends a request until it succeeds or is hopeless.
  private func vectors(_ texts: ArraySlice<String>) async throws(EmbeddingFailure) -> [[Float]] {
    let limit = embedder.limits.bytesPerText
    let passages = texts.map { EmbeddingBatcher.bounded($0, to: limit) }
    let bytes = passages.reduce(0) { $0 + $1.utf8.count }
    var delay = policy.firstDelay
    var attempt = 1
    while true {
      if Task.isCancelled { throw EmbeddingFailure(.cancelled, "Embedding was cancelled.") }
      guard mayEmbed(EmbeddingDemand(.passages, texts: passages.count, bytes: bytes)) else {
        throw EmbeddingBatcher.notAllowed
      }
      do {
        let embedder = embedder
        let vectors = try await limited { () async throws(EmbeddingFailure) in
          try await embedder.embed(passages: passages)
        }
        return try checked(vectors, count: passages.count)
      } catch {
        // What is no answer may be one the next time, but whoever counts money does not try for long.
        let isHopeless = !error.isRetryable && !(error.kind == .invalidResponse && attempt == 1)
        if isHopeless || attempt >= policy.attempts { throw error }
        let wait = max(delay * Double.random(in: 1 - policy.jitter...1 + policy.jitter), error.retryAfter ?? .zero)
        if wait > max(policy.longestDelay, policy.firstDelay * 2) { throw error }
        do { try await sleep(wait) } catch { throw EmbeddingFailure(.cancelled, "Embedding was cancelled.") }
        delay = min(delay * 2, policy.longestDelay)
        attempt += 1
      }
    }
  }

  private func limited(
    _ request: @escaping @Sendable () async throws(EmbeddingFailure) -> [[Float]]
  ) async throws(EmbeddingFailure) -> [[Float]] {
    let result = await withDeadline(policy.timeout, sleep: sleep) { () -> Result<[[Float]], EmbeddingFailure> in
      do throws(EmbeddingFailure) { return .success(try await request()) } catch { return .failure(error) }
    }
    if let result { return try result.get() }
    if Task.isCancelled { throw EmbeddingFailure(.cancelled, "Embedding was cancelled.") }
    throw EmbeddingFailure(.unavailable, "\(embedder.space.name) has not answered in \(policy.timeout).")
  }

  /// The most that any model gives, and more.
  static let mostDimensions = 8_192

  private func checked(_ vectors: [[Float]], count: Int) throws(EmbeddingFailure) -> [[Float]] {
    let name = embedder.space.name
    guard vectors.count == count else {
      throw EmbeddingFailure(.invalidResponse, "\(name) gave \(vectors.count) vectors for \(count) texts.")
    }
    guard let length = vectors.first?.count, (1...EmbeddingBatcher.mostDimensions).contains(length),
      vectors.allSatisfy({ $0.count == length })
    else { throw EmbeddingFailure(.invalidResponse, "\(name) gave vectors of unequal or impossible lengths.") }
    for vector in vectors {
      var squares = 0.0
      for value in vector { squares += Double(value) * Double(value) }
      // A number that is none, or infinite, makes the sum so.
      guard squares.isFinite, squares > 0 else {
        throw EmbeddingFailure(
          .invalidResponse, "\(name) gave a vector that is none: zeros, or values that are no numbers.")
      }
    }
    // Only what is a vector in all other ways decides what the others are compared with.
    let expected = dimensionality.withLock { known in
      known = known ?? length
      return known ?? length
    }
    guard expected == length else {
      throw EmbeddingFailure(
        .invalidResponse, "\(name) gave vectors of \(length) dimensions, and \(expected) are expected.",
        hint: "Set the model's dimensions to what it gives.")
    }
    return vectors
  }
}
