import HTTPTransport
import Ledger

/// OpenAI's newer interface, `POST /responses`, which some models answer at alone. Nothing is stored there.
public struct OpenAIResponsesFormat: ChatFormat {
  /// In what the server differs.
  public let quirks: OpenAIQuirks

  /// Makes the format.
  public init(_ quirks: OpenAIQuirks = OpenAIQuirks()) { self.quirks = quirks }

  /// The word that chooses this interface in a model's name, as LiteLLM writes it: `openai/responses/MODEL`.
  public static let prefix = "responses/"

  /// Whether it is the interface for a model: the name says so, or the model answers at no other.
  public static func isMeant(by model: String, _ traits: ModelTraits) -> Bool {
    model.hasPrefix(prefix) || traits.mode == .responses
  }

  /// A model's name without the word.
  @Sendable public static func bareName(_ model: String) -> String {
    model.hasPrefix(prefix) ? String(model.dropFirst(prefix.count)) : model
  }

  /// This format or chat completions, whichever is meant by a model.
  static func choose(_ model: String, _ traits: ModelTraits, _ quirks: OpenAIQuirks = OpenAIQuirks()) -> any ChatFormat
  {
    if isMeant(by: model, traits) { return OpenAIResponsesFormat(quirks) }
    return OpenAIChatFormat(quirks)
  }

  /// See ``ChatFormat``.
  public func exchange(_ request: ChatRequest, at endpoint: Endpoint) -> any ChatExchange {
    OpenAIResponsesExchange(request: request, endpoint: endpoint, quirks: quirks)
  }
}

/// One response.
struct OpenAIResponsesExchange: ChatExchange {
  private let request: ChatRequest
  private let endpoint: Endpoint
  private let address: OpenAIQuirks.Address
  private var streams: Bool
  private var sendsSampling: Bool
  private var sendsReasoning: Bool
  private var sendsCacheKey = true
  private var adapted: Set<String> = []

  init(request: ChatRequest, endpoint: Endpoint, quirks: OpenAIQuirks) {
    var request = request
    request.model = OpenAIResponsesFormat.bareName(request.model)
    self.request = request
    self.endpoint = endpoint
    address = quirks.address
    streams = !request.traits.has("noStream")
    let thinks = request.traits.has("think") || request.traits.has("noSampling")
    sendsSampling = !thinks
    sendsReasoning = thinks || !request.traits.isKnown
  }

  private var classifier: ErrorClassifier {
    ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
  }

  func httpRequest() throws(ProviderError) -> HTTPRequest {
    var timeouts = endpoint.timeouts
    // An answer that comes whole comes late: the usual wait for a first token would cut it.
    if !streams, timeouts.firstByte == HTTPTimeouts().firstByte { timeouts.firstByte = .seconds(600) }
    return HTTPRequest(
      .post, try endpoint.url("responses", model: request.model, address),
      headers: endpoint.openAIHeaders(address) + [
        HTTPRequestHeader("Content-Type", "application/json"),
        HTTPRequestHeader("Accept", "text/event-stream, application/json"),
      ], body: body, timeouts: timeouts)
  }

  mutating func adapt(to error: ProviderError) -> Bool {
    guard error.status == 400 || error.status == 422, let parameter = error.parameter else { return false }
    let name = parameter.split(separator: ".").first.map(String.init) ?? parameter
    guard adapted.insert(name).inserted else { return false }
    switch name {
    case "stream" where streams: streams = false
    case "temperature" where sendsSampling, "top_p" where sendsSampling: sendsSampling = false
    case "reasoning" where sendsReasoning: sendsReasoning = false
    case "prompt_cache_key" where sendsCacheKey: sendsCacheKey = false
    default: return false
    }
    return true
  }

  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    classifier.error(status: status, headers: headers, body: body, now: now)
  }

  func decoder(_ headers: HTTPHeaders) -> any ChatDecoder { OpenAIResponsesDecoder(request, classifier: classifier) }

  private var body: [UInt8] {
    // Rules that stand at the beginning are instructions; what comes later stays where it is.
    let rules = request.messages.prefix { $0.role == .system }
    var members: [String: JSONTree] = [
      "model": .string(request.model),
      "input": .array(request.messages.dropFirst(rules.count).map(Self.item)),
      "store": .bool(false),
    ]
    if !rules.isEmpty { members["instructions"] = .string(rules.map(\.text).joined(separator: "\n\n")) }
    if let limit = request.maxOutputTokens { members["max_output_tokens"] = .integer(limit) }
    if sendsSampling {
      if let temperature = request.temperature, temperature.isFinite { members["temperature"] = .number(temperature) }
      if let topP = request.topP, topP.isFinite { members["top_p"] = .number(topP) }
    }
    if sendsReasoning, let effort = request.reasoning?.effort,
      let word = effort.nearest(of: ChatRequest.Effort.known(to: request.traits))
    {
      members["reasoning"] = .object(["effort": .string(word.rawValue)])
    }
    if sendsCacheKey, let key = request.promptCacheKey { members["prompt_cache_key"] = .string(key) }
    members.merge(
      endpoint.parameters([
        "user", "service_tier", "metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "store",
        "reasoning",
      ])
    ) { $1 }
    if let verbosity = endpoint.parameter("verbosity") { members["text"] = .object(["verbosity": verbosity]) }
    members.merge(request.extraBody) { $1 }
    members["stream"] = .bool(streams)
    return JSONTree.object(members).bytes
  }

  private static func item(_ message: ChatMessage) -> JSONTree {
    let role = message.role == .system ? "developer" : message.role.rawValue
    return .object(["role": .string(role), "content": .string(message.text)])
  }
}
