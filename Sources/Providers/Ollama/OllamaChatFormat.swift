import HTTPTransport

/// Ollama's own interface, `POST /api/chat`. Its OpenAI-compatible one cannot say how long the context shall be, and
/// silently drops the beginning of prompts that are longer than its default.
public struct OllamaChatFormat: ChatFormat {
  /// Makes the format.
  public init() {}

  /// See ``ChatFormat``.
  public func exchange(_ request: ChatRequest, at endpoint: Endpoint) -> any ChatExchange {
    OllamaChatExchange(request: request, endpoint: endpoint)
  }
}

/// One chat.
struct OllamaChatExchange: ChatExchange {
  private let request: ChatRequest
  private let endpoint: Endpoint
  private var sendsThinking = true

  init(request: ChatRequest, endpoint: Endpoint) {
    self.request = request
    self.endpoint = endpoint
  }

  private var classifier: ErrorClassifier {
    ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
  }

  func httpRequest() throws(ProviderError) -> HTTPRequest {
    HTTPRequest(
      .post, try endpoint.ollamaURL("api/chat"),
      headers: endpoint.openAIHeaders + [HTTPRequestHeader("Content-Type", "application/json")], body: body,
      timeouts: endpoint.timeouts)
  }

  mutating func adapt(to error: ProviderError) -> Bool {
    // After the model's name, in which there is no blank: a prompt cannot stand there.
    guard sendsThinking, error.status == 400,
      error.message.drop(while: { $0 != " " }).hasPrefix(" does not support thinking")
    else { return false }
    sendsThinking = false
    return true
  }

  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    classifier.error(status: status, headers: headers, body: body, now: now)
  }

  func decoder(_ headers: HTTPHeaders) -> any ChatDecoder { OllamaChatDecoder(request, classifier: classifier) }

  // MARK: Body

  /// What stands beside `options`; everything else that an entry adds is an option.
  private static let rootMembers: Set = [
    "model", "messages", "stream", "format", "keep_alive", "think", "tools", "truncate", "shift", "logprobs",
    "top_logprobs",
  ]
  /// Options that entries write among the parameters.
  private static let optionNames = [
    "top_k", "min_p", "mirostat", "mirostat_eta", "mirostat_tau", "num_gpu", "num_thread", "num_predict", "num_keep",
    "num_batch", "repeat_last_n", "repeat_penalty", "tfs_z", "typical_p", "penalize_newline",
  ]

  private var body: [UInt8] {
    var members: [String: JSONTree] = [
      "model": .string(request.model),
      "messages": .array(
        request.messages.map { .object(["role": .string($0.role.rawValue), "content": .string($0.text)]) }),
      // A prompt without its beginning is answered wrongly; an error is better. Older servers do not know the word.
      "truncate": .bool(false),
    ]
    members["keep_alive"] = endpoint.parameter("keep_alive")
    if sendsThinking, let think { members["think"] = think }
    var options = self.options
    for (name, value) in request.extraBody {
      if name == "options", case .object(let more) = value {
        options.merge(more) { $1 }
      } else if Self.rootMembers.contains(name) {
        members[name] = value
      } else {
        options[name] = value
      }
    }
    options["num_ctx"] = .integer(OllamaContext.size(request, configured: options["num_ctx"]?.int))
    members["options"] = .object(options)
    // How the answer is read depends on it.
    members["stream"] = .bool(true)
    return JSONTree.object(members).bytes
  }

  private var options: [String: JSONTree] {
    var options: [String: JSONTree] = [:]
    options.merge(endpoint.parameters(Self.optionNames)) { $1 }
    options["num_ctx"] = endpoint.parameter("num_ctx")
    if let limit = request.maxOutputTokens { options["num_predict"] = .integer(limit) }
    if let temperature = request.temperature, temperature.isFinite { options["temperature"] = .number(temperature) }
    if let topP = request.topP, topP.isFinite { options["top_p"] = .number(topP) }
    if let seed = request.seed { options["seed"] = .integer(seed) }
    if !request.stop.isEmpty { options["stop"] = .array(request.stop.map { .string($0) }) }
    return options
  }

  private var think: JSONTree? {
    guard let reasoning = request.reasoning else { return endpoint.parameter("think") }
    guard let effort = reasoning.effort else { return .bool(true) }
    // One family has words for it, and cannot stop.
    guard request.model.contains("gpt-oss") else { return .bool(effort != .none) }
    return .string((effort.nearest(of: [.low, .medium, .high]) ?? .high).rawValue)
  }
}

/// How long a context to ask for.
enum OllamaContext {
  /// The smallest, in tokens.
  static let smallest = 8192
  /// What the template adds around messages, in tokens.
  static let overhead = 128
  /// The output to leave room for when nobody limits it, in tokens.
  static let defaultOutput = 2048

  /// Room for the prompt and the answer, at most what the model can. Sizes are few (powers of two, above 32k multiples
  /// of 16k): another size makes the server load the model anew. A configured size is kept as long as it suffices.
  static func size(_ request: ChatRequest, configured: Int?) -> Int {
    let output = request.maxOutputTokens ?? min(defaultOutput, request.traits.maxOutputTokens ?? defaultOutput)
    let needed = OpenAIUsage.estimatedInput(request) + overhead + output
    if let configured, configured >= needed { return configured }
    var size = smallest
    while size < needed { size += size < 32_768 ? size : 16_384 }
    guard let most = request.traits.contextTokens else { return size }
    return min(size, max(most, 1))
  }
}

extension Endpoint {
  /// The URL of a method of Ollama's own interface; a base that was meant for its OpenAI-compatible one serves too.
  func ollamaURL(_ method: String) throws(ProviderError) -> HTTPURL {
    var root = self
    var text = base.description
    while text.hasSuffix("/") { text.removeLast() }
    if text.hasSuffix("/v1"), let stripped = try? HTTPURL(String(text.dropLast(3))) { root.base = stripped }
    return try root.url(method)
  }
}
