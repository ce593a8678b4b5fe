public import HTTPTransport
public import Ledger

/// How chats look on a provider's wire. Pure: it makes requests and reads bytes, and opens no connection.
public protocol ChatFormat: Sendable {
  /// What `request` becomes at `endpoint`.
  func exchange(_ request: ChatRequest, at endpoint: Endpoint) -> any ChatExchange
}

/// One request of a format: what is sent, and how what comes back is read.
public protocol ChatExchange: Sendable {
  /// What to send. Called again after ``adapt(to:)`` changed it.
  func httpRequest() throws(ProviderError) -> HTTPRequest

  /// Changes the request as a refusal demands (a parameter that this server does not know, say), so that it is worth
  /// sending again; false when there is nothing to change. Must be false in the end, whatever the server says.
  mutating func adapt(to error: ProviderError) -> Bool

  /// What a response that is no success means. `now` is in seconds since 1970.
  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError

  /// Reads the body of a success, whose headers are given.
  func decoder(_ headers: HTTPHeaders) -> any ChatDecoder
}

extension ChatExchange {
  /// Nothing to change.
  public mutating func adapt(to error: ProviderError) -> Bool { false }
}

/// Turns the bytes of an answer into ``ChatEvent``s: deltas, one `usage`, `finished`. Fed bytes split anywhere, it gives
/// the same events. An error comes once, after the events that preceded it.
public protocol ChatDecoder: Sendable {
  /// Feeds bytes.
  mutating func push(_ bytes: [UInt8]) -> (events: [ChatEvent], error: ProviderError?)
  /// The bytes ended. Without the format's terminal marker that is an error of kind `truncated`.
  mutating func end() -> (events: [ChatEvent], error: ProviderError?)
  /// What has been used so far: reported, or estimated of what came.
  var finalUsage: TokenUsage { get }
  /// The last event or an error has been given: nothing more comes.
  var isOver: Bool { get }
}
