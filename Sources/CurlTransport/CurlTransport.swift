public import HTTPTransport

/// HTTP over libcurl: one thread drives every connection.
///
/// The thread starts with the first request and is joined by ``shutDown()`` or when the last reference goes. A response
/// being read keeps its transport alive.
public final class CurlTransport: HTTPTransport {
  private let thread: CurlThread

  /// Makes a transport; nothing is started yet.
  public init(_ configuration: CurlConfiguration = CurlConfiguration()) {
    thread = CurlThread(configuration)
  }

  deinit { thread.stop() }

  /// Ends every request with `.shutDown`, closes every connection and waits for the thread to be gone (milliseconds).
  /// Requests made afterwards fail.
  public func shutDown() { thread.stop() }

  /// Sends `request`; see ``HTTPTransport/HTTPTransport/send(_:)``.
  ///
  /// A request that fails on a reused connection before any byte came back is repeated once, on a fresh connection.
  public func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    let exchange = CurlExchange(request, bufferBytes: thread.configuration.streamBufferBytes, mailbox: thread.mailbox)
    guard !Task.isCancelled else { throw .cancelled }
    thread.startIfNeeded()
    guard thread.mailbox.post(.start(exchange)) else { throw .shutDown }
    let head = try await exchange.head()
    return HTTPResponse(
      status: head.status, headers: head.headers,
      body: HTTPBody(CurlBodySource(exchange: exchange, transport: self)))
  }
}

/// The reader's end of an exchange. It holds the transport, so that dropping the transport's last other reference
/// does not cut the stream.
private final class CurlBodySource: HTTPBodySource {
  private let exchange: CurlExchange
  private let transport: CurlTransport

  init(exchange: CurlExchange, transport: CurlTransport) {
    self.exchange = exchange
    self.transport = transport
  }

  func next() async throws(HTTPTransportError) -> [UInt8]? { try await exchange.next() }
  func cancel() { exchange.cancel() }
}
