public import HTTPTransport

/// OpenAI's embeddings, and those of everyone who took the format over and changed a name or two.
public struct OpenAIEmbeddingFormat: EmbeddingFormat {
  /// How vectors are asked for; both are read, whatever was asked.
  enum Encoding: Sendable {
    /// Packed floats: a third of the bytes, and read ten times as fast.
    case base64
    /// Decimal numbers, which is what servers give that are not asked.
    case unsaid
  }

  /// Of a request.
  var limits: EmbeddingRequestLimits
  /// What the number of dimensions is called; `nil` where it cannot be asked for.
  var dimensionsKey: String?
  var encoding: Encoding
  /// Whether the server runs models that want something before a text.
  var addsPrompts = false
  /// What is said besides, such as what the texts are.
  var members: @Sendable (EmbeddingRequest) -> [String: JSONTree] = { _ in [:] }
  /// Names what `members` says in stored indexes.
  var membersVersion = ""
  /// Where the server is, and how it names models.
  var quirks = OpenAIQuirks()

  /// See ``EmbeddingFormat``.
  public func limits(_ model: String) -> EmbeddingRequestLimits { limits }

  /// See ``EmbeddingFormat``.
  public func dialect(_ model: String) -> String {
    membersVersion + (addsPrompts ? EmbeddingPrompt(model: model).version : "")
  }

  /// See ``EmbeddingFormat``.
  public func httpRequest(_ request: EmbeddingRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    let texts = addsPrompts ? EmbeddingPrompt(model: request.model).applied(to: request) : request.texts
    var body = members(request)
    body["model"] = .string(quirks.modelName(request.model))
    body["input"] = .array(texts.map(JSONTree.string))
    if encoding == .base64 { body["encoding_format"] = .string("base64") }
    if let dimensionsKey, let dimensions = request.dimensions { body[dimensionsKey] = .integer(dimensions) }
    return HTTPRequest(
      .post, try endpoint.url("embeddings", model: request.model, quirks.address),
      headers: endpoint.openAIHeaders(quirks.address) + [HTTPRequestHeader("Content-Type", "application/json")],
      body: JSONTree.object(body).bytes, timeouts: endpoint.timeouts)
  }

  /// By the general rules, but that llama.cpp calls a text that is longer than a batch a fault of its own. The words stand
  /// where nothing of the text can.
  public func error(
    status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double
  ) -> ProviderError {
    var error = ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
      .error(status: status, headers: headers, body: body, now: now)
    if error.kind == .server, error.message.hasPrefix("input ("),
      error.message.contains(" tokens) is too large to process. ")
    {
      error.kind = .context
    }
    return error
  }

  /// See ``EmbeddingFormat``.
  public func response(
    _ answer: JSONTree, headers: HTTPHeaders, to request: EmbeddingRequest, provider: String
  ) throws(ProviderError) -> EmbeddingResponse {
    // llama.cpp without /v1 gives the list alone.
    guard let elements = answer["data"]?.array ?? answer.array else {
      throw .invalidAnswer(provider, "there are no vectors")
    }
    return EmbeddingResponse(
      vectors: try EmbeddingVectors.ordered(elements, count: request.texts.count, provider: provider),
      usage: answer["usage"].flatMap { EmbeddingUsage.read($0, provider: provider) })
  }
}

extension EmbeddingFormat where Self == OpenAIEmbeddingFormat {
  /// OpenAI's own.
  public static var openAI: Self {
    Self(limits: EmbeddingRequestLimits(texts: 2048, tokens: 300_000), dimensionsKey: "dimensions", encoding: .base64)
  }

  /// Any server with this format, of which nothing else is known.
  public static var openAICompatible: Self {
    Self(
      limits: EmbeddingRequestLimits(texts: 128), dimensionsKey: "dimensions", encoding: .unsaid, addsPrompts: true)
  }

  /// Mistral's.
  public static var mistral: Self {
    Self(
      limits: EmbeddingRequestLimits(texts: 128, tokens: 16_000), dimensionsKey: "output_dimension", encoding: .unsaid)
  }

  /// OpenAI's models at Azure's addresses.
  static func azure(_ address: OpenAIQuirks.Address) -> Self {
    var format = openAI
    format.quirks.address = address
    return format
  }

  /// Fireworks'.
  static func fireworks(_ quirks: OpenAIQuirks) -> Self {
    Self(
      limits: EmbeddingRequestLimits(texts: 128), dimensionsKey: "dimensions", encoding: .unsaid, addsPrompts: true,
      quirks: quirks)
  }

  /// Together's and DeepInfra's: models give the one length that they have.
  public static var fixedLength: Self {
    Self(limits: EmbeddingRequestLimits(texts: 128), dimensionsKey: nil, encoding: .unsaid, addsPrompts: true)
  }

  /// Voyage's.
  public static var voyage: Self {
    Self(
      limits: EmbeddingRequestLimits(texts: 1000, tokens: 120_000, cutsTexts: true), dimensionsKey: "output_dimension",
      encoding: .base64,
      members: {
        ["input_type": .string($0.purpose == .query ? "query" : "document"), "truncation": .bool(true)]
      }, membersVersion: "v1")
  }

  /// Jina's.
  public static var jina: Self {
    Self(
      limits: EmbeddingRequestLimits(texts: 512, tokens: 100_000, cutsTexts: true), dimensionsKey: "dimensions",
      encoding: .unsaid,
      members: { request in
        var members: [String: JSONTree] = ["embedding_type": .string("float"), "truncate": .bool(true)]
        if let task = JinaTask.name(request.model, request.purpose) { members["task"] = .string(task) }
        return members
      }, membersVersion: "j1")
  }
}

/// What Jina's models are told of a text; each generation has names of its own, and the oldest none.
enum JinaTask {
  static func name(_ model: String, _ purpose: EmbeddingRequest.Purpose) -> String? {
    let kind = purpose == .query ? "query" : "passage"
    if model.contains("code-embeddings") { return "nl2code." + kind }
    if model.contains("embeddings-v4") { return "code." + kind }
    if model.contains("embeddings-v2") || model.contains("clip") { return nil }
    return "retrieval." + kind
  }
}
