/// The events of a route, for one reader.
public struct RoutedStream: AsyncSequence, Sendable {
  /// One event.
  public typealias Element = RoutedEvent

  let run: RouteRun

  /// The next event; `nil` at the end.
  public func next() async throws(RouteError) -> RoutedEvent? { try await run.next() }

  /// Reads the events.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let run: RouteRun

    /// The next event.
    public mutating func next() async throws(RouteError) -> RoutedEvent? { try await run.next() }

    /// The next event, on behalf of `actor`.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(RouteError) -> RoutedEvent? {
      try await run.next()
    }
  }

  /// The reader; make one only.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(run: run) }
}
