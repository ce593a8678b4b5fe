import HTTPTransport
public import Ledger
public import Providers

/// A model at an endpoint: one place where a question can be answered.
public struct Deployment: Sendable, Hashable {
  /// Where the price comes from.
  public enum PriceSource: String, Sendable {
    /// The user's configuration.
    case configuration
    /// The endpoint is on this machine.
    case local
    /// The catalogue in the binary.
    case catalogue
    /// Nowhere.
    case none
  }

  /// What users ask for; several deployments may share it.
  public var name: String
  /// The server.
  public var endpoint: OpenAIEndpoint
  /// The server's name of the model.
  public var model: String
  /// What it costs.
  public let price: Price
  /// Where the price comes from.
  public let priceSource: PriceSource
  /// The most tokens in and out together, if known.
  public var contextTokens: Int?
  /// The most tokens out, if known.
  public var maxOutputTokens: Int?
  /// How many tokens to answer with when the request does not say.
  public var defaultMaxOutputTokens: Int?
  /// The temperature when the request does not say.
  public var temperature: Double?
  /// Limits, preferences, patience.
  public var routing = RoutingParameters()

  /// Makes a deployment. The price is the configured one; else nothing for an endpoint on loopback; else the
  /// catalogue's. Limits left out come from the catalogue.
  public init(
    name: String, endpoint: OpenAIEndpoint, model: String, configuredPrice: Price? = nil, contextTokens: Int? = nil,
    maxOutputTokens: Int? = nil, defaultMaxOutputTokens: Int? = nil, temperature: Double? = nil,
    catalogue: PriceCatalogue = .embedded
  ) {
    self.name = name
    self.endpoint = endpoint
    self.model = model
    let isLocal = endpoint.base.isLoopback
    // What runs here has the names of models that are sold elsewhere, but not their limits.
    let entry = isLocal ? nil : catalogue.model(provider: endpoint.provider, name: model)
    if let configuredPrice {
      price = configuredPrice
      priceSource = .configuration
    } else if isLocal {
      price = .free
      priceSource = .local
    } else {
      // A compatible server elsewhere sets its own prices, whatever it calls its models.
      let isTheirs = endpoint.provider != "openai" || endpoint.dialect == .openAI
      price = isTheirs ? entry?.price ?? .unknown : .unknown
      priceSource = price == .unknown ? .none : .catalogue
    }
    self.contextTokens = contextTokens ?? entry?.contextTokens
    self.maxOutputTokens = maxOutputTokens ?? entry?.maxOutputTokens
    self.defaultMaxOutputTokens = defaultMaxOutputTokens
    self.temperature = temperature
  }

  /// Whether it answers on this machine.
  public var isLocal: Bool { endpoint.base.isLoopback }
  /// Whether asking costs nothing.
  public var isFree: Bool { price == .free }

  /// What a provider's account is recognised by: refused keys and empty accounts concern every deployment that has it.
  var account: Account {
    Account(scheme: endpoint.base.scheme, host: endpoint.base.host, port: endpoint.base.port, key: endpoint.key)
  }

  /// A server and the key shown to it.
  struct Account: Hashable, Sendable {
    var scheme: HTTPURL.Scheme
    var host: String
    var port: Int
    var key: Secret?
  }
}
