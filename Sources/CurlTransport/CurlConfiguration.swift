public import HTTPTransport

/// How connections are made.
public struct CurlConfiguration: Sendable {
  /// The versions of HTTP offered.
  public enum Version: Sendable {
    /// HTTP/1.1 only: best for streams, where a broken connection then breaks one stream.
    case http1
    /// HTTP/2 where the server speaks it over TLS.
    case negotiated
  }

  /// A file of trusted certificates in PEM, instead of the system's.
  public var certificateFile: String?
  /// A directory of trusted certificates, hashed as OpenSSL wants it.
  public var certificateDirectory: String?
  /// The proxy for each scheme; its URL may hold a password. Loopback is always contacted directly.
  public var proxies: [HTTPURL.Scheme: Secret] = [:]
  /// Hosts contacted without the proxy, separated by commas; `*` for all.
  public var proxyExceptions = ""
  /// Sent with every request that sets none itself.
  public var userAgent = "cicerone"
  /// The versions of HTTP offered.
  public var version = Version.http1
  /// Requests in flight at once; others wait their turn.
  public var maxConcurrentRequests = 256
  /// Idle connections kept for reuse.
  public var maxIdleConnections = 32
  /// Bytes buffered for a reader that is slow before the connection is paused.
  public var streamBufferBytes = 256 << 10

  /// The system's certificates and no proxy.
  public init() {}

  /// As the variables say that curl and OpenSSL established: `SSL_CERT_FILE`, `SSL_CERT_DIR`, `http_proxy` (lower case
  /// only, for a CGI server sets the other from a header), `https_proxy`, `all_proxy`, `no_proxy`.
  public init(environment: [String: String]) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    certificateFile = value("SSL_CERT_FILE")
    certificateDirectory = value("SSL_CERT_DIR")
    let all = value("all_proxy", "ALL_PROXY")
    if let proxy = (value("http_proxy") ?? all).flatMap(Secret.init) { proxies[.http] = proxy }
    if let proxy = (value("https_proxy", "HTTPS_PROXY") ?? all).flatMap(Secret.init) { proxies[.https] = proxy }
    proxyExceptions = value("no_proxy", "NO_PROXY") ?? ""
  }
}
