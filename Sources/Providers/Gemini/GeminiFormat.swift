import HTTPTransport

/// Google's Gemini API, and servers that offer the same.
public struct GeminiFormat: ChatFormat {
  /// Makes the format.
  public init() {}

  /// See ``ChatFormat``.
  public func exchange(_ request: ChatRequest, at endpoint: Endpoint) -> any ChatExchange {
    GeminiExchange(request: request, endpoint: endpoint)
  }
}

/// One `streamGenerateContent`.
struct GeminiExchange: ChatExchange {
  private let request: ChatRequest
  private let endpoint: Endpoint
  private var sendsThinking: Bool
  private var sendsSystemInstruction: Bool
  private var sendsSeed = true
  private var adapted: Set<String> = []

  init(request: ChatRequest, endpoint: Endpoint) {
    self.request = request
    self.endpoint = endpoint
    sendsThinking = request.traits.has("think") || !request.traits.isKnown
    sendsSystemInstruction = !request.traits.has("noSys")
  }

  func httpRequest() throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .post, try endpoint.url(path, query: "alt=sse"),
      headers: endpoint.geminiHeaders + [
        HTTPRequestHeader("Content-Type", "application/json"),
        HTTPRequestHeader("Accept", "text/event-stream, application/json"),
      ], body: body, timeouts: endpoint.timeouts)
  }

  private var path: String {
    let name = request.model.split(separator: "/").map { String($0).percentEncoded }.joined(separator: "/")
    // Models of one's own are no models to the path.
    let isWhole = name.hasPrefix("models/") || name.hasPrefix("tunedModels/")
    return (isWhole ? name : "models/" + name) + ":streamGenerateContent"
  }

  mutating func adapt(to error: ProviderError) -> Bool {
    guard error.status == 400, let parameter = error.parameter?.lowercased().filter({ $0 != "_" }) else { return false }
    func change(_ name: String, _ flag: inout Bool) -> Bool {
      guard flag, parameter.contains(name), adapted.insert(name).inserted else { return false }
      flag = false
      return true
    }
    return change("thinking", &sendsThinking) || change("systeminstruction", &sendsSystemInstruction)
      || change("seed", &sendsSeed)
  }

  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    GeminiErrorClassifier(endpoint).error(status: status, headers: headers, body: body, now: now)
  }

  func decoder(_ headers: HTTPHeaders) -> any ChatDecoder {
    GeminiDecoder(request, classifier: GeminiErrorClassifier(endpoint))
  }

  // MARK: Body

  private var body: [UInt8] {
    var members: [String: JSONTree] = ["contents": .array(contents)]
    let rules = request.messages.filter { $0.role == .system }
    if sendsSystemInstruction, !rules.isEmpty {
      members["systemInstruction"] = .object(["parts": .array(rules.map { Self.part($0.text) })])
    }
    let settings = generationConfig
    if !settings.isEmpty { members["generationConfig"] = .object(settings) }
    members["safetySettings"] = endpoint.parameter("safety_settings")
    members["cachedContent"] = endpoint.parameter("cachedContent")
    for (name, value) in request.extraBody {
      switch (name, members[name], value) {
      case ("generationConfig", .object(let known)?, .object(let more)):
        members[name] = .object(known.merging(more) { $1 })
      case ("safety_settings", _, _): members["safetySettings"] = value
      default: members[name] = value
      }
    }
    return JSONTree.object(members).bytes
  }

  /// Turns, which have to alternate: what one speaker says in several messages becomes parts of one turn.
  private var contents: [JSONTree] {
    var turns: [(role: String, parts: [JSONTree])] = []
    for message in request.messages where message.role != .system || !sendsSystemInstruction {
      let role = message.role == .assistant ? "model" : "user"
      if turns.last?.role == role {
        turns[turns.count - 1].parts.append(Self.part(message.text))
      } else {
        turns.append((role, [Self.part(message.text)]))
      }
    }
    return turns.map { .object(["role": .string($0.role), "parts": .array($0.parts)]) }
  }

  private static func part(_ text: String) -> JSONTree { .object(["text": .string(text)]) }

  private var generationConfig: [String: JSONTree] {
    var settings: [String: JSONTree] = [:]
    if let limit = request.maxOutputTokens { settings["maxOutputTokens"] = .integer(limit) }
    if !request.traits.has("noSampling") {
      if let temperature = request.temperature, temperature.isFinite { settings["temperature"] = .number(temperature) }
      if let topP = request.topP, topP.isFinite { settings["topP"] = .number(topP) }
      settings["topK"] = endpoint.parameter("top_k")
    }
    if let seed = request.seed, sendsSeed { settings["seed"] = .integer(seed) }
    if !request.stop.isEmpty { settings["stopSequences"] = .array(request.stop.prefix(5).map { .string($0) }) }
    settings["thinkingConfig"] = endpoint.parameter("thinkingConfig")
    if sendsThinking, let reasoning = request.reasoning {
      settings["thinkingConfig"] = GeminiThinking(model: request.model).settings(for: reasoning).map(JSONTree.object)
    }
    return settings
  }
}

/// How a model of Google's is told how much to think: the second generation by a number of tokens, later ones by a word.
struct GeminiThinking {
  /// Whether it knows words.
  let usesLevels: Bool
  private let isPro: Bool
  private let isLite: Bool

  init(model: String) {
    let name = model.split(separator: "/").last.map(String.init) ?? model
    isPro = name.contains("-pro")
    isLite = name.contains("-lite")
    usesLevels = !["gemini-1", "gemini-2", "gemini-exp", "gemini-robotics", "learnlm"].contains { name.hasPrefix($0) }
  }

  /// `thinkingConfig`; `nil` when the model's own habit is meant.
  func settings(for reasoning: ChatRequest.Reasoning) -> [String: JSONTree]? {
    var settings: [String: JSONTree]
    if usesLevels {
      guard let effort = reasoning.effort else { return nil }
      let word =
        switch effort {
        // What thinks in depth always thinks a little.
        case .none, .minimal: isPro ? "LOW" : "MINIMAL"
        case .low: "LOW"
        case .medium: "MEDIUM"
        case .high, .xhigh, .max: "HIGH"
        }
      settings = ["thinkingLevel": .string(word)]
    } else {
      settings = ["thinkingBudget": .integer(budget(reasoning))]
    }
    settings["includeThoughts"] = .bool(reasoning.effort != ChatRequest.Effort.none)
    return settings
  }

  /// Within the model's bounds; −1 leaves it to the model.
  private func budget(_ reasoning: ChatRequest.Reasoning) -> Int {
    let most = isPro ? 32_768 : 24_576
    let wanted: Int
    switch reasoning {
    case .adaptive: return -1
    case .budget(let tokens): wanted = tokens
    case .effort(.none): wanted = 0
    case .effort(.minimal): wanted = 512
    case .effort(.low): wanted = 1024
    case .effort(.medium): wanted = 8192
    case .effort(.high): wanted = 24_576
    case .effort(.xhigh), .effort(.max): wanted = most
    }
    if wanted <= 0 { return isPro ? 128 : 0 }
    return min(most, max(isLite ? 512 : isPro ? 128 : 1, wanted))
  }
}

/// `GET /models`.
struct GeminiModelListing: ModelListing {
  func request(at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .get, try endpoint.url("models", query: "pageSize=1000"), headers: endpoint.geminiHeaders,
      timeouts: endpoint.timeouts, limits: HTTPLimits(bodyBytes: 8 << 20))
  }

  func models(_ answer: JSONTree) -> [ListedModel]? {
    guard let entries = answer["models"]?.array else { return nil }
    var models: [ListedModel] = []
    for entry in entries {
      guard let name = entry["name"]?.string else { return nil }
      let methods = entry["supportedGenerationMethods"]?.array?.compactMap(\.string)
      guard methods.map({ $0.contains("generateContent") || $0.contains("embedContent") }) ?? true else { continue }
      let id = name.hasPrefix("models/") ? String(name.dropFirst("models/".count)) : name
      models.append(ListedModel(id: id, contextTokens: entry["inputTokenLimit"]?.int.flatMap { $0 > 0 ? $0 : nil }))
    }
    return models
  }
}

extension Endpoint {
  /// The headers of every request to Gemini. The key never stands in a URL.
  var geminiHeaders: [HTTPRequestHeader] {
    switch credential {
    case .key(let key): [HTTPRequestHeader("x-goog-api-key", key)] + headers
    case .bearer(let token): [HTTPRequestHeader("Authorization", prefix: "Bearer ", token)] + headers
    case .none, .aws: headers
    }
  }
}
