public import HTTPTransport
public import Ledger
import Synchronization

/// Embeds over HTTP in any format.
///
/// A call is one request, or several one after the other where the provider takes fewer texts than it is given. What is
/// tried again and when, is the caller's business, and so is money.
public final class EmbeddingProvider: Sendable {
  /// The server.
  public let endpoint: Endpoint
  private let format: any EmbeddingFormat
  private let transport: any HTTPTransport
  /// The length of the first vectors that a model gave; all later ones have it.
  private let dimensions = Mutex<[Model: Int]>([:])

  private struct Model: Hashable {
    var name: String
    var asked: Int?
  }

  /// Makes a provider.
  public init(_ endpoint: Endpoint, format: any EmbeddingFormat, transport: any HTTPTransport) {
    self.endpoint = endpoint
    self.format = format
    self.transport = transport
  }

  /// What one request to a model may hold.
  public func limits(_ model: String) -> EmbeddingRequestLimits { format.limits(model) }

  /// Decides, with provider, model and dimensions, whether vectors are comparable: see ``EmbeddingFormat``.
  public func dialect(_ model: String) -> String { format.dialect(model) }

  /// Embeds. The vectors are as many as the texts, of one length in all answers of a model, finite and not zero; the
  /// usage is the provider's, or estimated.
  ///
  /// - Throws: `ProviderError`; an answer that holds no such vectors has the code ``ProviderError/invalidResponse``.
  ///   `mayBeCharged` is set when any of several requests may be charged.
  public func embed(
    _ request: EmbeddingRequest
  ) async throws(ProviderError) -> (response: EmbeddingResponse, usage: TokenUsage) {
    guard !request.texts.isEmpty, request.texts.allSatisfy({ !$0.isEmpty }) else {
      throw ProviderError(.badRequest, provider: endpoint.provider, message: "there is no text to embed")
    }
    let size = max(1, format.limits(request.model).texts)
    var vectors: [[Float]] = []
    var usage: TokenUsage?
    for start in stride(from: 0, to: request.texts.count, by: size) {
      var part = request
      part.texts = Array(request.texts[start..<min(start + size, request.texts.count)])
      do throws(ProviderError) {
        let answer = try await send(part)
        vectors += answer.response.vectors
        usage = usage?.adding(answer.usage) ?? answer.usage
      } catch {
        var error = error
        // What was answered before is charged whatever becomes of the rest.
        if start > 0 { error.mayBeCharged = true }
        throw error
      }
    }
    let total = usage ?? request.estimatedUsage
    return (EmbeddingResponse(vectors: vectors, usage: total), total)
  }

  private func send(
    _ request: EmbeddingRequest
  ) async throws(ProviderError) -> (response: EmbeddingResponse, usage: TokenUsage) {
    let (tree, headers) = try await HTTPExchange.document(
      try format.httpRequest(request, at: endpoint), provider: endpoint.provider, transport: transport
    ) { [format, endpoint] in
      format.error(status: $0, headers: $1, body: $2, at: endpoint, now: RetryAdvice.currentTime)
    }
    let response = try format.response(tree, headers: headers, to: request, provider: endpoint.provider)
    let model = Model(name: request.model, asked: request.dimensions)
    let expected = request.dimensions ?? dimensions.withLock { $0[model] }
    try EmbeddingVectors.check(
      response.vectors, of: request.texts.count, dimensions: expected, provider: endpoint.provider)
    // Only what is right in all other ways decides what later answers are compared with; of two first ones that came
    // at once, the one that was faster.
    let length = response.vectors.first?.count ?? 0
    let known = dimensions.withLock { all in
      let known = all[model] ?? length
      all[model] = known
      return known
    }
    guard known == length else {
      throw .invalidAnswer(
        endpoint.provider, "its vectors have \(length) dimensions, and those before had \(known)")
    }
    // Texts are never without tokens: a zero means that the provider does not count.
    let usage = response.usage.flatMap { $0.total > 0 ? $0 : nil } ?? request.estimatedUsage
    return (response, usage)
  }
}

extension ProviderDefinition {
  /// Who embeds at `endpoint`; `nil` when the provider does not.
  public func embeddingProvider(endpoint: Endpoint, transport: any HTTPTransport) -> EmbeddingProvider? {
    embeddings.map { EmbeddingProvider(endpoint, format: $0, transport: transport) }
  }
}
