import HTTPTransport

/// OpenAI's chat completions, and every server that offers the same.
public struct OpenAIChatFormat: ChatFormat {
  /// Makes the format.
  public init() {}

  /// See ``ChatFormat``.
  public func exchange(_ request: ChatRequest, at endpoint: Endpoint) -> any ChatExchange {
    OpenAIChatExchange(request: request, endpoint: endpoint)
  }
}

/// One chat completion.
struct OpenAIChatExchange: ChatExchange {
  let request: ChatRequest
  let endpoint: Endpoint
  private var shape: OpenAIRequestShape

  init(request: ChatRequest, endpoint: Endpoint) {
    self.request = request
    self.endpoint = endpoint
    shape = OpenAIRequestShape(request, at: endpoint)
  }

  private var classifier: ErrorClassifier {
    ErrorClassifier(provider: endpoint.provider, secrets: endpoint.credential.secrets)
  }

  func httpRequest() throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .post, try endpoint.url("chat/completions"),
      headers: endpoint.openAIHeaders + [
        HTTPRequestHeader("Content-Type", "application/json"),
        HTTPRequestHeader("Accept", "text/event-stream, application/json"),
      ], body: shape.body(request), timeouts: endpoint.timeouts)
  }

  mutating func adapt(to error: ProviderError) -> Bool { shape.adapt(to: error) }

  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    classifier.error(status: status, headers: headers, body: body, now: now)
  }

  func decoder(_ headers: HTTPHeaders) -> any ChatDecoder { OpenAIChatDecoder(request, classifier: classifier) }
}

/// `GET /models`.
struct OpenAIModelListing: ModelListing {
  func request(at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .get, try endpoint.url("models"), headers: endpoint.openAIHeaders, timeouts: endpoint.timeouts,
      limits: HTTPLimits(bodyBytes: 8 << 20))
  }

  func models(_ answer: JSONTree) -> [ListedModel]? { ListedModel.read(answer) }
}

extension Endpoint {
  /// Whether it is OpenAI's own server, which knows the format's newest words.
  var isOpenAI: Bool { base.host == "api.openai.com" }

  /// The headers of every request in OpenAI's format.
  var openAIHeaders: [HTTPRequestHeader] {
    var headers: [HTTPRequestHeader] = []
    if let secret = credential.secret { headers.append(HTTPRequestHeader("Authorization", prefix: "Bearer ", secret)) }
    if let organization = values["organization"] {
      headers.append(HTTPRequestHeader("OpenAI-Organization", organization))
    }
    if let project = values["project"] { headers.append(HTTPRequestHeader("OpenAI-Project", project)) }
    return headers + self.headers
  }
}
