/// Sends requests and streams responses.
///
/// Implementations keep memory bounded for each stream (a slow reader slows the server down), honour the cancellation
/// of the calling task at every suspension, and close the connection promptly then.
public protocol HTTPTransport: Sendable {
  /// Sends `request`; returns when the head of the response has arrived. The status is not judged.
  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse
}

/// The head of a response, and its body still to be read.
public struct HTTPResponse: Sendable {
  /// 100 to 999; informational responses have been skipped.
  public let status: Int
  /// In order of arrival.
  public let headers: HTTPHeaders
  /// To be read once. Letting go of it closes the connection.
  public let body: HTTPBody

  /// Makes a response.
  public init(status: Int, headers: HTTPHeaders, body: HTTPBody) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// Where a body's bytes come from.
public protocol HTTPBodySource: AnyObject, Sendable {
  /// The next bytes, at least one; `nil` at the end. Called by one task at a time.
  func next() async throws(HTTPTransportError) -> [UInt8]?
  /// No more will be read. May be called at any time, from any thread, repeatedly.
  func cancel()
}

/// The bytes of a response as they arrive, for one reader.
public struct HTTPBody: AsyncSequence, Sendable {
  /// Some bytes, at least one.
  public typealias Element = [UInt8]

  /// Cancels the source when the last reference goes.
  private final class Owner: Sendable {
    let source: any HTTPBodySource
    init(_ source: any HTTPBodySource) { self.source = source }
    deinit { source.cancel() }
  }

  private let owner: Owner

  /// A body read from `source`.
  public init(_ source: any HTTPBodySource) { owner = Owner(source) }

  /// The next bytes; `nil` at the end.
  public func next() async throws(HTTPTransportError) -> [UInt8]? { try await owner.source.next() }

  /// Ends the response early; a pending ``next()`` throws `.cancelled`.
  public func cancel() { owner.source.cancel() }

  /// The whole body, or its first `limit` bytes; the rest is abandoned and `isComplete` is then false.
  public func collect(upTo limit: Int) async throws(HTTPTransportError) -> (bytes: [UInt8], isComplete: Bool) {
    var all: [UInt8] = []
    while let chunk = try await next() {
      all.append(contentsOf: chunk.prefix(limit - all.count))
      if chunk.count > 0, all.count == limit {
        cancel()
        return (all, false)
      }
    }
    return (all, true)
  }

  /// Reads the body.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let body: HTTPBody

    /// The next bytes.
    public mutating func next() async throws(HTTPTransportError) -> [UInt8]? { try await body.next() }

    /// The next bytes, on behalf of `actor`.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPTransportError) -> [UInt8]? {
      try await body.next()
    }
  }

  /// The reader; make one only.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}
