public import Configuration
public import HTTPTransport
import Ledger
import Providers

/// Everything a router is made of: from the configuration when it names models, else by discovery.
public struct ModelSetup: Sendable {
  /// In order of preference.
  public var deployments: [Deployment]
  /// The model asked when a request names none.
  public var defaultModel: String?
  /// For the user.
  public var warnings: [String]

  /// Decides. Discovery contacts loopback only, and only when the configuration names no model.
  public static func make(
    configuration: Configuration, environment: [String: String], transport: any HTTPTransport,
    servers: [ModelDiscovery.LocalServer] = ModelDiscovery.LocalServer.known
  ) async -> ModelSetup {
    var warnings = configuration.warnings.map(\.description)
    if !configuration.models.isEmpty {
      let built = DeploymentBuilder(environment: environment).deployments(of: configuration)
      warnings += built.warnings.map(\.description)
      let others = ["auto", ProviderDefinition.extractiveName] + configuration.router.aliases.map(\.name)
      if let model = configuration.model, !others.contains(model),
        !built.deployments.contains(where: { $0.name == model || $0.model == model })
      {
        warnings.append("cicerone.model: no usable model is named \(model)")
      }
      let deployments = await DeploymentProbe(transport: transport).completed(built.deployments)
      return ModelSetup(
        deployments: deployments + offlineAnswerer(configuration, built.deployments),
        defaultModel: configuration.model, warnings: warnings)
    }
    let found = await ModelDiscovery(transport: transport, servers: servers).discover(environment: environment)
    warnings += found.notes
    // A default that was not found would refuse every question.
    let model = configuration.model.flatMap { name in
      found.deployments.contains { $0.name == name } ? name : nil
    }
    return ModelSetup(deployments: found.deployments, defaultModel: model, warnings: warnings)
  }

  /// The offline answerer as a group of its own, where routes of the configuration lead to it by name.
  private static func offlineAnswerer(_ configuration: Configuration, _ deployments: [Deployment]) -> [Deployment] {
    let name = ProviderDefinition.extractiveName
    let router = configuration.router
    let fallbacks = router.fallbacks + router.contextWindowFallbacks + router.contentPolicyFallbacks
    let named =
      fallbacks.flatMap { $0.models.map(\.value) } + router.defaultFallbacks.map(\.value)
      + router.aliases.map(\.model.value) + configuration.settings.tasks.values.compactMap { $0.model?.value }
    guard named.contains(name), !deployments.contains(where: { $0.name == name }),
      let endpoint = try? ProviderDefinition.extractiveEndpoint()
    else { return [] }
    return [Deployment(name: name, endpoint: endpoint, model: name)]
  }
}
