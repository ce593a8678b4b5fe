import HTTPTransport

/// Reads the tree into a ``Configuration``, noting what it does not understand.
struct ConfigurationReader {
  private(set) var configuration = Configuration()
  private let environment: [String: String]

  init(environment: [String: String]) { self.environment = environment }

  /// Sections of LiteLLM's that are known and have no effect here.
  private static let foreignSections: Set = [
    "litellm_settings", "router_settings", "general_settings", "environment_variables", "callback_settings",
    "credential_list", "guardrails", "prompts", "vector_store_registry", "mcp_servers", "search_tools",
  ]

  mutating func read(_ root: YAMLNode) throws(ConfigurationError) {
    for entry in try entries(of: root, "the file") {
      switch entry.key {
      case "model_list": try readModels(entry.value)
      case "cicerone": try readOwn(entry.value)
      case let name where Self.foreignSections.contains(name):
        warn("\(name) has no effect", entry.keyPosition)
      default: warn("\(entry.key) is not known", entry.keyPosition)
      }
    }
  }

  private mutating func readOwn(_ node: YAMLNode) throws(ConfigurationError) {
    guard !node.isNull else { return }
    for entry in try entries(of: node, "cicerone") {
      switch entry.key {
      case "token_budget": configuration.tokenBudget = try integer(entry, 1...10_000_000)
      case "max_usd_per_request": configuration.maxUSDPerRequest = try decimal(entry)
      case "model": configuration.model = try text(entry)
      default: warn("cicerone.\(entry.key) is not known", entry.keyPosition)
      }
    }
  }

  private mutating func readModels(_ node: YAMLNode) throws(ConfigurationError) {
    guard !node.isNull else { return }
    guard case .sequence(let elements) = node.value else {
      throw ConfigurationError(message: "model_list must be a list", position: node.position)
    }
    guard elements.count <= 1000 else {
      throw ConfigurationError(message: "model_list has more than 1000 entries", position: node.position)
    }
    for element in elements {
      if let model = try readModel(element) { configuration.models.append(model) }
    }
  }

  private mutating func readModel(_ node: YAMLNode) throws(ConfigurationError) -> ModelEntry? {
    var model = ModelEntry(name: "", model: "", position: node.position)
    let members = try entries(of: node, "an entry of model_list")
    // Prices under litellm_params win over those under model_info, wherever they stand.
    for entry in members where entry.key == "model_info" { try readInfo(entry.value, &model) }
    for entry in members {
      switch entry.key {
      case "model_name": model.name = try text(entry) ?? ""
      case "litellm_params": try readParameters(entry.value, &model)
      case "model_info": break
      default: warn("\(entry.key) is not known", entry.keyPosition)
      }
    }
    guard !model.model.isEmpty else {
      warn("the entry has no litellm_params.model and is skipped", node.position)
      return nil
    }
    if model.name.isEmpty { model.name = model.model }
    return model
  }

  private mutating func readParameters(_ node: YAMLNode, _ model: inout ModelEntry) throws(ConfigurationError) {
    for entry in try entries(of: node, "litellm_params") {
      switch entry.key {
      case "model": model.model = try text(entry) ?? ""
      case "api_base", "base_url": model.apiBase = try text(entry)
      case "api_key": model.apiKey = try text(entry).flatMap(Secret.init)
      case "organization": model.organization = try text(entry)
      case "timeout": model.timeout = try seconds(entry)
      case "stream_timeout": model.streamTimeout = try seconds(entry)
      case "max_tokens", "max_completion_tokens": model.maxTokens = try integer(entry, 1...10_000_000)
      case "temperature": model.temperature = try number(entry, 0...2)
      default: if try !readPrice(entry, &model) { warn("litellm_params.\(entry.key) has no effect", entry.keyPosition) }
      }
    }
  }

  private mutating func readInfo(_ node: YAMLNode, _ model: inout ModelEntry) throws(ConfigurationError) {
    guard !node.isNull else { return }
    for entry in try entries(of: node, "model_info") {
      switch entry.key {
      case "max_input_tokens": model.maxInputTokens = try integer(entry, 1...100_000_000)
      case "max_output_tokens": model.maxOutputTokens = try integer(entry, 1...10_000_000)
      case "max_tokens":
        let value = try integer(entry, 1...10_000_000)
        if model.maxOutputTokens == nil { model.maxOutputTokens = value }
      case "id", "mode", "description", "litellm_provider", "base_model": break
      default: if try !readPrice(entry, &model) { warn("model_info.\(entry.key) has no effect", entry.keyPosition) }
      }
    }
  }

  private func readPrice(_ entry: YAMLNode.Entry, _ model: inout ModelEntry) throws(ConfigurationError) -> Bool {
    switch entry.key {
    case "input_cost_per_token": model.prices.input = try decimal(entry)
    case "output_cost_per_token": model.prices.output = try decimal(entry)
    case "cache_read_input_token_cost": model.prices.cacheRead = try decimal(entry)
    case "cache_creation_input_token_cost": model.prices.cacheWrite = try decimal(entry)
    default: return false
    }
    return true
  }

  // MARK: Values

  private mutating func warn(_ message: String, _ position: SourcePosition) {
    configuration.warnings.append(ConfigurationWarning(message, at: position))
  }

  private func entries(of node: YAMLNode, _ what: String) throws(ConfigurationError) -> [YAMLNode.Entry] {
    guard case .mapping(let entries) = node.value else {
      throw ConfigurationError(message: "\(what) must be a mapping", position: node.position)
    }
    return entries
  }

  /// A text, with `os.environ/NAME` replaced; a variable that is not set is a warning, and the text is absent.
  private mutating func text(_ entry: YAMLNode.Entry) throws(ConfigurationError) -> String? {
    guard !entry.value.isNull else { return nil }
    guard let text = entry.value.text else {
      throw ConfigurationError(message: "\(entry.key) must be text", position: entry.value.position)
    }
    guard text.hasPrefix("os.environ/") else { return text }
    let name = String(text.dropFirst("os.environ/".count))
    guard let value = environment[name], !value.isEmpty else {
      warn("the environment variable \(name) is not set", entry.value.position)
      return nil
    }
    return value
  }

  private func integer(_ entry: YAMLNode.Entry, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
    guard !entry.value.isNull else { return nil }
    guard let value = entry.value.text.flatMap({ Int($0.filter { $0 != "_" }) }), range.contains(value) else {
      throw ConfigurationError(
        message: "\(entry.key) must be a whole number from \(range.lowerBound) to \(range.upperBound)",
        position: entry.value.position)
    }
    return value
  }

  private func number(_ entry: YAMLNode.Entry, _ range: ClosedRange<Double>) throws(ConfigurationError) -> Double? {
    guard !entry.value.isNull else { return nil }
    guard let value = entry.value.text.flatMap(Double.init), range.contains(value) else {
      throw ConfigurationError(
        message: "\(entry.key) must be a number from \(range.lowerBound) to \(range.upperBound)",
        position: entry.value.position)
    }
    return value
  }

  private func seconds(_ entry: YAMLNode.Entry) throws(ConfigurationError) -> Double? {
    try number(entry, 0.001...86_400)
  }

  /// A decimal number that is not negative, as text.
  private func decimal(_ entry: YAMLNode.Entry) throws(ConfigurationError) -> String? {
    guard !entry.value.isNull else { return nil }
    guard let text = entry.value.text, let value = Double(text), value.isFinite, value >= 0,
      text.utf8.allSatisfy({ "+.eE-0123456789".utf8.contains($0) })
    else {
      throw ConfigurationError(
        message: "\(entry.key) must be a number that is not negative", position: entry.value.position)
    }
    return text
  }
}
