import CCurl
import HTTPTransport

extension HTTPTransportError {
  /// What a result code of libcurl means. `connected`: the connection stood; `hasHead`: a head was received.
  static func from(
    _ code: CURLcode, text: String, connected: Bool, hasHead: Bool, headerLimit: Int
  ) -> HTTPTransportError {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve(text)
    case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED, CURLE_PROXY: .connect(text)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CLIENTCERT:
      .tls(text)
    case CURLE_OPERATION_TIMEDOUT: .timeout(connected ? .firstByte : .connect)
    case CURLE_PARTIAL_FILE: .truncated(text)
    case CURLE_URL_MALFORMAT: .invalidRequest(text)
    case CURLE_UNSUPPORTED_PROTOCOL: connected ? .malformed(text) : .invalidRequest(text)
    case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .malformed(text)
    // A single header line beyond libcurl's own bound.
    case CURLE_OUT_OF_MEMORY:
      connected && !hasHead ? .headersTooLarge(limit: headerLimit) : .reset(text)
    default: connected ? .reset(text) : .connect(text)
    }
  }

  /// Failures that a dead reused connection shows.
  static func isStaleConnection(_ code: CURLcode) -> Bool {
    [CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2, CURLE_HTTP2_STREAM].contains(code)
  }
}
