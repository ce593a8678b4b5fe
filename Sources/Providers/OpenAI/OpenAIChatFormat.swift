import HTTPTransport

/// OpenAI's chat completions, and every server that offers the same.
public struct OpenAIChatFormat: ChatFormat {
  /// In what the server differs.
  public let quirks: OpenAIQuirks

  /// Makes the format.
  public init(_ quirks: OpenAIQuirks = OpenAIQuirks()) { self.quirks = quirks }

  /// See ``ChatFormat``.
  public func exchange(_ request: ChatRequest, at endpoint: Endpoint) -> any ChatExchange {
    OpenAIChatExchange(request: request, endpoint: endpoint, quirks: quirks)
  }
}

/// One chat completion.
struct OpenAIChatExchange: ChatExchange {
  let request: ChatRequest
  let endpoint: Endpoint
  private var shape: OpenAIRequestShape

  init(request: ChatRequest, endpoint: Endpoint, quirks: OpenAIQuirks = OpenAIQuirks()) {
    self.request = request
    self.endpoint = endpoint
    shape = OpenAIRequestShape(request, at: endpoint, quirks: quirks)
  }

  private var classifier: ErrorClassifier {
    ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
  }

  func httpRequest() throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .post, try endpoint.url("chat/completions", model: request.model, shape.quirks.address),
      headers: endpoint.openAIHeaders(shape.quirks.address) + [
        HTTPRequestHeader("Content-Type", "application/json"),
        HTTPRequestHeader("Accept", "text/event-stream, application/json"),
      ], body: shape.body(request), timeouts: endpoint.timeouts)
  }

  mutating func adapt(to error: ProviderError) -> Bool { shape.adapt(to: error) }

  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    classifier.error(status: status, headers: headers, body: body, now: now)
  }

  func decoder(_ headers: HTTPHeaders) -> any ChatDecoder {
    OpenAIChatDecoder(request, classifier: classifier, quirks: shape.quirks, headers: headers)
  }
}

/// `GET /models`.
struct OpenAIModelListing: ModelListing {
  var address = OpenAIQuirks.Address.plain

  func request(at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .get, try endpoint.url("models", model: nil, address), headers: endpoint.openAIHeaders(address),
      timeouts: endpoint.timeouts, limits: HTTPLimits(bodyBytes: 8 << 20))
  }

  func models(_ answer: JSONTree) -> [ListedModel]? { ListedModel.read(answer) }
}

extension Endpoint {
  /// Whether it is OpenAI's own server, which knows the format's newest words.
  var isOpenAI: Bool { base.host == "api.openai.com" }

  /// The headers of every request in OpenAI's format.
  var openAIHeaders: [HTTPRequestHeader] { openAIHeaders(.plain) }

  /// The headers of every request in OpenAI's format, at such an address.
  func openAIHeaders(_ address: OpenAIQuirks.Address) -> [HTTPRequestHeader] {
    var headers: [HTTPRequestHeader] = []
    switch (credential, address) {
    case (.key(let secret), .azure): headers.append(HTTPRequestHeader("api-key", secret))
    case (.key(let secret), .azureAI) where AzureSurface.isAzure(base.host):
      headers.append(HTTPRequestHeader("api-key", secret))
    case (.key(let secret), _), (.bearer(let secret), _):
      headers.append(HTTPRequestHeader("Authorization", prefix: "Bearer ", secret))
    case (.none, _), (.aws, _): break
    }
    if let organization = values["organization"] {
      headers.append(HTTPRequestHeader("OpenAI-Organization", organization))
    }
    if let project = values["project"] { headers.append(HTTPRequestHeader("OpenAI-Project", project)) }
    return headers + self.headers
  }

  /// The URL of a method of OpenAI's format.
  func url(_ method: String, model: String?, _ address: OpenAIQuirks.Address) throws(ProviderError) -> HTTPURL {
    switch address {
    case .plain: return try url(method)
    case .azure:
      let (path, query) = AzureSurface(self).target(method, deployment: model)
      return try url(path, query: query)
    case .azureAI:
      let isRoot = AzureSurface.isFoundryRoot(base)
      let version = values["api_version"] ?? (isRoot ? AzureSurface.foundryVersion : nil)
      return try url(
        isRoot ? "models/" + method : method, query: version.map { "api-version=\($0.percentEncoded)" })
    }
  }
}
