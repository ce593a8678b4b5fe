/// The body of a Converse request.
struct BedrockRequestBody {
  private let request: ChatRequest
  private let name: BedrockModelName

  init(_ request: ChatRequest) {
    self.request = request
    name = BedrockModelName(request.model)
  }

  /// A profile of one's own hides the name, but not what the catalogue says of the model behind it.
  private var isClaude: Bool { name.isClaude || request.traits.has("adaptive") }

  /// The whole.
  var members: [String: JSONTree] {
    var members = prompt
    var settings: [String: JSONTree] = [:]
    var additional: [String: JSONTree] = [:]
    let maxTokens = request.maxOutputTokens.map { max(1, min($0, request.traits.maxOutputTokens ?? $0)) }
    settings["maxTokens"] = maxTokens.map(JSONTree.integer)
    let limit = maxTokens ?? request.traits.maxOutputTokens ?? AnthropicRequestBody.defaultMaxTokens
    var isThinking = false
    if isClaude {
      let thinking = ClaudeThinking(request, maxTokens: limit, assumesNewest: false)
      additional = thinking.members
      isThinking = thinking.isThinking
    } else if let effort = effort {
      additional = effort
    }
    if !isThinking { settings.merge(sampling) { $1 } }
    let stop = request.stop.filter { $0.utf8.contains { $0 > 0x20 } }
    if !stop.isEmpty { settings["stopSequences"] = .array(stop.prefix(4).map { .string($0) }) }
    if !settings.isEmpty { members["inferenceConfig"] = .object(settings) }
    if !additional.isEmpty { members["additionalModelRequestFields"] = .object(additional) }
    return members.merging(request.extraBodyWithoutPenalties) { $1 }
  }

  /// The prompt alone, for counting.
  var prompt: [String: JSONTree] {
    var turns = ConversationTurns(request.messages)
    if request.traits.has("noSys") { turns.moveSystemIntoFirstTurn() }
    if request.cachesPrompt, takesCachePoints {
      turns.limitCachedPrefixes(minimumTokens: request.traits.minimumCachedTokens ?? 1024)
    } else {
      turns.dropCachedPrefixes()
    }
    var members: [String: JSONTree] = [
      "messages": .array(
        turns.turns.map { turn in
          .object(["role": .string(turn.role.rawValue), "content": .array(turn.parts.flatMap(blocks))])
        })
    ]
    if !turns.system.isEmpty { members["system"] = .array(turns.system.flatMap(blocks)) }
    return members
  }

  /// Other makers' models cache by themselves, and refuse to be told where.
  private var takesCachePoints: Bool {
    request.traits.has("cache") && (isClaude || name.base.hasPrefix("amazon.nova"))
  }

  private func blocks(_ part: ConversationTurns.Part) -> [JSONTree] {
    let text = JSONTree.object(["text": .string(part.text)])
    return part.endsCachedPrefix ? [text, .object(["cachePoint": .object(["type": .string("default")])])] : [text]
  }

  private var sampling: [String: JSONTree] {
    guard !request.traits.has("noSampling") else { return [:] }
    var members: [String: JSONTree] = [:]
    if let temperature = request.temperature, temperature.isFinite {
      members["temperature"] = .number(min(max(temperature, 0), 1))
    }
    // Claude takes one of them.
    if let topP = request.topP, topP.isFinite, members.isEmpty || !isClaude { members["topP"] = .number(topP) }
    return members
  }

  /// How much other makers' models are told to think.
  private var effort: [String: JSONTree]? {
    guard case .effort(let effort)? = request.reasoning, !request.traits.isKnown || request.traits.has("think") else {
      return nil
    }
    if name.base.hasPrefix("openai.") {
      return ["reasoning_effort": .string(effort == .none || effort == .minimal ? "low" : effort.rawValue)]
    }
    guard name.base.hasPrefix("amazon.nova-2") else { return nil }
    if effort == .none { return ["reasoningConfig": .object(["type": .string("disabled")])] }
    // More than medium would forbid a limit of the output, by which costs are bounded.
    let word = effort == .minimal || effort == .low ? "low" : "medium"
    return ["reasoningConfig": .object(["type": .string("enabled"), "maxReasoningEffort": .string(word)])]
  }
}
