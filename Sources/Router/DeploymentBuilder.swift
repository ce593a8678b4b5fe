public import Configuration
import HTTPTransport
public import Ledger
public import Providers

/// Turns configured models into deployments.
public struct DeploymentBuilder: Sendable {
  private let environment: [String: String]
  private let catalogue: PriceCatalogue
  private let registry: ProviderRegistry

  /// `environment` holds the variables that stand for what an entry leaves out.
  public init(
    environment: [String: String], catalogue: PriceCatalogue = .embedded, registry: ProviderRegistry = .standard
  ) {
    self.environment = environment
    self.catalogue = catalogue
    self.registry = registry
  }

  /// The deployments of `configuration`, in its order, and why some entries give none.
  public func deployments(
    of configuration: Configuration
  ) -> (deployments: [Deployment], warnings: [ConfigurationWarning]) {
    var deployments: [Deployment] = []
    var warnings: [ConfigurationWarning] = []
    for entry in configuration.models {
      func warn(_ text: String) { warnings.append(ConfigurationWarning("\(entry.name): \(text)", at: entry.position)) }
      if let deployment = deployment(entry, warn) { deployments.append(deployment) }
    }
    return (deployments, warnings)
  }

  private func deployment(_ entry: ModelEntry, _ warn: (String) -> Void) -> Deployment? {
    var definition = ProviderDefinition.openAI
    var model = entry.model
    if let (named, rest) = registry.split(entry.model) {
      definition = named
      model = rest
    } else if let slash = model.firstIndex(of: "/"), entry.apiBase == nil {
      warn("\(model[..<slash]) is not a provider that is supported; the entry is skipped")
      return nil
    } else if entry.apiBase == nil {
      guard let owner = owner(of: model) else {
        warn("write PROVIDER/\(model) (openai/\(model), say), or set api_base; the entry is skipped")
        return nil
      }
      definition = owner
    }
    guard !model.isEmpty, !model.contains("*") else {
      warn("\(entry.model) names no single model; the entry is skipped")
      return nil
    }
    let settings = ProviderSettings(
      apiBase: entry.apiBase, apiKey: entry.apiKey, values: values(entry), timeouts: timeouts(entry),
      environment: environment, model: model)
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
    var defaults = Deployment.RequestDefaults()
    defaults.maxOutputTokens = entry.maxTokens
    defaults.temperature = entry.temperature
    let deployment = Deployment(
      name: entry.name, endpoint: endpoint, model: model, configuredPrice: price(entry, warn),
      contextTokens: entry.maxInputTokens, maxOutputTokens: entry.maxOutputTokens, defaults: defaults,
      catalogue: catalogue, registry: registry)
    guard definition.chat(model, deployment.traits) != nil else {
      warn("\(definition.title) offers no chat with \(model); the entry is skipped")
      return nil
    }
    return deployment
  }

  /// The provider whose own catalogue lists a model that is named without one: OpenAI's first, as LiteLLM has it.
  private func owner(of model: String) -> ProviderDefinition? {
    registry.definitions.first { definition in
      !definition.setsOwnPrices && definition.defaultBase != nil && definition.entry(model, in: catalogue) != nil
    }
  }

  private func values(_ entry: ModelEntry) -> [String: String] {
    var values: [String: String] = [:]
    values["organization"] = entry.organization
    return values
  }

  private func timeouts(_ entry: ModelEntry) -> HTTPTimeouts {
    var timeouts = HTTPTimeouts()
    if let seconds = entry.streamTimeout ?? entry.timeout {
      timeouts.firstByte = .milliseconds(Int64((seconds * 1000).rounded(.up)))
    }
    if let seconds = entry.timeout { timeouts.idle = .milliseconds(Int64((seconds * 1000).rounded(.up))) }
    return timeouts
  }

  private func price(_ entry: ModelEntry, _ warn: (String) -> Void) -> Price? {
    let prices = entry.prices
    guard prices.input != nil || prices.output != nil else { return nil }
    func money(_ text: String?) -> Money? { text.flatMap { Money(usd: $0, rounding: .up) } }
    guard let input = money(prices.input), let output = money(prices.output) else {
      warn("a price needs input_cost_per_token and output_cost_per_token, both within range; it is not used")
      return nil
    }
    if input == .zero, output == .zero { return .free }
    return .known(
      ModelPrice(
        base: ModelPrice.Rates(
          input: input, output: output, cacheRead: money(prices.cacheRead), cacheWrite5m: money(prices.cacheWrite))))
  }
}
