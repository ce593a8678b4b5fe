public import Configuration
public import Embeddings
public import HTTPTransport
internal import Ledger
internal import Providers
internal import Router

/// What models do besides answering: the embedder and the reranker of a configuration, if it names any.
public struct ModelServices: Sendable {
  /// What passages and questions are embedded with, instead of the model in the binary; nil for that.
  public let embedding: EmbeddingService?
  /// What orders passages anew; nil for our own order.
  public let reranker: (any PassageReranker)?
  /// For the user: why something that is configured is not used.
  public let warnings: [String]

  /// What embedding may cost while the program runs where the configuration does not say: ten thousand files, or so,
  /// with most models.
  static let defaultEmbeddingAllowance = Money(picoUSD: 1_000_000_000_000)
  /// The same for reranking.
  static let defaultRerankAllowance = Money(picoUSD: 1_000_000_000_000)
  /// How many passages are reranked where the configuration does not say.
  static let defaultCandidates = 40
  /// How long a search waits for a reranker where the configuration does not say.
  static let defaultTimeout = Duration.seconds(2)

  static let priceHint =
    "Set input_cost_per_token in the model's entry in model_list; 0 says that it is free."

  /// Neither.
  public static let none = ModelServices(embedding: nil, reranker: nil, warnings: [])

  private init(embedding: EmbeddingService?, reranker: (any PassageReranker)?, warnings: [String]) {
    self.embedding = embedding
    self.reranker = reranker
    self.warnings = warnings
  }

  /// Makes what the configuration names; nothing is contacted.
  ///
  /// - Parameter limit: what a request may cost at most, which holds for a query that is reranked too.
  public init(
    configuration: Configuration, environment: [String: String], transport: any HTTPTransport, limit: SpendLimit
  ) {
    var warnings: [String] = []
    let maker = Maker(
      configuration: configuration, builder: DeploymentBuilder(environment: environment), transport: transport)
    embedding = maker.embedding(&warnings)
    reranker = maker.reranker(limit, &warnings)
    self.warnings = warnings
  }

  private struct Maker {
    let configuration: Configuration
    let builder: DeploymentBuilder
    let transport: any HTTPTransport

    func embedding(_ warnings: inout [String]) -> EmbeddingService? {
      guard let settings = configuration.settings.embedding,
        let deployment = deployment(.embedding, settings.model, "cicerone.embedding", &warnings),
        let provider = deployment.definition.embeddingProvider(endpoint: deployment.endpoint, transport: transport),
        let limit = money(
          settings.maxUSD, "cicerone.embedding.max_usd", default: defaultEmbeddingAllowance, &warnings)
      else { return nil }
      return EmbeddingService(
        ProviderEmbedder(
          deployment, dimensions: settings.dimensions, provider: provider, allowance: SpendAllowance(limit)))
    }

    func reranker(_ limit: SpendLimit, _ warnings: inout [String]) -> (any PassageReranker)? {
      guard let settings = configuration.settings.rerank,
        var deployment = deployment(.reranking, settings.model, "cicerone.rerank", &warnings),
        let allowance = money(settings.maxUSD, "cicerone.rerank.max_usd", default: defaultRerankAllowance, &warnings)
      else { return nil }
      let timeout =
        settings.timeout.map { Duration.milliseconds(Int64(($0 * 1000).rounded(.up))) } ?? defaultTimeout
      deployment.endpoint.timeouts.total = timeout
      guard
        let provider = deployment.definition.rerankProvider(endpoint: deployment.endpoint, transport: transport)
      else { return nil }
      return ProviderReranker(
        deployment: deployment, provider: provider,
        candidates: min(settings.candidates ?? defaultCandidates, provider.maxDocuments), timeout: timeout,
        limit: limit.amount, allowance: SpendAllowance(allowance))
    }

    private func deployment(
      _ service: ServiceDeployment.Service, _ name: Located<String>?, _ key: String, _ warnings: inout [String]
    ) -> ServiceDeployment? {
      guard let name else {
        warnings.append("\(key) has no effect: its model is missing")
        return nil
      }
      let (deployment, problems) = builder.deployment(for: service, named: name, of: configuration)
      warnings += problems.map { "\(key): \($0)" }
      guard let deployment else { return nil }
      guard deployment.isPriced else {
        warnings.append(
          "\(key): the price of \(deployment.name) is not known, so it is not used. \(ModelServices.priceHint)")
        return nil
      }
      return deployment
    }

    private func money(
      _ text: String?, _ key: String, default amount: Money, _ warnings: inout [String]
    ) -> Money? {
      guard let text else { return amount }
      if let amount = Money(usd: text, rounding: .down) { return amount }
      warnings.append("\(key) is no amount of money; nothing is spent")
      return nil
    }
  }
}
