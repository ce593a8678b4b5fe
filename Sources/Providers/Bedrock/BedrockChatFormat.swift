import HTTPTransport

/// Bedrock's Converse interface.
public struct BedrockChatFormat: ChatFormat {
  private let clock: @Sendable () -> Double

  /// Makes the format; `clock` gives the seconds since 1970 that requests are signed with.
  public init(clock: @escaping @Sendable () -> Double) { self.clock = clock }

  /// Makes the format, with the system's clock.
  public init() { self.init { RetryAdvice.currentTime } }

  /// See ``ChatFormat``.
  public func exchange(_ request: ChatRequest, at endpoint: Endpoint) -> any ChatExchange {
    BedrockChatExchange(request: request, endpoint: endpoint, clock: clock)
  }
}

/// One message.
struct BedrockChatExchange: ChatExchange {
  let request: ChatRequest
  let endpoint: Endpoint
  let clock: @Sendable () -> Double

  private var errors: BedrockErrors { BedrockErrors(endpoint) }

  func httpRequest() throws(ProviderError) -> HTTPRequest {
    let method = request.traits.has("noStream") ? "converse" : "converse-stream"
    return try endpoint.bedrockRequest(
      method, model: BedrockModelName(request.model).id, body: BedrockRequestBody(request).members, clock: clock)
  }

  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    errors.error(status: status, headers: headers, body: body, now: now)
  }

  func decoder(_ headers: HTTPHeaders) -> any ChatDecoder { BedrockChatDecoder(request, errors: errors) }
}

extension Endpoint {
  /// A request for `method` of `model`, signed or with a token as the credential is.
  func bedrockRequest(
    _ method: String, model: String, body: [String: JSONTree], clock: () -> Double
  ) throws(ProviderError) -> HTTPRequest {
    let url = try url("model/\(model.percentEncoded)/\(method)")
    let bytes = JSONTree.object(body).bytes
    var headers = [HTTPRequestHeader("Content-Type", "application/json")] + self.headers
    switch credential {
    case .none: break
    case .key(let token), .bearer(let token):
      headers.insert(HTTPRequestHeader("Authorization", prefix: "Bearer ", token), at: 0)
    case .aws(let keys):
      guard let region = values["aws_region_name"] else {
        throw ProviderError(.badRequest, provider: provider, message: "aws_region_name is missing")
      }
      let signature = AWSSignature(credentials: keys, region: region, service: "bedrock", time: clock())
      headers = signature.sign(.post, url, headers: headers, body: bytes)
    }
    return HTTPRequest(.post, url, headers: headers, body: bytes, timeouts: timeouts)
  }
}

/// `POST /model/…/count-tokens`, which knows models without a geography only.
struct BedrockTokenCounting: TokenCountFormat {
  var clock: @Sendable () -> Double = { RetryAdvice.currentTime }

  func httpRequest(_ request: ChatRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    let name = BedrockModelName(request.model)
    let prompt = JSONTree.object(BedrockRequestBody(request).prompt)
    return try endpoint.bedrockRequest(
      "count-tokens", model: name.id.hasPrefix("arn:") ? name.id : name.base,
      body: ["input": .object(["converse": prompt])], clock: clock)
  }

  func inputTokens(_ answer: JSONTree) -> Int? { answer["inputTokens"]?.int }
}
