internal import Embeddings
internal import HTTPTransport
internal import Ledger
internal import Providers
internal import Router
internal import Synchronization
internal import Workspace

/// Embeds with a provider, for the index: secrets do not leave, and no more is spent than is allowed.
final class ProviderEmbedder: RemoteEmbedder {
  let space: EmbeddingSpace
  let limits: EmbeddingLimits
  private let deployment: ServiceDeployment
  private let dimensions: Int?
  private let provider: EmbeddingProvider
  private let allowance: SpendAllowance
  private let hasSucceeded = Mutex(false)

  /// Tokens that providers put to a text, such as what it is: more than any does.
  static let tokensAroundText = 32

  /// Makes an embedder.
  ///
  /// - Parameter dimensions: to ask for; those that the model gives when nil.
  init(_ deployment: ServiceDeployment, dimensions: Int?, provider: EmbeddingProvider, allowance: SpendAllowance) {
    self.deployment = deployment
    self.dimensions = dimensions
    self.provider = provider
    self.allowance = allowance
    space = ProviderEmbedder.space(deployment, dimensions: dimensions, dialect: provider.dialect(deployment.model))
    limits = ProviderEmbedder.limits(provider.limits(deployment.model), contextTokens: deployment.contextTokens)
  }

  /// What tells the vectors from others. Servers that run any model under any name are told apart by their address too.
  static func space(_ deployment: ServiceDeployment, dimensions: Int?, dialect: String) -> EmbeddingSpace {
    var id = "\(deployment.definition.id)/\(deployment.model)"
    if deployment.definition.setsOwnPrices || !deployment.definition.owns(deployment.endpoint.base) {
      let base = deployment.endpoint.base
      id += "@\(base.host):\(base.port)\(base.path)"
    }
    if let dimensions { id += "#\(dimensions)" }
    if !dialect.isEmpty { id += "+\(dialect)" }
    return EmbeddingSpace(id: id, name: deployment.name, dimensions: dimensions ?? deployment.dimensions)
  }

  static func limits(_ limits: EmbeddingRequestLimits, contextTokens: Int?) -> EmbeddingLimits {
    let standard = EmbeddingLimits()
    var bytes = standard.bytesPerText
    // Where a text that is too long is refused, it is cut here: code has more than two bytes a token.
    if !limits.cutsTexts, let contextTokens { bytes = min(bytes, 2 * contextTokens) }
    return EmbeddingLimits(
      textsPerRequest: min(limits.texts, standard.textsPerRequest),
      bytesPerRequest: min(limits.tokens.map { 2 * $0 } ?? standard.bytesPerRequest, standard.bytesPerRequest),
      bytesPerText: bytes, concurrentRequests: limits.texts == 1 ? 8 : standard.concurrentRequests)
  }

  func embed(passages: [String]) async throws(EmbeddingFailure) -> [[Float]] {
    // Passages leave a twentieth of the allowance alone, so that questions can still be embedded when it is used up.
    try await embed(passages, .passage, keeping: Money(picoUSD: allowance.limit.picoUSD / 20))
  }

  func embed(query: String) async throws(EmbeddingFailure) -> [Float] {
    guard let vector = try await embed([query], .query, keeping: .zero).first else {
      throw EmbeddingFailure(.invalidResponse, "\(space.name) gave no vector.")
    }
    return vector
  }

  private func embed(
    _ texts: [String], _ purpose: EmbeddingRequest.Purpose, keeping: Money
  ) async throws(EmbeddingFailure) -> [[Float]] {
    let request = EmbeddingRequest(
      model: deployment.model, texts: texts.map { SecretScanner.redact($0).text }, purpose: purpose,
      dimensions: dimensions)
    do throws(ProviderError) {
      return try await send(request, keeping: keeping)
    } catch {
      throw await failure(error, purpose: purpose)
    }
  }

  /// Sends, between taking the most that it can cost out of the allowance and giving back the rest.
  private func send(_ request: EmbeddingRequest, keeping: Money) async throws(ProviderError) -> [[Float]] {
    // No token has less than a byte.
    let tokens = request.texts.reduce(0) { $0 + $1.utf8.count + ProviderEmbedder.tokensAroundText }
    guard let most = try? deployment.price.maximumCost(input: tokens, output: 0) else {
      throw ProviderError(.billing, provider: provider.endpoint.provider, message: "", code: Refusal.unknownPrice)
    }
    guard allowance.reserve(most, keeping: most == .zero ? .zero : keeping) else {
      throw ProviderError(.billing, provider: provider.endpoint.provider, message: "", code: Refusal.allowance)
    }
    do throws(ProviderError) {
      let (response, usage) = try await provider.embed(request)
      let cost = (try? deployment.price.cost(of: usage)) ?? most
      allowance.settle(most, actual: cost)
      hasSucceeded.withLock { $0 = true }
      return response.vectors
    } catch {
      // What may have been charged counts in full: nobody says how much it was.
      allowance.settle(most, actual: error.mayBeCharged ? most : .zero)
      throw error
    }
  }

  /// Codes of refusals that are our own.
  private enum Refusal {
    static let unknownPrice = "cicerone_unknown_price"
    static let allowance = "cicerone_allowance"
  }

  private func failure(_ error: ProviderError, purpose: EmbeddingRequest.Purpose) async -> EmbeddingFailure {
    let name = space.name
    switch error.code {
    case Refusal.unknownPrice:
      return EmbeddingFailure(
        .notAllowed, "The price of \(name) is not known, so nothing is sent to it.", hint: ServicePlan.priceHint)
    case Refusal.allowance:
      return EmbeddingFailure(
        .notAllowed, "Embedding with \(name) has used \(allowance.spent) of \(allowance.limit); more is not spent.",
        hint: "Raise cicerone.embedding.max_usd.")
    default: break
    }
    guard error.kind == .badRequest, error.status != 413 else { return ProviderEmbedder.failure(error, name: name) }
    // Is it these texts that are not taken, or every request of this kind? Once one was taken, it is the texts.
    var reason = "\(name) does not take the request (\(ProviderEmbedder.summary(error)))."
    if !hasSucceeded.withLock({ $0 }) {
      let trial = EmbeddingRequest(
        model: deployment.model, texts: ["print"], purpose: purpose, dimensions: dimensions)
      do throws(ProviderError) {
        _ = try await send(trial, keeping: .zero)
      } catch  where error.kind == .badRequest {
        // The trial holds no text of the workspace, so the message may be shown.
        reason = "\(name) does not take requests: \(error.message)"
        return EmbeddingFailure(.rejectedRequest, reason, hint: "Check the model and its dimensions.")
      } catch {
        return ProviderEmbedder.failure(error, name: name)
      }
    }
    return EmbeddingFailure(.rejectedInput, reason)
  }

  /// What an error of a provider means to the index. Messages of providers are shown only where they cannot hold what was
  /// sent.
  static func failure(_ error: ProviderError, name: String) -> EmbeddingFailure {
    switch error.kind {
    case .authentication, .permission:
      EmbeddingFailure(
        .unauthorized, "\(name) refuses the key: \(error.message)", hint: "Check the api_key of the model.")
    case .billing:
      EmbeddingFailure(.quotaExceeded, "The account of \(name) has nothing left: \(error.message)")
    case .notFound:
      EmbeddingFailure(
        .rejectedRequest, "\(name) is not there: \(error.message)", hint: "Check the model's name and its api_base.")
    case .context, .contentPolicy, .badRequest:
      EmbeddingFailure(.rejectedInput, "\(name) does not take a text (\(summary(error))).")
    case .rateLimit:
      EmbeddingFailure(.rateLimited, "\(name) has had too many requests.", retryAfter: error.retryAfter)
    case .server where error.code == ProviderError.invalidResponse:
      EmbeddingFailure(.invalidResponse, "\(name): \(error.message)")
    case .overloaded, .server, .truncated:
      EmbeddingFailure(.unavailable, "\(name) failed (\(summary(error))).", retryAfter: error.retryAfter)
    case .timeout, .network:
      EmbeddingFailure(.unavailable, "\(name) cannot be reached: \(error.message)", retryAfter: error.retryAfter)
    case .cancelled: EmbeddingFailure(.cancelled, "Embedding was cancelled.")
    }
  }

  /// Status and code, which hold nothing that was sent.
  static func summary(_ error: ProviderError) -> String {
    let parts = [error.status.map { "status \($0)" }, error.code, error.parameter].compactMap(\.self)
    return parts.isEmpty ? error.kind.rawValue : parts.joined(separator: ", ")
  }
}
