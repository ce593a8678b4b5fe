import HTTPTransport

/// `GET /v1/models`, page by page.
struct AnthropicModelListing: ModelListing {
  func request(at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest { try page(after: nil, at: endpoint) }

  func models(_ answer: JSONTree) -> [ListedModel]? { ListedModel.read(answer) }

  func next(after answer: JSONTree, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest? {
    guard answer["has_more"] == .bool(true), let last = answer["last_id"]?.string, !last.isEmpty else { return nil }
    return try page(after: last, at: endpoint)
  }

  private func page(after id: String?, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .get,
      try endpoint.anthropicURL("models", query: "limit=1000" + (id.map { "&after_id=" + $0.percentEncoded } ?? "")),
      headers: endpoint.anthropicHeaders, timeouts: endpoint.timeouts, limits: HTTPLimits(bodyBytes: 8 << 20))
  }
}

/// `POST /v1/messages/count_tokens`: free, with a limit of its own.
struct AnthropicTokenCounting: TokenCountFormat {
  func httpRequest(_ request: ChatRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .post, try endpoint.anthropicURL("messages/count_tokens"),
      headers: endpoint.anthropicHeaders + [HTTPRequestHeader("Content-Type", "application/json")],
      body: JSONTree.object(AnthropicRequestBody(request, at: endpoint).prompt).bytes, timeouts: endpoint.timeouts)
  }

  func inputTokens(_ answer: JSONTree) -> Int? { answer["input_tokens"]?.int }
}
