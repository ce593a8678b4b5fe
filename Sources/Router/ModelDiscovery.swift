public import HTTPTransport
import Ledger
import Providers

/// Finds models without configuration: by the environment's variables, else by asking known ports on loopback.
///
/// Nothing but loopback is ever contacted here.
public struct ModelDiscovery: Sendable {
  /// A server that may run on this machine.
  public struct LocalServer: Sendable, Hashable {
    /// Its name.
    public var provider: String
    /// Its port on 127.0.0.1.
    public var port: Int

    /// Makes an entry.
    public init(provider: String, port: Int) {
      self.provider = provider
      self.port = port
    }

    /// Where these listen by default, in order of preference.
    public static let known = [
      LocalServer(provider: "llamacpp", port: 8080), LocalServer(provider: "ollama", port: 11434),
      LocalServer(provider: "lm_studio", port: 1234), LocalServer(provider: "hosted_vllm", port: 8000),
      LocalServer(provider: "litellm_proxy", port: 4000),
    ]
  }

  /// What was found, and what was not and why.
  public struct Found: Sendable {
    /// In order of preference.
    public var deployments: [Deployment] = []
    /// For the user.
    public var notes: [String] = []
  }

  private let transport: any HTTPTransport
  private let servers: [LocalServer]
  private let timeout: Duration

  /// `timeout` bounds each server's answer as a whole.
  public init(
    transport: any HTTPTransport, servers: [LocalServer] = LocalServer.known, timeout: Duration = .milliseconds(250)
  ) {
    self.transport = transport
    self.servers = servers
    self.timeout = timeout
  }

  /// Looks: at the variables of the environment first, then at this machine's ports.
  public func discover(environment: [String: String]) async -> Found {
    var found = Found()
    for definition in ProviderRegistry.standard.definitions where definition.chats && !definition.isInProcess {
      await discover(definition, environment, &found)
    }
    let local = await local(environment: environment)
    found.deployments += local.deployments.filter { deployment in
      !found.deployments.contains { $0.endpoint.base == deployment.endpoint.base }
    }
    found.notes += local.notes
    return found
  }

  /// What the environment says of one provider, if anything.
  private func discover(
    _ definition: ProviderDefinition, _ environment: [String: String], _ found: inout Found
  ) async {
    let settings = ProviderSettings(environment: environment)
    let base = settings.variable(definition.baseVariables)
    guard base != nil || settings.variable(definition.keyVariables) != nil else { return }
    let endpoint: Endpoint
    do throws(ProviderSetupError) {
      endpoint = try definition.endpoint(settings)
    } catch {
      found.notes.append("\(definition.title): \(error.message)")
      return
    }
    // A key without an address means the provider's own server; that of a server of one's own only where it is.
    let place = definition.baseVariables.first { settings.variable([$0]) != nil } ?? definition.title
    if endpoint.base.isLoopback {
      if base == nil { return }
      if let model = settings.variable(definition.modelVariables) {
        found.deployments.append(Deployment(name: model, endpoint: endpoint, model: model))
      } else if case let deployments = await probe(endpoint), !deployments.isEmpty {
        found.deployments += deployments
      } else {
        let hint = definition.modelVariables.first.map { ": set \($0)" } ?? ""
        found.notes.append("no list of models came from \(place)\(hint)")
      }
      return
    }
    if endpoint.credential == .none, definition.needsCredential {
      found.notes.append("\(place) is set, but \(definition.keyVariables.first ?? "its key") is not")
      return
    }
    let named = settings.variable(definition.modelVariables)
    let preferred = definition.preferredModels.first {
      definition.entry($0, in: .embedded).map { $0.mode == .chat && !$0.flags.contains("noStream") } ?? false
    }
    if let model = named ?? (definition.owns(endpoint.base) ? preferred : nil) {
      found.deployments.append(Deployment(name: model, endpoint: endpoint, model: model))
    } else if let variable = definition.modelVariables.first {
      found.notes.append("set \(variable) to the model to ask at \(place)")
    } else {
      found.notes.append("\(place) is set: name its models in a configuration (cicerone init writes one)")
    }
  }

  /// Asks every known port at the same time.
  public func local(environment: [String: String] = [:]) async -> Found {
    let answers = await withTaskGroup(of: (Int, [Deployment]).self) { group in
      for (index, server) in servers.enumerated() {
        group.addTask {
          let path = ProviderRegistry.standard[server.provider]?.barePath ?? ""
          guard let url = try? HTTPURL("http://127.0.0.1:\(server.port)\(path)") else { return (index, []) }
          let key = ProviderSettings(environment: environment)
            .variable(ProviderRegistry.standard[server.provider]?.keyVariables ?? []).flatMap(Secret.init)
          return (
            index,
            await probe(
              Endpoint(provider: server.provider, base: url, credential: key.map(Credential.key) ?? .none))
          )
        }
      }
      return await group.reduce(into: [(Int, [Deployment])]()) { $0.append($1) }
    }
    var found = Found()
    found.deployments = answers.sorted { $0.0 < $1.0 }.flatMap(\.1)
    if found.deployments.contains(where: { $0.endpoint.provider == "litellm_proxy" }) {
      found.notes.append("the LiteLLM proxy on this machine is taken for free; its own limits hold")
    }
    return found
  }

  /// How many models of one server are taken.
  private static let maxModels = 32

  /// The models that can chat, if a well-formed list comes in time.
  private func probe(_ endpoint: Endpoint) async -> [Deployment] {
    var probing = endpoint
    probing.timeouts = HTTPTimeouts(connect: timeout, firstByte: timeout, idle: timeout, total: timeout)
    guard let definition = ProviderRegistry.standard[endpoint.provider],
      let models = try? await definition.models(at: probing, transport: transport)
    else { return [] }
    let found = models.filter(\.isProbablyChat).prefix(Self.maxModels).map { model in
      Deployment(name: model.id, endpoint: endpoint, model: model.id, contextTokens: model.contextTokens)
    }
    return await DeploymentProbe(transport: transport, timeout: timeout).completed(found)
  }
}
