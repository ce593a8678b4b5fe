import Ledger

/// Which of the format's variants a request is written in. Servers disagree about a few parameters: a refusal that
/// names one of them changes the shape, once for each.
struct OpenAIRequestShape: Equatable {
  /// `max_completion_tokens` instead of `max_tokens`.
  var usesMaxCompletionTokens: Bool
  /// The role `developer` instead of `system`.
  var usesDeveloperRole: Bool
  /// Whether to send a temperature.
  var sendsTemperature: Bool
  /// Whether to ask for usage in the stream.
  var sendsStreamOptions = true
  /// Whether to send what only OpenAI knows.
  var isOfficial: Bool
  private var adapted: Set<String> = []

  init(dialect: OpenAIEndpoint.Dialect, model: String, catalogue: PriceCatalogue) {
    isOfficial = dialect == .openAI
    // Models of the first generations know the role `system` only and accept a temperature; all since reason.
    let base = model.hasPrefix("ft:") ? model.dropFirst(3) : model[...]
    let isEarly = ["gpt-3", "gpt-4", "chatgpt-4o"].contains { base.hasPrefix($0) }
    usesMaxCompletionTokens = isOfficial
    usesDeveloperRole = isOfficial && !isEarly
    let entry = isOfficial ? catalogue.model(provider: "openai", name: model) : nil
    sendsTemperature = !isOfficial || (isEarly && entry?.flags.contains("noSampling") != true)
  }

  /// Changes what a refusal complains of; false when there is nothing to change, or it was changed before.
  mutating func adapt(to error: ProviderError) -> Bool {
    guard error.status == 400 || error.status == 422, let parameter = error.parameter else { return false }
    let name = parameter.split(separator: ".").first.map(String.init) ?? parameter
    guard !adapted.contains(name) else { return false }
    adapted.insert(name)
    switch name {
    case "max_tokens" where !usesMaxCompletionTokens:
      usesMaxCompletionTokens = true
      adapted.insert("max_completion_tokens")
    case "max_completion_tokens" where usesMaxCompletionTokens:
      usesMaxCompletionTokens = false
      adapted.insert("max_tokens")
    case "temperature" where sendsTemperature: sendsTemperature = false
    case "stream_options" where sendsStreamOptions: sendsStreamOptions = false
    case "store" where isOfficial: isOfficial = false
    default: return false
    }
    return true
  }

  /// The body of `request` in this shape.
  func body(_ request: ChatRequest) -> [UInt8] {
    var members: [String: JSONTree] = [
      "model": .string(request.model),
      "messages": .array(request.messages.map(message)),
      "stream": .bool(true),
    ]
    if sendsStreamOptions {
      var options: [String: JSONTree] = ["include_usage": .bool(true)]
      // Padding against eavesdroppers who measure packets; costs more bytes than the text.
      if isOfficial { options["include_obfuscation"] = .bool(false) }
      members["stream_options"] = .object(options)
    }
    // Kept nowhere but in the answer.
    if isOfficial { members["store"] = .bool(false) }
    if let limit = request.maxOutputTokens {
      members[usesMaxCompletionTokens ? "max_completion_tokens" : "max_tokens"] = .integer(limit)
    }
    if let temperature = request.temperature, sendsTemperature, temperature.isFinite {
      members["temperature"] = .number(temperature)
    }
    if !request.stop.isEmpty { members["stop"] = .array(request.stop.prefix(4).map { .string($0) }) }
    return JSONTree.object(members).bytes
  }

  private func message(_ message: ChatMessage) -> JSONTree {
    let role = message.role == .system && usesDeveloperRole ? "developer" : message.role.rawValue
    return .object(["role": .string(role), "content": .string(message.text)])
  }
}
