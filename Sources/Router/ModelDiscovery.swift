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

  /// Inexpensive models that chat well, best first: the first that the catalogue knows is asked when none is named.
  static let preferredModels = ["gpt-6-luna", "gpt-5.4-mini", "gpt-4.1-mini", "gpt-4o-mini"]

  /// Looks.
  public func discover(environment: [String: String]) async -> Found {
    let base = environment["OPENAI_BASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
    let key = environment["OPENAI_API_KEY"].flatMap(Secret.init)
    guard base != nil || key != nil else { return await local() }
    var found = Found()
    let url: HTTPURL
    do {
      url = try HTTPURL(base ?? "https://api.openai.com/v1")
    } catch {
      found.notes.append("OPENAI_BASE_URL is not usable: \(error)")
      return found
    }
    guard key != nil || url.isLoopback else {
      found.notes.append("OPENAI_BASE_URL is set, but OPENAI_API_KEY is not")
      return found
    }
    var endpoint = Endpoint(provider: "openai", base: url, credential: key.map(Credential.key) ?? .none)
    endpoint.values["organization"] = environment["OPENAI_ORG_ID"]
    endpoint.values["project"] = environment["OPENAI_PROJECT_ID"]
    if let model = environment["OPENAI_MODEL"], !model.isEmpty {
      found.deployments = [Deployment(name: model, endpoint: endpoint, model: model)]
    } else if ProviderDefinition.openAI.owns(url) {
      let model = Self.preferredModels.first {
        PriceCatalogue.embedded.model(provider: "openai", name: $0)?.streamsChat == true
      }
      found.deployments = model.map { [Deployment(name: $0, endpoint: endpoint, model: $0)] } ?? []
    } else if url.isLoopback {
      if let deployment = await probe(endpoint) {
        found.deployments = [deployment]
      } else {
        found.notes.append("no list of models came from OPENAI_BASE_URL: set OPENAI_MODEL")
      }
    } else {
      found.notes.append("set OPENAI_MODEL to the model to ask at OPENAI_BASE_URL")
    }
    return found
  }

  /// Asks every known port at the same time.
  public func local() async -> Found {
    let answers = await withTaskGroup(of: (Int, Deployment?).self) { group in
      for (index, server) in servers.enumerated() {
        group.addTask {
          guard let url = try? HTTPURL("http://127.0.0.1:\(server.port)/v1") else { return (index, nil) }
          return (index, await probe(Endpoint(provider: server.provider, base: url)))
        }
      }
      return await group.reduce(into: [(Int, Deployment?)]()) { $0.append($1) }
    }
    var found = Found()
    found.deployments = answers.sorted { $0.0 < $1.0 }.compactMap(\.1)
    if found.deployments.contains(where: { $0.endpoint.provider == "litellm_proxy" }) {
      found.notes.append("the LiteLLM proxy on this machine is taken for free; its own limits hold")
    }
    return found
  }

  /// The first model that can chat, if a well-formed list comes in time.
  private func probe(_ endpoint: Endpoint) async -> Deployment? {
    var probing = endpoint
    probing.timeouts = HTTPTimeouts(connect: timeout, firstByte: timeout, idle: timeout, total: timeout)
    guard let definition = ProviderRegistry.standard[endpoint.provider],
      let models = try? await definition.models(at: probing, transport: transport),
      let model = models.first(where: \.isProbablyChat)
    else { return nil }
    return Deployment(name: model.id, endpoint: endpoint, model: model.id, contextTokens: model.contextTokens)
  }
}
