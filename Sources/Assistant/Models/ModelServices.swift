public import Configuration
public import Embeddings
public import HTTPTransport
internal import Ledger
internal import Providers
internal import Router

/// What models do besides answering: the embedder and the reranker that a configuration names, if it names any. They
/// follow the configuration as it changes; what was spent stays spent.
public actor ModelServices {
  /// What passages and questions are embedded with, instead of the model in the binary; nil for that.
  public private(set) var embedding: EmbeddingService?
  /// What orders passages anew; nil for our own order.
  public private(set) var reranker: (any PassageReranker)?

  private let environment: [String: String]
  private let transport: any HTTPTransport
  private let warn: @Sendable (String) -> Void
  private let embeddingAllowance = SpendAllowance(.zero)
  private let rerankAllowance = SpendAllowance(.zero)
  private var embeddingPlan: ServicePlan.Embedding?
  private var rerankPlan: ServicePlan.Reranking?
  private var rerankLimit: Money?
  private var warned: Set<String> = []
  private weak var engine: Engine?

  /// Makes neither, before a configuration is applied.
  ///
  /// - Parameter warn: told, once each, why something that is configured is not used.
  public init(
    environment: [String: String], transport: any HTTPTransport, warn: @escaping @Sendable (String) -> Void
  ) {
    self.environment = environment
    self.transport = transport
    self.warn = warn
  }

  /// Makes what the configuration names, where that is something else than before; nothing is contacted.
  ///
  /// - Parameter limit: what a request may cost at most, which holds for a query that is reranked too.
  public func apply(_ configuration: Configuration, limit: SpendLimit) async {
    let plan = ServicePlan(configuration, builder: DeploymentBuilder(environment: environment))
    for warning in plan.warnings where warned.insert(warning).inserted { warn(warning) }
    let maySpendMore = plan.embeddingAllowance > embeddingAllowance.limit
    embeddingAllowance.setLimit(plan.embeddingAllowance)
    rerankAllowance.setLimit(plan.rerankAllowance)
    // All is decided before anything is waited for; what is passed on is then what holds, whoever changed it last.
    let changesReranker = plan.reranking != rerankPlan || limit.amount != rerankLimit
    let changesEmbedder = plan.embedding != embeddingPlan
    if changesReranker {
      rerankPlan = plan.reranking
      rerankLimit = limit.amount
      reranker = plan.reranking.flatMap { makeReranker($0, limit: limit.amount) }
    }
    if changesEmbedder {
      embeddingPlan = plan.embedding
      embedding = plan.embedding.flatMap(makeEmbedder).map { EmbeddingService($0) }
    }
    if changesReranker { await engine?.setReranker(reranker) }
    if changesEmbedder {
      await engine?.setEmbedder(embedding)
    } else if maySpendMore, embedding != nil {
      await engine?.resumeEmbedding()
    }
  }

  /// Gives the services to an engine, now and whenever they change.
  public func attach(_ engine: Engine) async {
    self.engine = engine
    await engine.setReranker(reranker)
    await engine.setEmbedder(embedding)
  }

  private func makeEmbedder(_ plan: ServicePlan.Embedding) -> ProviderEmbedder? {
    let deployment = plan.deployment
    return deployment.definition.embeddingProvider(endpoint: deployment.endpoint, transport: transport).map {
      ProviderEmbedder(deployment, dimensions: plan.dimensions, provider: $0, allowance: embeddingAllowance)
    }
  }

  private func makeReranker(_ plan: ServicePlan.Reranking, limit: Money) -> ProviderReranker? {
    var deployment = plan.deployment
    deployment.endpoint.timeouts.total = plan.timeout
    return deployment.definition.rerankProvider(endpoint: deployment.endpoint, transport: transport).map {
      ProviderReranker(
        deployment: deployment, provider: $0, candidates: min(plan.candidates, $0.maxDocuments), timeout: plan.timeout,
        limit: limit, allowance: rerankAllowance)
    }
  }
}
