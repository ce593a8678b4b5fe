internal import Embeddings

/// Puts the best passages in the order that a reranker gives them. When it fails, or takes too long, our own order
/// stays, and it is left alone for a while.
actor RerankStage {
  private let reranker: any PassageReranker
  private let sleep: @Sendable (Duration) async throws -> Void
  private var failures = 0
  private var notBefore: ContinuousClock.Instant?
  /// Why the last search has our own order; nil when it was reranked.
  private(set) var trouble: String?

  /// How long nothing is asked after a failure; twice as long after each further one.
  static let firstPause = Duration.seconds(2)
  /// The longest of these times.
  static let longestPause = Duration.seconds(60)
  /// Bytes of a passage that are sent at most.
  static let longestPassage = 4_096

  init(
    _ reranker: any PassageReranker,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.reranker = reranker
    self.sleep = sleep
  }

  /// How many passages are looked at.
  nonisolated var candidates: Int { reranker.candidates }

  /// The reranker, and what is wrong with it.
  var status: RerankStatus { RerankStatus(name: reranker.name, message: trouble) }

  /// The evidence with its best passages in a new order.
  func rerank(_ query: String, _ evidence: [Evidence]) async -> [Evidence] {
    let count = min(evidence.count, candidates)
    guard count > 1 else { return evidence }
    if let notBefore, notBefore > .now { return evidence }
    let texts = evidence.prefix(count).map(RerankStage.text)
    let reranker = reranker
    let result = await withDeadline(reranker.timeout, sleep: sleep) { () -> Result<[Int], EngineError> in
      do throws(EngineError) { return .success(try await reranker.order(query, texts)) } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let order):
      guard let reordered = RerankStage.reordered(evidence, by: order, of: count) else {
        failed("\(reranker.name) gave an order that is none.")
        return evidence
      }
      failures = 0
      notBefore = nil
      trouble = nil
      return reordered
    case .failure(let error):
      if !Task.isCancelled { failed([error.message, error.hint].compactMap(\.self).joined(separator: " "), error) }
    case nil:
      if !Task.isCancelled { failed("\(reranker.name) has not answered in \(reranker.timeout).") }
    }
    return evidence
  }

  private func failed(_ why: String, _ error: EngineError? = nil) {
    var pause = RerankStage.firstPause
    for _ in 0..<min(failures, 16) { pause = min(RerankStage.longestPause, pause * 2) }
    if let wait = error?.retryAfterMs { pause = max(pause, min(.milliseconds(wait), RerankStage.longestPause)) }
    failures += 1
    notBefore = .now + pause
    trouble = why + " Passages stand in our own order."
  }

  /// What a reranker reads: the path says much about a passage.
  private static func text(_ item: Evidence) -> String {
    let text = item.path + "\n" + item.text
    guard text.utf8.count > longestPassage else { return text }
    return String(decoding: text.utf8.prefix(longestPassage), as: UTF8.self)
  }

  /// The first `count` passages by `order`, those that it leaves out after them, then all others; nil when it is no order
  /// of them.
  ///
  /// The order replaces ours among the candidates: a reranker has read query and passage together, and its scores are of
  /// a scale of their own, which no weight fits for all. The scores stay those of our ranking, handed out anew from the
  /// best down, so that they mean what they mean everywhere, and what a passage gained or lost by it stands in `why`.
  static func reordered(_ evidence: [Evidence], by order: [Int], of count: Int) -> [Evidence]? {
    var isPlaced = [Bool](repeating: false, count: count)
    for index in order {
      guard isPlaced.indices.contains(index), !isPlaced[index] else { return nil }
      isPlaced[index] = true
    }
    guard !order.isEmpty else { return nil }
    let places = order + isPlaced.indices.filter { !isPlaced[$0] }
    let scores = evidence.prefix(count).map(\.score).sorted(by: >)
    var result = places.enumerated().map { rank, index in
      var item = evidence[index]
      item.why["rerank"] = Double(scores[rank]) - Double(item.score)
      item.score = scores[rank]
      return item
    }
    result += evidence[count...]
    return result
  }
}

extension Evidence {
  /// The score that our own ranking gave.
  var ownScore: Double { Double(score) - (why["rerank"] ?? 0) }
}
