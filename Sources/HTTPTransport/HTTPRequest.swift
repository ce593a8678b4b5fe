/// One request. Redirects are never followed: a 3xx is a response like any other.
public struct HTTPRequest: Sendable {
  /// The methods in use.
  public enum Method: String, Sendable {
    /// Without a body.
    case get = "GET"
    /// With a body, possibly empty.
    case post = "POST"
  }

  /// What to do.
  public var method: Method
  /// Where.
  public var url: HTTPURL
  /// Sent as given, in order.
  public var headers: [HTTPRequestHeader]
  /// Sent with `POST` only.
  public var body: [UInt8]
  /// When to give up.
  public var timeouts: HTTPTimeouts
  /// How much to accept.
  public var limits: HTTPLimits

  /// Makes a request.
  public init(
    _ method: Method, _ url: HTTPURL, headers: [HTTPRequestHeader] = [], body: [UInt8] = [],
    timeouts: HTTPTimeouts = HTTPTimeouts(), limits: HTTPLimits = HTTPLimits()
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeouts = timeouts
    self.limits = limits
  }
}

/// When to give up on a request. Every phase has its own clock; a stream that keeps sending is never cut unless
/// `total` says so.
public struct HTTPTimeouts: Sendable, Hashable {
  /// Name resolution, TCP and TLS together.
  public var connect: Duration
  /// From the connection standing to the first byte of the response; covers sending the body.
  public var firstByte: Duration
  /// Between two chunks. The clock stands still while the reader is slow.
  public var idle: Duration
  /// From the start to the last byte.
  public var total: Duration?

  /// Defaults suit an editor: 5 s, 60 s, 60 s, no total.
  public init(
    connect: Duration = .seconds(5), firstByte: Duration = .seconds(60), idle: Duration = .seconds(60),
    total: Duration? = nil
  ) {
    self.connect = connect
    self.firstByte = firstByte
    self.idle = idle
    self.total = total
  }
}

/// How much of a response to accept.
public struct HTTPLimits: Sendable, Hashable {
  /// All header lines together, informational responses and trailers included.
  public var headerBytes: Int
  /// The whole body.
  public var bodyBytes: Int

  /// Defaults: 64 KiB of headers, 64 MiB of body.
  public init(headerBytes: Int = 64 << 10, bodyBytes: Int = 64 << 20) {
    self.headerBytes = headerBytes
    self.bodyBytes = bodyBytes
  }
}
