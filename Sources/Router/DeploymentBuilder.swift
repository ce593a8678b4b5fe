public import Configuration
import HTTPTransport
public import Ledger
public import Providers

/// Turns configured models into deployments.
public struct DeploymentBuilder: Sendable {
  /// A model of the configuration and where it is reached.
  public struct Resolved: Sendable {
    /// Its provider.
    public var definition: ProviderDefinition
    /// The provider's name of the model.
    public var model: String
    /// Where it is reached.
    public var endpoint: Endpoint
  }

  private let environment: [String: String]
  let catalogue: PriceCatalogue
  let registry: ProviderRegistry

  /// `environment` holds the variables that stand for what an entry leaves out.
  public init(
    environment: [String: String], catalogue: PriceCatalogue = .embedded, registry: ProviderRegistry = .standard
  ) {
    self.environment = environment
    self.catalogue = catalogue
    self.registry = registry
  }

  /// The deployments of `configuration` that chat, in its order, and why other entries give none.
  public func deployments(
    of configuration: Configuration
  ) -> (deployments: [Deployment], warnings: [ConfigurationWarning]) {
    var deployments: [Deployment] = []
    var warnings: [ConfigurationWarning] = []
    for entry in configuration.models {
      func warn(_ text: String) {
        warnings.append(ConfigurationWarning("\(entry.name): \(text)", at: entry.modelPosition))
      }
      // Made when a model is asked for by a name that it covers.
      if Self.isWildcard(entry) { continue }
      if let deployment = deployment(entry, of: configuration, warn) { deployments.append(deployment) }
    }
    return (deployments, warnings)
  }

  /// The deployments that entries with a wildcard stand for when `name` is asked for: `openai/*` covers
  /// `openai/gpt-4o`, and `*` everything that names its provider.
  public func deployments(named name: String, of configuration: Configuration) -> [Deployment] {
    guard !name.contains("*") else { return [] }
    return configuration.models.compactMap { entry in
      guard Self.isWildcard(entry), let rest = Self.rest(of: name, matching: entry.name) else { return nil }
      var concrete = entry
      concrete.name = name
      concrete.model = entry.model.replacing("*", with: rest, maxReplacements: 1)
      return deployment(concrete, of: configuration) { _ in }
    }
  }

  /// Whether an entry stands for whatever is asked for: a star in both of its names.
  static func isWildcard(_ entry: ModelEntry) -> Bool { entry.name.contains("*") && entry.model.contains("*") }

  /// What the star of `pattern` stands for in `name`; `nil` when it does not match.
  private static func rest(of name: String, matching pattern: String) -> String? {
    guard let star = pattern.firstIndex(of: "*") else { return nil }
    let (head, tail) = (pattern[..<star], pattern[pattern.index(after: star)...])
    guard name.count > head.count + tail.count, name.hasPrefix(head), name.hasSuffix(tail) else { return nil }
    return String(name.dropFirst(head.count).dropLast(tail.count))
  }

  /// The provider and endpoint of an entry; `nil` after a warning that says why there are none.
  public func resolve(
    _ entry: ModelEntry, of configuration: Configuration, _ warn: (String) -> Void
  ) -> Resolved? {
    guard !entry.model.contains("*") else {
      warn("\(entry.model) names no single model; the entry is skipped: list its models one by one")
      return nil
    }
    guard let (definition, model) = provider(of: entry, warn) else { return nil }
    guard !model.isEmpty else {
      warn("\(entry.model) names no single model; the entry is skipped")
      return nil
    }
    // Models are part of addresses at some providers: these would lead elsewhere on the same server.
    guard !model.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
      warn("\(entry.model) is no name of a model; the entry is skipped")
      return nil
    }
    // What was meant for one server must not go to another because a variable is not set.
    if entry.lacksBase {
      warn("api_base names a variable that is not set; the entry is skipped")
      return nil
    }
    var settings = settings(entry, of: configuration)
    settings.model = model
    if entry.apiKey == nil, entry.apiKeyPosition != nil { settings.ignoresKeysOfEnvironment = true }
    let endpoint: Endpoint
    do throws(ProviderSetupError) {
      endpoint = try definition.endpoint(settings)
    } catch {
      warn("\(error.message); the entry is skipped")
      return nil
    }
    if endpoint.credential == .none, !endpoint.base.isLoopback, settings.variable(definition.keyVariables) != nil {
      let name = definition.keyVariables.first { settings.variable([$0]) != nil } ?? "the key"
      warn("\(name) is not sent to \(endpoint.base.host): write api_key: os.environ/\(name) to send it")
    }
    if endpoint.credential != .none, endpoint.base.scheme == .http, !endpoint.base.isLoopback {
      warn("the key travels unencrypted to \(endpoint.base.host)")
    }
    // A provider may carry something of the name over to the endpoint: a region, say.
    return Resolved(definition: definition, model: endpoint.values["model"] ?? model, endpoint: endpoint)
  }

  /// Whether an entry is for chats; others are embedders, rerankers, or nothing that can be asked here.
  public func isChat(_ entry: ModelEntry, _ resolved: Resolved) -> Bool {
    if entry.info.isOther { return false }
    if let mode = entry.info.mode { return mode == .chat || mode == .responses || mode == .completion }
    switch catalogued(entry, resolved)?.mode {
    case .embedding, .rerank: return false
    case nil where !resolved.endpoint.base.isLoopback: return ListedModel(id: resolved.model).isProbablyChat
    default: return true
    }
  }

  /// What the catalogue says of the model of an entry; nothing when it runs on this machine.
  public func catalogued(_ entry: ModelEntry, _ resolved: Resolved) -> CatalogueModel? {
    resolved.endpoint.base.isLoopback
      ? nil
      : resolved.definition.entry(
        baseModel(of: entry, resolved) ?? resolved.model, values: resolved.endpoint.values, in: catalogue)
  }

  /// The model behind a deployment whose own name says nothing, as Azure's may: what the entry says, else the name that
  /// users ask for, if the catalogue has that. The latter is a guess, which ``ConfigurationCheck`` tells of.
  public func baseModel(of entry: ModelEntry, _ resolved: Resolved) -> String? {
    if let named = entry.info.baseModel { return named }
    let (definition, values) = (resolved.definition, resolved.endpoint.values)
    guard definition.namesItsDeploymentsFreely,
      definition.entry(resolved.model, values: values, in: catalogue) == nil,
      definition.entry(entry.name, values: values, in: catalogue) != nil
    else { return nil }
    return entry.name
  }

  private func deployment(
    _ entry: ModelEntry, of configuration: Configuration, _ warn: (String) -> Void
  ) -> Deployment? {
    guard let resolved = resolve(entry, of: configuration, warn), isChat(entry, resolved) else { return nil }
    var price = EntryPrice.price(of: entry, warn)
    if price == nil, let tier = entry.parameters["service_tier"]?.string, ["priority", "fast", "scale"].contains(tier) {
      warn(
        "service_tier \(tier) costs more than the catalogue says: set input_cost_per_token and output_cost_per_token")
      price = .unknown
    }
    var deployment = Deployment(
      name: entry.name, endpoint: resolved.endpoint, model: resolved.model,
      baseModel: baseModel(of: entry, resolved),
      configuredPrice: price, contextTokens: entry.maxInputTokens ?? entry.numCtx,
      maxOutputTokens: entry.maxOutputTokens, mode: entry.info.mode == .responses ? .responses : nil,
      defaults: entry.requestDefaults(configuration.settings), catalogue: catalogue, registry: registry)
    guard
      resolved.definition.chatProvider(
        model: resolved.model, traits: deployment.traits, endpoint: resolved.endpoint, transport: NoTransport()) != nil
    else {
      warn("\(resolved.definition.title) offers no chat with \(resolved.model); the entry is skipped")
      return nil
    }
    deployment.routing = RoutingParameters(entry, configuration.router)
    return deployment
  }

  /// Who is meant by `model` and `custom_llm_provider`.
  private func provider(
    of entry: ModelEntry, _ warn: (String) -> Void
  ) -> (definition: ProviderDefinition, model: String)? {
    if let name = entry.provider {
      guard let definition = registry.definition(prefix: name) ?? registry[name] else {
        warn("\(name) is not a provider that is supported; the entry is skipped")
        return nil
      }
      let model = registry.split(entry.model).flatMap { $0.definition.id == definition.id ? $0.model : nil }
      return (definition, model ?? entry.model)
    }
    if let named = registry.split(entry.model) { return named }
    if let own = registry[entry.model], own.isInProcess { return (own, entry.model) }
    if let mock = registry["mock"], entry.mockResponse != nil { return (mock, entry.model) }
    // A server of one's own may call its models what it likes.
    if entry.apiBase != nil { return (.openAI, entry.model) }
    if let slash = entry.model.firstIndex(of: "/") {
      warn("\(entry.model[..<slash]) is not a provider that is supported; the entry is skipped")
      return nil
    }
    // The provider whose own catalogue lists a model that is named without one: OpenAI's first, as LiteLLM has it.
    let owner = registry.definitions.first { definition in
      !definition.setsOwnPrices && definition.defaultBase != nil && definition.entry(entry.model, in: catalogue) != nil
    }
    guard let owner else {
      warn("write PROVIDER/\(entry.model) (openai/\(entry.model), say), or set api_base; the entry is skipped")
      return nil
    }
    return (owner, entry.model)
  }

  private func settings(_ entry: ModelEntry, of configuration: Configuration) -> ProviderSettings {
    var values: [String: String] = [:]
    values["organization"] = entry.organization
    values["project"] = entry.project
    values["api_version"] = entry.apiVersion
    values["aws_region_name"] = entry.aws.region
    values["aws_bedrock_runtime_endpoint"] = entry.aws.endpoint
    values["aws_profile_name"] = entry.aws.profile
    values["mock_response"] = entry.mockResponse
    values["num_ctx"] = entry.numCtx.map(String.init)
    for (name, value) in entry.parameters {
      switch value.kind {
      case .null: break
      case .string(let text): values[name] = text
      default: values[name] = JSONTree(value).jsonText
      }
    }
    if let keepAlive = entry.keepAlive { values["keep_alive"] = keepAlive.string ?? keepAlive.integer.map(String.init) }
    var secrets: [String: Secret] = [:]
    secrets["azure_ad_token"] = entry.azureADToken
    secrets["aws_access_key_id"] = entry.aws.accessKeyID
    secrets["aws_secret_access_key"] = entry.aws.secretAccessKey
    secrets["aws_session_token"] = entry.aws.sessionToken
    secrets["aws_bearer_token"] = entry.aws.bearerToken
    return ProviderSettings(
      apiBase: entry.apiBase, apiKey: entry.apiKey, values: values, secrets: secrets,
      headers: entry.headers.map { HTTPRequestHeader($0.name, $0.value) },
      timeouts: timeouts(entry, configuration.router), environment: configuration.environment(over: environment))
  }

  /// A deployment's own times, else those of the router.
  private func timeouts(_ entry: ModelEntry, _ router: RouterSettings) -> HTTPTimeouts {
    var timeouts = HTTPTimeouts()
    func duration(_ seconds: Double) -> Duration { .milliseconds(Int64((seconds * 1000).rounded(.up))) }
    let whole = entry.timeout ?? router.timeout
    if let seconds = entry.streamTimeout ?? router.streamTimeout ?? whole { timeouts.firstByte = duration(seconds) }
    if let seconds = whole { timeouts.idle = duration(seconds) }
    return timeouts
  }
}

/// Stands where a connection is never made: to ask whether a provider chats at all.
private struct NoTransport: HTTPTransport {
  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse { throw .shutDown }
}
