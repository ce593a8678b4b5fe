import HTTPTransport

/// Anthropic's Messages API, and every server that offers the same.
public struct AnthropicChatFormat: ChatFormat {
  /// Makes the format.
  public init() {}

  /// See ``ChatFormat``.
  public func exchange(_ request: ChatRequest, at endpoint: Endpoint) -> any ChatExchange {
    AnthropicChatExchange(request: request, endpoint: endpoint)
  }
}

/// One message.
struct AnthropicChatExchange: ChatExchange {
  let request: ChatRequest
  let endpoint: Endpoint

  private var classifier: ErrorClassifier {
    ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
  }

  func httpRequest() throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .post, try endpoint.anthropicURL("messages"),
      headers: endpoint.anthropicHeaders + [
        HTTPRequestHeader("Content-Type", "application/json"),
        HTTPRequestHeader("Accept", "text/event-stream, application/json"),
      ], body: AnthropicRequestBody(request, at: endpoint).streaming.bytes, timeouts: endpoint.timeouts)
  }

  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    classifier.error(status: status, headers: headers, body: body, now: now)
  }

  func decoder(_ headers: HTTPHeaders) -> any ChatDecoder { AnthropicChatDecoder(request, classifier: classifier) }
}

extension Endpoint {
  /// The version of the interface that all models and servers know.
  static let defaultAnthropicVersion = "2023-06-01"

  /// The version that is spoken: `2026-10-21`. Dates compare as texts.
  var anthropicVersion: String { values["anthropic_version"] ?? Self.defaultAnthropicVersion }

  /// Whether it is Anthropic's own server.
  var isAnthropic: Bool { base.host == "api.anthropic.com" }

  /// The URL of a path below `/v1`, which the base may have or lack.
  func anthropicURL(_ path: String, query: String? = nil) throws(ProviderError) -> HTTPURL {
    try url(base.path.hasSuffix("/v1") || base.path.hasSuffix("/v1/") ? path : "v1/" + path, query: query)
  }

  /// The headers of every request in Anthropic's format; what the endpoint itself says of version and trials counts.
  var anthropicHeaders: [HTTPRequestHeader] {
    var headers: [HTTPRequestHeader] = []
    switch credential {
    case .key(let secret): headers.append(HTTPRequestHeader("x-api-key", secret))
    case .bearer(let secret): headers.append(HTTPRequestHeader("Authorization", prefix: "Bearer ", secret))
    case .none, .aws: break
    }
    headers.append(HTTPRequestHeader("anthropic-version", anthropicVersion))
    if let beta = values["anthropic_beta"] { headers.append(HTTPRequestHeader("anthropic-beta", beta)) }
    let own = Set(self.headers.map { $0.name.lowercased() })
    return headers.filter { !own.contains($0.name.lowercased()) } + self.headers
  }
}
