public import HTTPTransport

/// Reranks over HTTP in any format: one call is one request.
public struct RerankProvider: Sendable {
  /// The server.
  public let endpoint: Endpoint
  private let format: any RerankFormat
  private let transport: any HTTPTransport

  /// Makes a provider.
  public init(_ endpoint: Endpoint, format: any RerankFormat, transport: any HTTPTransport) {
    self.endpoint = endpoint
    self.format = format
    self.transport = transport
  }

  /// How many documents one request takes at most.
  public var maxDocuments: Int { format.maxDocuments }

  /// Reranks.
  ///
  /// - Throws: `ProviderError`; an answer that is no order of the documents has the code
  ///   ``ProviderError/invalidResponse``.
  public func rerank(_ request: RerankRequest) async throws(ProviderError) -> RerankResponse {
    guard !request.documents.isEmpty, request.documents.count <= format.maxDocuments, !request.query.isEmpty else {
      throw ProviderError(
        .badRequest, provider: endpoint.provider,
        message: "a query and 1 to \(format.maxDocuments) documents are needed")
    }
    let (tree, headers) = try await HTTPExchange.document(
      try format.httpRequest(request, at: endpoint), provider: endpoint.provider, transport: transport, limit: 16 << 20
    ) { [format, endpoint] in
      format.error(status: $0, headers: $1, body: $2, at: endpoint, now: RetryAdvice.currentTime)
    }
    return try format.response(tree, headers: headers, to: request, provider: endpoint.provider)
  }
}

extension ProviderDefinition {
  /// Who reranks at `endpoint`; `nil` when the provider does not.
  public func rerankProvider(endpoint: Endpoint, transport: any HTTPTransport) -> RerankProvider? {
    reranking.map { RerankProvider(endpoint, format: $0, transport: transport) }
  }
}
