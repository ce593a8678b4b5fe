public import Configuration
import HTTPTransport
public import Ledger
public import Providers

/// A model that embeds or reranks, at an endpoint.
public struct ServiceDeployment: Sendable {
  /// What a model is wanted for.
  public enum Service: Sendable, Hashable {
    /// Text in, vector out.
    case embedding
    /// Query and passages in, an order out.
    case reranking
  }

  /// Its name for people: `voyage/voyage-code-4`.
  public var name: String
  /// The provider.
  public var definition: ProviderDefinition
  /// The server.
  public var endpoint: Endpoint
  /// The server's name of the model.
  public var model: String
  /// What tokens cost.
  public var price: Price
  /// What a query costs, where rerankers are paid so.
  public var pricePerQuery: Money?
  /// The most tokens of one text, if known.
  public var contextTokens: Int?
  /// How long its vectors are when nothing is asked for, if the configuration says.
  public var dimensions: Int?

  /// Whether somebody knows what it costs.
  public var isPriced: Bool { price != .unknown || pricePerQuery != nil }
}

extension ServiceDeployment: Hashable {
  /// Whether both are the same place at the same price; definitions of one name are one.
  public static func == (left: ServiceDeployment, right: ServiceDeployment) -> Bool { left.identity == right.identity }

  /// Feeds what `==` compares.
  public func hash(into hasher: inout Hasher) { hasher.combine(identity) }

  private struct Identity: Hashable {
    var texts: [String]
    var endpoint: Endpoint
    var price: Price
    var pricePerQuery: Money?
    var numbers: [Int?]
  }

  private var identity: Identity {
    Identity(
      texts: [name, definition.id, model], endpoint: endpoint, price: price, pricePerQuery: pricePerQuery,
      numbers: [contextTokens, dimensions])
  }
}

extension DeploymentBuilder {
  /// The deployment that a name means: of an entry of `model_list` so named (the first that can be used), else
  /// `provider/model`. `nil` after a warning that says why there is none.
  public func deployment(
    for service: ServiceDeployment.Service, named name: Located<String>, of configuration: Configuration
  ) -> (deployment: ServiceDeployment?, warnings: [ConfigurationWarning]) {
    var warnings: [ConfigurationWarning] = []
    var entries = configuration.models.filter { $0.name == name.value }
    if entries.isEmpty {
      var entry = ModelEntry(name: name.value, model: name.value, position: name.position)
      entry.modelPosition = name.position
      entries = [entry]
    }
    for entry in entries {
      func warn(_ text: String) {
        warnings.append(ConfigurationWarning("\(entry.name): \(text)", at: entry.modelPosition))
      }
      guard let resolved = resolve(entry, of: configuration, warn) else { continue }
      let (title, model) = (resolved.definition.title, resolved.model)
      if service == .embedding, resolved.definition.embeddings == nil {
        warn("\(title) offers no embeddings; \(model) is not used")
        continue
      }
      if service == .reranking, resolved.definition.reranking == nil {
        warn("\(title) offers no reranking; \(model) is not used")
        continue
      }
      return (serviceDeployment(entry, resolved, warn), warnings)
    }
    return (nil, warnings)
  }

  private func serviceDeployment(
    _ entry: ModelEntry, _ resolved: Resolved, _ warn: (String) -> Void
  ) -> ServiceDeployment {
    // Prices hold where those of chats do.
    let priced = Deployment(
      name: entry.name, endpoint: resolved.endpoint, model: resolved.model, baseModel: entry.info.baseModel,
      configuredPrice: EntryPrice.price(of: entry, generatesText: false, warn), contextTokens: entry.maxInputTokens,
      catalogue: catalogue, registry: registry)
    let known = catalogued(entry, resolved)
    var perQuery = entry.prices.query.flatMap { Money(usd: $0, rounding: .up) }
    if perQuery == nil, priced.priceSource != .configuration, !resolved.definition.setsOwnPrices,
      resolved.definition.owns(resolved.endpoint.base)
    {
      perQuery = known?.pricePerQuery
    }
    let model = resolved.model
    let name = registry.split(entry.model) == nil ? "\(resolved.definition.id)/\(model)" : entry.model
    return ServiceDeployment(
      name: name, definition: resolved.definition, endpoint: resolved.endpoint, model: model, price: priced.price,
      pricePerQuery: perQuery, contextTokens: priced.contextTokens,
      dimensions: entry.info.outputVectorSize)
  }
}
