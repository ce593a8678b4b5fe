/// What the engine asks of a reranker: the seam between retrieval and providers.
public protocol PassageReranker: Sendable {
  /// Its name for people.
  var name: String { get }
  /// How many of the best passages it is given.
  var candidates: Int { get }
  /// How long a search waits for it.
  var timeout: Duration { get }

  /// Puts passages in order by how well they match a query; cancelling the task ends it soon.
  ///
  /// - Parameter passages: 1...`candidates` texts.
  /// - Returns: the numbers of passages, best first, each at most once; those left out come after them.
  /// - Throws: `EngineError`.
  func order(_ query: String, _ passages: [String]) async throws(EngineError) -> [Int]
}
