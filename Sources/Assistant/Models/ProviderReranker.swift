internal import Ledger
internal import Providers
internal import Router
internal import Workspace

/// Reranks with a provider: secrets do not leave, and no more is spent than is allowed.
struct ProviderReranker: PassageReranker {
  let deployment: ServiceDeployment
  let provider: RerankProvider
  let candidates: Int
  let timeout: Duration
  /// For one query.
  let limit: Money
  /// For all queries together.
  let allowance: SpendAllowance

  var name: String { deployment.name }

  func order(_ query: String, _ passages: [String]) async throws(EngineError) -> [Int] {
    let request = RerankRequest(
      model: deployment.model, query: SecretScanner.redact(query).text,
      documents: passages.map { SecretScanner.redact($0).text })
    guard let most = ProviderReranker.maximumCost(of: request, at: deployment) else {
      throw EngineError(
        .budget, "The price of \(name) is not known, so nothing is sent to it.", hint: ServicePlan.priceHint)
    }
    guard most <= limit else {
      throw EngineError(
        .budget, "Reranking with \(name) could cost \(most) a query, and \(limit) is allowed.",
        hint: "Raise cicerone.max_usd_per_request, or lower cicerone.rerank.candidates.")
    }
    guard allowance.reserve(most) else {
      throw EngineError(
        .budget, "Reranking with \(name) has used \(allowance.spent) of \(allowance.limit); more is not spent.",
        hint: "Raise cicerone.rerank.max_usd.")
    }
    do throws(ProviderError) {
      let response = try await provider.rerank(request)
      allowance.settle(most, actual: ProviderReranker.cost(of: response, at: deployment) ?? most)
      return response.results.map(\.index)
    } catch {
      allowance.settle(most, actual: error.mayBeCharged ? most : .zero)
      throw RoutedModel.engineError(error)
    }
  }

  /// The most that a request can cost; nil when nobody knows the price. No token has less than a byte; providers read the
  /// query with each document, and some count a document by pieces of 500 tokens, a hundred of which are a query.
  static func maximumCost(of request: RerankRequest, at deployment: ServiceDeployment) -> Money? {
    let query = request.query.utf8.count
    let sizes = request.documents.map { $0.utf8.count + query + ProviderEmbedder.tokensAroundText }
    var most = Money.zero
    if let perQuery = deployment.pricePerQuery {
      let pieces = sizes.reduce(0) { $0 + ($1 + 499) / 500 }
      guard let cost = try? perQuery.multiplied(by: max(1, (pieces + 99) / 100)) else { return nil }
      most = cost
    }
    if deployment.price == .unknown { return deployment.pricePerQuery == nil ? nil : most }
    guard let tokens = try? deployment.price.maximumCost(input: sizes.reduce(0, +), output: 0) else { return nil }
    return try? most.adding(tokens)
  }

  /// What a request cost; nil when the provider does not say enough.
  static func cost(of response: RerankResponse, at deployment: ServiceDeployment) -> Money? {
    var cost = Money.zero
    if let perQuery = deployment.pricePerQuery {
      guard let units = response.searchUnits, let paid = try? perQuery.multiplied(by: max(0, units)) else { return nil }
      cost = paid
    }
    switch deployment.price {
    case .free: return cost
    case .unknown: return deployment.pricePerQuery == nil ? nil : cost
    case .known(let price):
      guard let usage = response.usage, usage.total > 0, let paid = try? price.cost(of: usage) else { return nil }
      return try? cost.adding(paid)
    }
  }
}
