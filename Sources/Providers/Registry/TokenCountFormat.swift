public import HTTPTransport

/// How a provider is asked what a prompt counts, without answering it. A request of its own: only made where exact
/// numbers are wanted. Pure.
public protocol TokenCountFormat: Sendable {
  /// What to send.
  func httpRequest(_ request: ChatRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest
  /// Reads the answer: tokens of input. `nil` when it is none.
  func inputTokens(_ answer: JSONTree) -> Int?
}

extension ProviderDefinition {
  /// What `request` counts, in tokens of input, by the provider's own word.
  public func inputTokens(
    of request: ChatRequest, at endpoint: Endpoint, transport: any HTTPTransport
  ) async throws(ProviderError) -> Int {
    guard let tokenCounting else {
      throw ProviderError(.badRequest, provider: id, message: "\(title) does not count tokens")
    }
    let classifier = ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
    let (tree, _) = try await HTTPExchange.document(
      try tokenCounting.httpRequest(request, at: endpoint), provider: endpoint.provider, transport: transport,
      limit: 1 << 20
    ) { classifier.error(status: $0, headers: $1, body: $2, now: RetryAdvice.currentTime) }
    guard let count = tokenCounting.inputTokens(tree), count >= 0 else {
      throw ProviderError(.server, provider: id, message: "the count is not well formed", code: "invalid_response")
    }
    return count
  }
}
