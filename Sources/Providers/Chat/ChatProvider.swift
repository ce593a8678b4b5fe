/// Something that answers chats.
public protocol ChatProvider: Sendable {
  /// Sends `request`; returns when the provider has accepted it. Cancelling the task closes the connection.
  func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream
}

/// The events of one answer, for one reader. Letting go of it closes the connection.
public struct ChatStream: AsyncSequence, Sendable {
  /// One event.
  public typealias Element = ChatEvent

  private let advance: @Sendable () async throws(ProviderError) -> ChatEvent?

  /// A stream that asks `next` for each event; `nil` ends it.
  public init(_ next: @escaping @Sendable () async throws(ProviderError) -> ChatEvent?) { advance = next }

  /// The next event; `nil` at the end.
  public func next() async throws(ProviderError) -> ChatEvent? { try await advance() }

  /// Reads the events.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let stream: ChatStream

    /// The next event.
    public mutating func next() async throws(ProviderError) -> ChatEvent? { try await stream.next() }

    /// The next event, on behalf of `actor`.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(ProviderError) -> ChatEvent? {
      try await stream.next()
    }
  }

  /// The reader; make one only.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }
}
