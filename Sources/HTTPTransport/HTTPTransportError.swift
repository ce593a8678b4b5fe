/// Why no response, or not the whole of it, arrived. Texts come from the system and never hold headers or bodies.
public enum HTTPTransportError: Error, Sendable, Hashable {
  /// Which clock ran out.
  public enum Phase: String, Sendable, Hashable {
    /// Name resolution, TCP or TLS.
    case connect
    /// The request was sent, nothing came back.
    case firstByte
    /// The response stopped midway.
    case idle
    /// The response took too long as a whole.
    case total
  }

  /// The request cannot be sent as it is.
  case invalidRequest(String)
  /// The host name is unknown.
  case resolve(String)
  /// Nobody listens, or the network is down.
  case connect(String)
  /// The handshake failed or the certificate is not trusted.
  case tls(String)
  /// A clock ran out.
  case timeout(Phase)
  /// The caller cancelled.
  case cancelled
  /// The connection ended before the announced end of the body.
  case truncated(String)
  /// The connection broke after the request may have been sent.
  case reset(String)
  /// What came back is not HTTP.
  case malformed(String)
  /// More header bytes than allowed.
  case headersTooLarge(limit: Int)
  /// More body bytes than allowed.
  case bodyTooLarge(limit: Int)
  /// The transport was shut down.
  case shutDown

  /// Whether the server may have received the request, and may charge for it.
  public var mayHaveReachedServer: Bool {
    switch self {
    case .invalidRequest, .resolve, .connect, .tls, .timeout(.connect), .shutDown: false
    case .timeout, .cancelled, .truncated, .reset, .malformed, .headersTooLarge, .bodyTooLarge: true
    }
  }
}

extension HTTPTransportError: CustomStringConvertible {
  /// One line for the user.
  public var description: String {
    switch self {
    case .invalidRequest(let why): "the request is not valid: " + why
    case .resolve(let why): "the host name cannot be resolved: " + why
    case .connect(let why): "no connection: " + why
    case .tls(let why): "TLS failed: " + why
    case .timeout(.connect): "no connection in time"
    case .timeout(.firstByte): "no answer in time"
    case .timeout(.idle): "the answer stopped arriving"
    case .timeout(.total): "the answer took too long"
    case .cancelled: "cancelled"
    case .truncated(let why): "the answer was cut off: " + why
    case .reset(let why): "the connection broke: " + why
    case .malformed(let why): "the answer is not HTTP: " + why
    case .headersTooLarge(let limit): "the answer has more than \(limit) bytes of headers"
    case .bodyTooLarge(let limit): "the answer is longer than \(limit) bytes"
    case .shutDown: "the transport is shut down"
    }
  }
}
