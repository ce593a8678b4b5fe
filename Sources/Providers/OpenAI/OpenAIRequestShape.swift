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
  /// Whether to send how much to think.
  var sendsReasoning = true
  /// Whether to send `top_p`.
  var sendsTopP = true
  /// Whether to send a seed.
  var sendsSeed = true
  /// Whether to send what only OpenAI knows.
  var isOfficial: Bool
  private var adapted: Set<String> = []

  init(_ request: ChatRequest, at endpoint: Endpoint) {
    isOfficial = endpoint.isOpenAI
    // Models of the first generations know the role `system` only and accept a temperature; all since reason.
    let base = request.model.hasPrefix("ft:") ? request.model.dropFirst(3) : request.model[...]
    let isEarly = ["gpt-3", "gpt-4", "chatgpt-4o"].contains { base.hasPrefix($0) }
    usesMaxCompletionTokens = isOfficial
    usesDeveloperRole = isOfficial && !isEarly
    sendsTemperature = !isOfficial || (isEarly && !request.traits.has("noSampling"))
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
    case "reasoning_effort" where sendsReasoning: sendsReasoning = false
    case "top_p" where sendsTopP: sendsTopP = false
    case "seed" where sendsSeed: sendsSeed = false
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
    if let topP = request.topP, sendsTemperature, sendsTopP, topP.isFinite { members["top_p"] = .number(topP) }
    if let seed = request.seed, sendsSeed { members["seed"] = .integer(seed) }
    if case .effort(let effort)? = request.reasoning, sendsReasoning {
      members["reasoning_effort"] = .string(effort.rawValue)
    }
    if !request.stop.isEmpty { members["stop"] = .array(request.stop.prefix(4).map { .string($0) }) }
    members.merge(request.extraBody) { $1 }
    // How the answer is read depends on it.
    members["stream"] = .bool(true)
    return JSONTree.object(members).bytes
  }

  private func message(_ message: ChatMessage) -> JSONTree {
    let role = message.role == .system && usesDeveloperRole ? "developer" : message.role.rawValue
    return .object(["role": .string(role), "content": .string(message.text)])
  }
}
