public import Configuration
import HTTPTransport
public import Ledger
import Providers

/// Turns configured models into deployments.
public struct DeploymentBuilder: Sendable {
  /// A prefix of LiteLLM's whose servers speak OpenAI's format.
  private struct Family {
    var provider: String
    var baseVariable: String?
    var keyVariable: String?
    var defaultBase: String?
    /// Appended to a base without a path.
    var path: String?
  }

  private static let families: [String: Family] = [
    "openai": Family(
      provider: "openai", baseVariable: "OPENAI_BASE_URL", keyVariable: "OPENAI_API_KEY",
      defaultBase: OpenAIEndpoint.officialBase),
    "hosted_vllm": Family(
      provider: "hosted_vllm", baseVariable: "HOSTED_VLLM_API_BASE", keyVariable: "HOSTED_VLLM_API_KEY",
      defaultBase: "http://127.0.0.1:8000/v1", path: "/v1"),
    "llamafile": Family(
      provider: "llamafile", baseVariable: "LLAMAFILE_API_BASE", keyVariable: "LLAMAFILE_API_KEY",
      defaultBase: "http://127.0.0.1:8080/v1", path: "/v1"),
    "lm_studio": Family(
      provider: "lm_studio", baseVariable: "LM_STUDIO_API_BASE", keyVariable: "LM_STUDIO_API_KEY",
      defaultBase: "http://127.0.0.1:1234/v1", path: "/v1"),
    "ollama": ollama,
    "ollama_chat": ollama,
    "openai_like": Family(
      provider: "openai_like", baseVariable: "OPENAI_LIKE_API_BASE", keyVariable: "OPENAI_LIKE_API_KEY"),
    "custom_openai": Family(provider: "openai_like"),
    "litellm_proxy": Family(
      provider: "litellm_proxy", baseVariable: "LITELLM_PROXY_API_BASE", keyVariable: "LITELLM_PROXY_API_KEY",
      defaultBase: "http://127.0.0.1:4000/v1", path: "/v1"),
  ]

  private static let ollama = Family(
    provider: "ollama", baseVariable: "OLLAMA_API_BASE", keyVariable: "OLLAMA_API_KEY",
    defaultBase: "http://127.0.0.1:11434/v1", path: "/v1")

  private let environment: [String: String]
  private let catalogue: PriceCatalogue

  /// `environment` holds the variables that stand for what an entry leaves out.
  public init(environment: [String: String], catalogue: PriceCatalogue = .embedded) {
    self.environment = environment
    self.catalogue = catalogue
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
    var prefix = "openai"
    var model = entry.model
    if let slash = model.firstIndex(of: "/") {
      let first = String(model[..<slash])
      if Self.families[first] != nil {
        prefix = first
        model = String(model[model.index(after: slash)...])
      } else {
        warn("\(first) is not supported yet; the entry is skipped")
        return nil
      }
    } else if entry.apiBase == nil, catalogue.model(provider: "openai", name: model) == nil {
      warn("write openai/\(model), or name the provider; the entry is skipped")
      return nil
    }
    guard let family = Self.families[prefix], !model.isEmpty, !model.contains("*") else {
      warn("\(entry.model) names no single model; the entry is skipped")
      return nil
    }
    guard let text = entry.apiBase ?? variable(family.baseVariable) ?? family.defaultBase else {
      warn("api_base is missing; the entry is skipped")
      return nil
    }
    let base: HTTPURL
    do {
      base = try self.base(text, family)
    } catch {
      warn("api_base is not usable: \(error.description); the entry is skipped")
      return nil
    }
    let key = key(entry, family, base, warn)
    if base.isOfficial, key == nil {
      warn("OPENAI_API_KEY is not set; the entry is skipped")
      return nil
    }
    if key != nil, base.scheme == .http, !base.isLoopback { warn("the key travels unencrypted to \(base.host)") }
    if prefix == "openai", catalogue.model(provider: "openai", name: model)?.mode == .responses, base.isOfficial {
      warn("\(model) does not answer at chat completions; the entry is skipped")
      return nil
    }
    let endpoint = OpenAIEndpoint(
      provider: family.provider, base: base, key: key,
      organization: entry.organization ?? (base.isOfficial ? variable("OPENAI_ORG_ID") : nil),
      project: base.isOfficial ? variable("OPENAI_PROJECT_ID") : nil, timeouts: timeouts(entry))
    return Deployment(
      name: entry.name, endpoint: endpoint, model: model, configuredPrice: price(entry, warn),
      contextTokens: entry.maxInputTokens, maxOutputTokens: entry.maxOutputTokens,
      defaultMaxOutputTokens: entry.maxTokens, temperature: entry.temperature, catalogue: catalogue)
  }

  private func variable(_ name: String?) -> String? {
    name.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A base up to `/v1`: servers that have one place for it get it appended to a bare address.
  private func base(_ text: String, _ family: Family) throws(HTTPURL.Invalid) -> HTTPURL {
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    let suffix = "/chat/completions"
    if text.hasSuffix(suffix) { text.removeLast(suffix.count) }
    let url = try HTTPURL(text)
    if let path = family.path, url.path.isEmpty { return try url.appending(path) }
    return url
  }

  /// The entry's own key; else the variable's, but OpenAI's key goes to OpenAI, or where OPENAI_BASE_URL points, alone.
  private func key(_ entry: ModelEntry, _ family: Family, _ base: HTTPURL, _ warn: (String) -> Void) -> Secret? {
    if let key = entry.apiKey { return key }
    guard let name = family.keyVariable, let key = variable(name).flatMap(Secret.init) else { return nil }
    if family.provider == "openai", !base.isOfficial {
      let known = variable("OPENAI_BASE_URL").flatMap { try? HTTPURL($0) }
      guard let known, known.scheme == base.scheme, known.host == base.host, known.port == base.port else {
        if !base.isLoopback {
          warn("OPENAI_API_KEY is not sent to \(base.host): write api_key: os.environ/OPENAI_API_KEY to send it")
        }
        return nil
      }
    }
    return key
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

extension HTTPURL {
  /// Whether it is OpenAI's own server.
  fileprivate var isOfficial: Bool { host == "api.openai.com" }
}
