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
  public var endpoint: Endpoint
  /// The server's name of the model.
  public var model: String
  /// The model behind a name that says nothing: an Azure deployment's.
  public let baseModel: String?
  /// What it costs.
  public let price: Price
  /// Where the price comes from.
  public let priceSource: PriceSource
  /// What is known of the model.
  public internal(set) var traits: ModelTraits
  /// What requests to it say where they say nothing themselves.
  public var defaults: RequestDefaults
  /// How requests are shared out among deployments of one name.
  public var routing = RoutingParameters()

  /// What requests say where they say nothing themselves: the parameters of an entry in the configuration.
  public struct RequestDefaults: Sendable, Hashable {
    /// The most tokens to answer with.
    public var maxOutputTokens: Int?
    /// 0 to 2.
    public var temperature: Double?
    /// 0 to 1.
    public var topP: Double?
    /// Makes answers repeatable.
    public var seed: Int?
    /// Texts that end the answer.
    public var stop: [String] = []
    /// How much to think.
    public var reasoning: ChatRequest.Reasoning?
    /// Whether providers that cache prompts on demand are asked to.
    public var cachesPrompt = true
    /// Further members of the body.
    public var extraBody: [String: JSONTree] = [:]

    /// None.
    public init() {}
  }

  /// Makes a deployment of `model`. The price is the configured one; else nothing for an endpoint on loopback; else the
  /// catalogue's, at the provider's own hosts. Limits left out come from the catalogue. `baseModel` is the name in the
  /// catalogue when the server's own name says nothing (an Azure deployment).
  public init(
    name: String, endpoint: Endpoint, model: String, baseModel: String? = nil, configuredPrice: Price? = nil,
    contextTokens: Int? = nil, maxOutputTokens: Int? = nil, mode: CatalogueModel.Mode? = nil,
    defaults: RequestDefaults = RequestDefaults(),
    catalogue: PriceCatalogue = .embedded, registry: ProviderRegistry = .standard
  ) {
    self.name = name
    self.endpoint = endpoint
    self.model = model
    self.baseModel = baseModel
    let isLocal = endpoint.base.isLoopback
    let definition = registry[endpoint.provider]
    // What runs here has the names of models that are sold elsewhere, but not their limits.
    let entry = isLocal ? nil : definition?.entry(baseModel ?? model, values: endpoint.values, in: catalogue)
    if let configuredPrice {
      price = configuredPrice
      priceSource = .configuration
    } else if isLocal || definition?.isInProcess == true {
      price = .free
      priceSource = .local
    } else {
      // A compatible server elsewhere sets its own prices, whatever it calls its models.
      let isTheirs = definition.map { !$0.setsOwnPrices && $0.owns(endpoint.base) } ?? false
      price = isTheirs ? entry?.price ?? .unknown : .unknown
      priceSource = price == .unknown ? .none : .catalogue
    }
    var traits = ModelTraits(entry)
    traits.contextTokens = contextTokens ?? traits.contextTokens
    traits.maxOutputTokens = maxOutputTokens ?? traits.maxOutputTokens
    traits.mode = mode ?? traits.mode
    self.traits = traits
    self.defaults = defaults
  }

  /// The most tokens in and out together, if known.
  public var contextTokens: Int? { traits.contextTokens }
  /// The most tokens out, if known.
  public var maxOutputTokens: Int? { traits.maxOutputTokens }
  /// How many tokens to answer with when the request does not say.
  public var defaultMaxOutputTokens: Int? { defaults.maxOutputTokens }

  /// Whether it answers on this machine.
  public var isLocal: Bool {
    endpoint.base.isLoopback || ProviderRegistry.standard[endpoint.provider]?.isInProcess == true
  }
  /// Whether asking costs nothing.
  public var isFree: Bool { price == .free }

  /// What a provider's account is recognised by: refused keys and empty accounts concern every deployment that has it.
  var account: Account {
    Account(
      scheme: endpoint.base.scheme, host: endpoint.base.host, port: endpoint.base.port, credential: endpoint.credential)
  }

  /// A server and the key shown to it.
  struct Account: Hashable, Sendable {
    var scheme: HTTPURL.Scheme
    var host: String
    var port: Int
    var credential: Credential
  }
}
