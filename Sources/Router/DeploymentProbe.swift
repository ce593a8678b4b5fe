public import HTTPTransport
import Ledger
public import Providers

/// Asks servers what they have, without asking a model anything: it costs nothing.
public struct DeploymentProbe: Sendable {
  private let transport: any HTTPTransport
  private let timeout: Duration
  private let registry: ProviderRegistry

  /// `timeout` bounds each answer as a whole.
  public init(
    transport: any HTTPTransport, timeout: Duration = .milliseconds(500), registry: ProviderRegistry = .standard
  ) {
    self.transport = transport
    self.timeout = timeout
    self.registry = registry
  }

  /// Why the server of a deployment cannot be used; `nil` when it lists its models, whatever it calls them, or has no
  /// such list.
  public func trouble(_ deployment: Deployment) async -> ProviderError? {
    guard let definition = registry[deployment.endpoint.provider], !definition.isInProcess, definition.listing != nil
    else { return nil }
    do throws(ProviderError) {
      _ = try await definition.models(at: probing(deployment.endpoint), transport: transport)
      return nil
    } catch {
      return error
    }
  }

  /// `deployments` with the windows of models that run on this machine, where their servers tell. Nothing else is
  /// contacted.
  public func completed(_ deployments: [Deployment]) async -> [Deployment] {
    let open = deployments.indices.filter { deployments[$0].contextTokens == nil && isOnLoopback(deployments[$0]) }
    guard !open.isEmpty else { return deployments }
    let found = await withTaskGroup(of: (Int, Int?).self) { group in
      for index in open.prefix(32) {
        group.addTask { (index, await window(of: deployments[index])) }
      }
      return await group.reduce(into: [(Int, Int?)]()) { $0.append($1) }
    }
    var completed = deployments
    for (index, window) in found { completed[index].traits.contextTokens = window }
    return completed
  }

  private func isOnLoopback(_ deployment: Deployment) -> Bool {
    guard deployment.endpoint.base.isLoopback, let definition = registry[deployment.endpoint.provider] else {
      return false
    }
    // Others are there in tests and behind tunnels only, and their catalogue knows their models.
    return (definition.setsOwnPrices || definition.id == "openai" || definition.id == "ollama")
      && !definition.isInProcess
  }

  /// The window of a model, if its server tells.
  func window(of deployment: Deployment) async -> Int? {
    let endpoint = probing(deployment.endpoint)
    if endpoint.provider == "ollama" {
      // Without a limit, a prompt that is too long would lose its beginning silently.
      return (try? await OllamaModelDetails.of(deployment.model, at: endpoint, transport: transport))?.contextTokens
    }
    let models = try? await registry[endpoint.provider]?.models(at: endpoint, transport: transport)
    return models?.first { $0.id == deployment.model }?.contextTokens
  }

  private func probing(_ endpoint: Endpoint) -> Endpoint {
    var probing = endpoint
    probing.timeouts = HTTPTimeouts(connect: timeout, firstByte: timeout, idle: timeout, total: timeout)
    return probing
  }
}
