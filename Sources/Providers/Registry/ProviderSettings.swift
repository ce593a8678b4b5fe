public import HTTPTransport

/// Why an entry gives no endpoint, for the user.
public struct ProviderSetupError: Error, Sendable, Hashable {
  /// What is missing or wrong.
  public var message: String

  /// Makes an error.
  public init(_ message: String) { self.message = message }
}

/// What a configuration says about reaching a provider, and the environment that completes it.
public struct ProviderSettings: Sendable {
  /// Whether keys of the environment are not for this entry, which names one that is not set.
  public var ignoresKeysOfEnvironment = false
  /// The model, for providers whose place depends on it.
  public var model: String?
  /// `api_base`.
  public var apiBase: String?
  /// `api_key`.
  public var apiKey: Secret?
  /// Other texts by LiteLLM's names: `api_version`, `organization`, `aws_region_name`.
  public var values: [String: String]
  /// Other credentials by LiteLLM's names: `aws_secret_access_key`, `azure_ad_token`.
  public var secrets: [String: Secret]
  /// `extra_headers`.
  public var headers: [HTTPRequestHeader]
  /// `timeout` and `stream_timeout`.
  public var timeouts: HTTPTimeouts
  /// The process's environment.
  public var environment: [String: String]

  /// Makes settings.
  public init(
    apiBase: String? = nil, apiKey: Secret? = nil, values: [String: String] = [:], secrets: [String: Secret] = [:],
    headers: [HTTPRequestHeader] = [], timeouts: HTTPTimeouts = HTTPTimeouts(), environment: [String: String] = [:],
    model: String? = nil
  ) {
    self.apiBase = apiBase
    self.apiKey = apiKey
    self.values = values
    self.secrets = secrets
    self.headers = headers
    self.timeouts = timeouts
    self.environment = environment
    self.model = model
  }

  /// The first of the environment's variables that is set to something.
  public func variable(_ names: [String]) -> String? {
    for name in names {
      if let value = environment[name], !value.isEmpty { return value }
    }
    return nil
  }

  /// A text by LiteLLM's name for it, else of the environment.
  func value(_ name: String, _ variables: [String] = []) -> String? { values[name] ?? variable(variables) }

  /// A credential by LiteLLM's name for it, else of the environment.
  func secret(_ name: String, _ variables: [String] = []) -> Secret? {
    secrets[name] ?? variable(variables).flatMap(Secret.init)
  }

  /// The endpoint by the general rule: `api_base`, else a variable, else the default; `api_key`, else a variable.
  ///
  /// A key of the environment was given to reach one server: it goes to the provider's own hosts, or to where the
  /// environment says that the provider is, and nowhere else. An entry that wants it elsewhere says so with
  /// `api_key: os.environ/NAME`.
  public func endpoint(of definition: ProviderDefinition) throws(ProviderSetupError) -> Endpoint {
    let base = try base(of: definition)
    let key = try key(of: definition, for: base)
    return Endpoint(
      provider: definition.id, base: base, credential: key.map(Credential.key) ?? .none, values: values,
      headers: headers, timeouts: timeouts)
  }

  /// The base by the general rule.
  func base(of definition: ProviderDefinition) throws(ProviderSetupError) -> HTTPURL {
    guard var text = apiBase ?? variable(definition.baseVariables) ?? definition.defaultBase else {
      throw ProviderSetupError("api_base is missing")
    }
    while text.hasSuffix("/") { text.removeLast() }
    // The whole address of the method, as some people write it.
    for suffix in ["/chat/completions", "/responses", "/v1/messages"] where text.hasSuffix(suffix) {
      text.removeLast(suffix.count)
    }
    let url = try Self.url(ofBase: text)
    guard let path = definition.barePath, url.path.isEmpty else { return url }
    do {
      return try url.appending(path)
    } catch {
      throw ProviderSetupError("api_base is not usable: \(error.description)")
    }
  }

  /// The URL of a base. A query would be lost when paths are appended, and may hold a key, which would be shown.
  static func url(ofBase text: String) throws(ProviderSetupError) -> HTTPURL {
    guard !text.contains("?") else { throw ProviderSetupError("api_base must not have a query") }
    do {
      return try HTTPURL(text)
    } catch {
      throw ProviderSetupError("api_base is not usable: \(error.description)")
    }
  }

  /// The key by the general rule.
  func key(of definition: ProviderDefinition, for base: HTTPURL) throws(ProviderSetupError) -> Secret? {
    if let apiKey { return apiKey }
    let key = ignoresKeysOfEnvironment ? nil : variable(definition.keyVariables).flatMap(Secret.init)
    if let key, mayReceiveKeyOfEnvironment(base, definition) { return key }
    if definition.needsCredential, definition.owns(base) {
      throw ProviderSetupError("\(definition.keyVariables.first ?? "api_key") is not set")
    }
    return nil
  }

  /// Whether the environment's key may go there.
  func mayReceiveKeyOfEnvironment(_ base: HTTPURL, _ definition: ProviderDefinition) -> Bool {
    if definition.owns(base) { return true }
    let isOnesOwn = definition.defaultBase.flatMap { try? HTTPURL($0) }?.isLoopback ?? false
    // A server of one's own may be anywhere, unless the environment says where.
    if isOnesOwn, definition.ownHosts.isEmpty, base.isLoopback || variable(definition.baseVariables) == nil {
      return true
    }
    guard let known = variable(definition.baseVariables).flatMap({ try? HTTPURL($0) }) else { return false }
    return known.scheme == base.scheme && known.host == base.host && known.port == base.port
  }
}
