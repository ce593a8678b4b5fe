import HTTPTransport

/// Which of the format's variants a request is written in. Servers disagree about a few parameters: a refusal that
/// names one of them changes the shape, once for each.
struct OpenAIRequestShape: Equatable {
  /// What is known of the server's dialect beforehand.
  let quirks: OpenAIQuirks
  /// What the entry says that only some servers know.
  private let parameters: [String: JSONTree]
  /// `max_completion_tokens` instead of `max_tokens`.
  var usesMaxCompletionTokens: Bool
  /// The role `developer` instead of `system`.
  var usesDeveloperRole: Bool
  /// Whether to send a temperature.
  var sendsTemperature: Bool
  /// Whether to ask for usage in the stream.
  var sendsStreamOptions: Bool
  /// Whether to send how much to think.
  var sendsReasoning = true
  /// Whether to send `top_p`.
  var sendsTopP = true
  /// Whether to send a seed.
  var sendsSeed = true
  /// Whether to name the prompt's beginning, so that requests that share it meet the same cache.
  var sendsCacheKey: Bool
  /// Whether to send what only OpenAI knows.
  var isOfficial: Bool
  private var adapted: Set<String> = []

  init(_ request: ChatRequest, at endpoint: Endpoint, quirks: OpenAIQuirks = OpenAIQuirks()) {
    self.quirks = quirks
    parameters = endpoint.parameters(Self.passedOn)
    isOfficial = endpoint.isOpenAI && quirks.address == .plain
    // Models of the first generations know the role `system` only and accept a temperature; all since reason.
    let base = request.model.hasPrefix("ft:") ? request.model.dropFirst(3) : request.model[...]
    let isEarly = ["gpt-3", "gpt-4", "chatgpt-4o"].contains { base.hasPrefix($0) }
    // The names of Azure's deployments say nothing of the model; what is known of it does.
    let reasons = quirks.address == .azure && request.traits.has("think")
    usesMaxCompletionTokens = isOfficial || reasons
    usesDeveloperRole = isOfficial && !isEarly
    sendsTemperature = (!isOfficial || isEarly) && !reasons && !request.traits.has("noSampling")
    sendsStreamOptions =
      quirks.asksForUsage && (quirks.address != .azure || AzureSurface(endpoint).offersStreamOptions)
    sendsCacheKey = isOfficial
  }

  /// Changes what a refusal complains of; false when there is nothing to change, or it was changed before.
  mutating func adapt(to error: ProviderError) -> Bool {
    guard error.status == 400 || error.status == 422 else { return false }
    if let parameter = error.parameter {
      return change(parameter.split(separator: ".").first.map(String.init) ?? parameter)
    }
    // Some name it in the sentence alone.
    guard error.kind == .badRequest, let name = RefusedParameter.name(in: error.message) else { return false }
    return change(name)
  }

  /// Parameters of single servers: whoever writes them in an entry knows that its server takes them.
  static let passedOn = [
    "top_k", "min_p", "repetition_penalty", "typical_p", "logit_bias", "user", "service_tier", "verbosity", "store",
    "metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "provider", "models", "route",
    "transforms", "plugins", "include_reasoning", "reasoning", "reasoning_format", "chat_template_kwargs",
    "prompt_mode", "safe_prompt", "random_seed",
  ]

  private mutating func change(_ name: String) -> Bool {
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
    case "reasoning_effort" where sendsReasoning, "reasoning" where sendsReasoning,
      "thinking" where sendsReasoning, "chat_template_kwargs" where sendsReasoning:
      sendsReasoning = false
    case "top_p" where sendsTopP: sendsTopP = false
    case "seed" where sendsSeed, "random_seed" where sendsSeed: sendsSeed = false
    case "prompt_cache_key" where sendsCacheKey: sendsCacheKey = false
    case "store" where isOfficial: isOfficial = false
    default: return false
    }
    return true
  }

  /// The body of `request` in this shape.
  func body(_ request: ChatRequest) -> [UInt8] {
    var members: [String: JSONTree] = [
      "model": .string(quirks.modelName(request.model)),
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
    if sendsCacheKey, let key = request.promptCacheKey { members["prompt_cache_key"] = .string(key) }
    if let limit = request.maxOutputTokens {
      members[usesMaxCompletionTokens ? "max_completion_tokens" : "max_tokens"] = .integer(limit)
    }
    if let temperature = request.temperature, sendsTemperature, temperature.isFinite {
      members["temperature"] = .number(temperature)
    }
    if let topP = request.topP, sendsTemperature, sendsTopP, topP.isFinite { members["top_p"] = .number(topP) }
    if let seed = request.seed, sendsSeed, let name = quirks.seedName { members[name] = .integer(seed) }
    if let reasoning = request.reasoning, sendsReasoning {
      members.merge(quirks.members(for: reasoning, request.traits, isOfficial: isOfficial)) { $1 }
    }
    if !request.stop.isEmpty { members["stop"] = .array(request.stop.prefix(quirks.maxStopTexts).map { .string($0) }) }
    members.merge(parameters) { $1 }
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

extension ChatRequest {
  /// Names the beginning that this request shares with others: requests of one name are sent to the machine that has
  /// it in its cache. The first such beginning counts, which stays the same while a conversation grows.
  var promptCacheKey: String? {
    guard cachesPrompt, let end = messages.firstIndex(where: \.endsCachedPrefix) else { return nil }
    // FNV-1a: the name is no secret, it only has to differ.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for message in messages[...end] {
      for byte in message.role.rawValue.utf8 + [0] + Array(message.text.utf8) + [0] {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    return "cicerone-" + String(hash, radix: 16)
  }
}
