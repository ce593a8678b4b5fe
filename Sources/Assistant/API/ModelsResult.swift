/// The result of `rag/models`: every deployment, in the order in which they are tried.
public struct ModelsResult: Sendable, Codable {
  /// How requests are shared out among deployments of one name: `simple-shuffle`, `latency-based-routing`, …
  public var strategy: String
  /// The model that is asked when a request names none; left out when it is whatever comes first.
  public var defaultModel: String?
  /// The model of each task for which one is set: `ask`, `explain`, `hover-summary`, `rewrite-query`, `summarise`.
  public var tasks: [String: String]
  /// The deployments.
  public var models: [ModelDescription]

  /// Makes a result.
  public init(strategy: String, defaultModel: String?, tasks: [String: String], models: [ModelDescription]) {
    self.strategy = strategy
    self.defaultModel = defaultModel
    self.tasks = tasks
    self.models = models
  }
}

extension ModelsResult {
  /// Adds the offline answerer as the last, unless a configuration has it already.
  public mutating func addOfflineAnswerer() {
    guard !models.contains(where: { $0.name == Engine.extractive }) else { return }
    var offline = ModelDescription(
      name: Engine.extractive, provider: Engine.extractive, model: Engine.extractive, endpoint: nil, isLocal: true,
      hasCredential: false, price: ModelDescription.PriceSummary(inputPerMillion: 0, outputPerMillion: 0),
      priceSource: "local")
    offline.health.state = "healthy"
    models.append(offline)
  }
}

/// One deployment: a model at an endpoint.
public struct ModelDescription: Sendable, Codable {
  /// The name to ask for it by; several may share it.
  public var name: String
  /// The provider.
  public var provider: String
  /// The provider's name of the model.
  public var model: String
  /// Where requests go; left out for what runs in this process.
  public var endpoint: String?
  /// Whether nothing leaves this machine.
  public var isLocal: Bool
  /// Whether a key or another credential is shown there. The credential itself is never told.
  public var hasCredential: Bool
  /// The most tokens in and out together.
  public var contextTokens: Int?
  /// The most tokens out.
  public var maxOutputTokens: Int?
  /// What it costs; left out when that is not known.
  public var price: PriceSummary?
  /// Where the price comes from: `configuration`, `local`, `catalogue` or `none`.
  public var priceSource: String
  /// What is allowed and preferred.
  public var limits: Limits
  /// How it does.
  public var health: Health

  /// US dollars for a million tokens.
  public struct PriceSummary: Sendable, Codable {
    /// Input.
    public var inputPerMillion: Double
    /// Output.
    public var outputPerMillion: Double
    /// Input read from the provider's cache.
    public var cacheReadPerMillion: Double?

    /// Makes a price.
    public init(inputPerMillion: Double, outputPerMillion: Double, cacheReadPerMillion: Double? = nil) {
      self.inputPerMillion = inputPerMillion
      self.outputPerMillion = outputPerMillion
      self.cacheReadPerMillion = cacheReadPerMillion
    }
  }

  /// Limits and preferences of the configuration.
  public struct Limits: Sendable, Codable {
    /// Requests a minute.
    public var rpm: Int?
    /// Tokens a minute.
    public var tpm: Int?
    /// Requests at a time.
    public var maxParallelRequests: Int?
    /// The share among deployments of one name.
    public var weight: Double?
    /// Lower ones are tried first.
    public var order: Int?
    /// Requests that name one of them may come here.
    public var tags: [String]?

    /// None.
    public init() {}
  }

  /// How a deployment does.
  public struct Health: Sendable, Codable {
    /// `healthy`, `coolingDown`, `probing` or `disabled`; `unused` before the first request; `unreachable` where a
    /// command has asked in vain.
    public var state: String
    /// Why it is not healthy.
    public var reason: String?
    /// Milliseconds until it is tried again.
    public var retryInMs: Int?
    /// Requests under way.
    public var inFlight: Int
    /// Requests in the last minute.
    public var requestsInMinute: Int
    /// Tokens in the last minute.
    public var tokensInMinute: Int
    /// Time to the first token, the median, in milliseconds.
    public var firstTokenMs50: Double?
    /// Time to the first token, the 95th percentile, in milliseconds.
    public var firstTokenMs95: Double?
    /// Requests that succeeded since the start.
    public var successes: Int
    /// Requests that failed since the start.
    public var failures: Int
    /// The class of the last failure.
    public var lastError: String?

    /// Nothing happened yet.
    public init() {
      state = "unused"
      inFlight = 0
      requestsInMinute = 0
      tokensInMinute = 0
      successes = 0
      failures = 0
    }
  }

  /// Makes a description.
  public init(
    name: String, provider: String, model: String, endpoint: String?, isLocal: Bool, hasCredential: Bool,
    contextTokens: Int? = nil, maxOutputTokens: Int? = nil, price: PriceSummary?, priceSource: String,
    limits: Limits = Limits(), health: Health = Health()
  ) {
    self.name = name
    self.provider = provider
    self.model = model
    self.endpoint = endpoint
    self.isLocal = isLocal
    self.hasCredential = hasCredential
    self.contextTokens = contextTokens
    self.maxOutputTokens = maxOutputTokens
    self.price = price
    self.priceSource = priceSource
    self.limits = limits
    self.health = health
  }
}
