/// The body of a request to the Messages API.
struct AnthropicRequestBody {
  private let request: ChatRequest
  private let endpoint: Endpoint

  /// What a model may answer with when neither the request nor the catalogue says: every Claude model can.
  static let defaultMaxTokens = 4096

  init(_ request: ChatRequest, at endpoint: Endpoint) {
    self.request = request
    self.endpoint = endpoint
  }

  /// A request that streams its answer.
  var streaming: JSONTree {
    var members = prompt
    let maxTokens = self.maxTokens
    let thinking = ClaudeThinking(request, maxTokens: maxTokens, assumesNewest: endpoint.isAnthropic)
    members["max_tokens"] = .integer(maxTokens)
    members.merge(thinking.members) { $1 }
    if !thinking.isThinking { members.merge(sampling) { $1 } }
    let stop = request.stop.filter { $0.utf8.contains { $0 > 0x20 } }
    if !stop.isEmpty { members["stop_sequences"] = .array(stop.prefix(4).map { .string($0) }) }
    members["service_tier"] = endpoint.values["service_tier"].map(JSONTree.string)
    members.merge(request.extraBodyWithoutPenalties) { $1 }
    // How the answer is read depends on it.
    members["stream"] = .bool(true)
    return .object(members)
  }

  /// The prompt alone, for counting.
  var prompt: [String: JSONTree] {
    var turns = ConversationTurns(request.messages)
    if request.cachesPrompt, !request.traits.isKnown || request.traits.has("cache") {
      turns.limitCachedPrefixes(minimumTokens: request.traits.minimumCachedTokens ?? 1024)
    } else {
      turns.dropCachedPrefixes()
    }
    var members: [String: JSONTree] = [
      "model": .string(request.model),
      "messages": .array(
        turns.turns.map { turn in
          .object(["role": .string(turn.role.rawValue), "content": .array(turn.parts.map(block))])
        }),
    ]
    if !turns.system.isEmpty { members["system"] = .array(turns.system.map(block)) }
    return members
  }

  private func block(_ part: ConversationTurns.Part) -> JSONTree {
    var members: [String: JSONTree] = ["type": .string("text"), "text": .string(part.text)]
    if part.endsCachedPrefix { members["cache_control"] = .object(["type": .string("ephemeral")]) }
    return .object(members)
  }

  private var maxTokens: Int {
    guard let asked = request.maxOutputTokens else { return request.traits.maxOutputTokens ?? Self.defaultMaxTokens }
    return max(1, min(asked, request.traits.maxOutputTokens ?? asked))
  }

  /// Of temperature and `top_p` one at most: newer models refuse both, or either.
  private var sampling: [String: JSONTree] {
    guard !request.traits.has("noSampling"), endpoint.anthropicVersion <= Endpoint.defaultAnthropicVersion else {
      return [:]
    }
    var members: [String: JSONTree] = [:]
    members["top_k"] = endpoint.values["top_k"].flatMap { Int($0) }.map(JSONTree.integer)
    if let temperature = request.temperature, temperature.isFinite {
      members["temperature"] = .number(min(max(temperature, 0), 1))
    } else if let topP = request.topP, topP.isFinite {
      members["top_p"] = .number(topP)
    }
    return members
  }
}

extension ChatRequest {
  /// What is added to the body as it is, but for the penalties of OpenAI's format: others refuse the whole request.
  var extraBodyWithoutPenalties: [String: JSONTree] {
    extraBody.filter { $0.key != "presence_penalty" && $0.key != "frequency_penalty" }
  }
}
