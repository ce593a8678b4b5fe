internal import Configuration
internal import Ledger
internal import Router

/// What a configuration says of the embedder and the reranker, before either is made.
struct ServicePlan: Sendable {
  /// What embeds; while it is the same, so are the vectors.
  struct Embedding: Sendable, Hashable {
    var deployment: ServiceDeployment
    /// Asked for; the model's own number when nil.
    var dimensions: Int?
  }

  /// What reranks.
  struct Reranking: Sendable, Hashable {
    var deployment: ServiceDeployment
    var candidates: Int
    var timeout: Duration
  }

  /// What embedding may cost while the program runs where the configuration does not say: enough for some ten thousand
  /// files with most models.
  static let defaultEmbeddingAllowance = Money(picoUSD: 1_000_000_000_000)
  /// The same for reranking.
  static let defaultRerankAllowance = Money(picoUSD: 1_000_000_000_000)
  /// How many passages are reranked where the configuration does not say.
  static let defaultCandidates = 40
  /// How long a search waits for a reranker where the configuration does not say.
  static let defaultTimeout = Duration.seconds(2)

  static let priceHint = "Set input_cost_per_token in the model's entry in model_list; 0 says that it is free."

  var embedding: Embedding?
  var embeddingAllowance = defaultEmbeddingAllowance
  var reranking: Reranking?
  var rerankAllowance = defaultRerankAllowance
  /// For the user: why something that is configured is not used.
  var warnings: [String] = []

  /// Decides what is meant; nothing is contacted. The builder is made where it is needed only: with it the price
  /// catalogue is read, which takes longer than the start of the program may.
  init(_ configuration: Configuration, builder: @autoclosure () -> DeploymentBuilder) {
    if let settings = configuration.settings.embedding {
      embeddingAllowance = money(settings.maxUSD, "cicerone.embedding.max_usd", embeddingAllowance)
      embedding = deployment(.embedding, settings.model, "cicerone.embedding", configuration, builder()).map {
        Embedding(deployment: $0, dimensions: settings.dimensions)
      }
    }
    if let settings = configuration.settings.rerank {
      rerankAllowance = money(settings.maxUSD, "cicerone.rerank.max_usd", rerankAllowance)
      reranking = deployment(.reranking, settings.model, "cicerone.rerank", configuration, builder()).map {
        Reranking(
          deployment: $0, candidates: settings.candidates ?? ServicePlan.defaultCandidates,
          timeout: settings.timeout.map { .milliseconds(Int64(($0 * 1000).rounded(.up))) }
            ?? ServicePlan.defaultTimeout)
      }
    }
  }

  private mutating func deployment(
    _ service: ServiceDeployment.Service, _ name: Located<String>?, _ key: String, _ configuration: Configuration,
    _ builder: DeploymentBuilder
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
        "\(key): the price of \(deployment.name) is not known, so it is not used. \(ServicePlan.priceHint)")
      return nil
    }
    return deployment
  }

  private mutating func money(_ text: String?, _ key: String, _ standard: Money) -> Money {
    guard let text else { return standard }
    if let amount = Money(usd: text, rounding: .down) { return amount }
    warnings.append("\(key) is no amount of money; nothing is spent")
    return .zero
  }
}
