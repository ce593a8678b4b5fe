public import HTTPTransport
public import Ledger

/// What there is to know of a provider: its names, where it is reached, what it shows and how it is spoken to. One value
/// in one file for each, listed in ``ProviderRegistry``.
public struct ProviderDefinition: Sendable {
  /// Its name in errors, results and the catalogue: `anthropic`.
  public var id: String
  /// Its name for people: `Anthropic`.
  public var title: String
  /// The names before the slash (or the dot) of a model, as LiteLLM writes them: `anthropic`.
  public var prefixes: [String]
  /// The sections of the price catalogue that hold its models, best first.
  public var catalogues: [String]
  /// Where it is reached when nothing else is said.
  public var defaultBase: String?
  /// Environment variables that say where else; the first that is set counts.
  public var baseVariables: [String]
  /// Environment variables that hold its key; the first that is set counts.
  public var keyVariables: [String]
  /// Environment variables that name the model to ask when there is no configuration: `OPENAI_MODEL`.
  public var modelVariables: [String]
  /// Inexpensive models that chat well, best first: the first that the catalogue knows is asked when neither a
  /// configuration nor a variable names one.
  public var preferredModels: [String]
  /// Whether it answers nobody without a credential.
  public var needsCredential: Bool
  /// Appended to a base that has no path: `/v1`.
  public var barePath: String?
  /// Whether users name their deployments there as they like, so that a name does not say which model it is.
  public var namesItsDeploymentsFreely = false
  /// Ends of host names that are the provider's own: where a key of the environment may go, and where the catalogue's
  /// prices hold. The host of ``defaultBase`` is always one of them, unless it is this machine.
  public var ownHosts: [String]
  /// Whether it sets its own prices, which the catalogue does not know: proxies and servers of one's own.
  public var setsOwnPrices: Bool
  /// Whether it answers inside this process, so that nothing leaves and nothing is paid.
  public var isInProcess: Bool
  /// Makes the endpoint of an entry; `nil` for the general rule, ``ProviderSettings/endpoint(of:)``.
  public var makeEndpoint: (@Sendable (ProviderSettings, ProviderDefinition) throws(ProviderSetupError) -> Endpoint)?
  /// Who answers chats, for providers that are no HTTP servers; the format does not count then.
  public var makeChat: (@Sendable (_ model: String, _ endpoint: Endpoint) -> any ChatProvider)?
  /// The format of its chats; `nil` when it does not chat, or not with this model.
  public var chat: @Sendable (_ model: String, _ traits: ModelTraits) -> (any ChatFormat)?
  /// How its models are listed; `nil` when they are not.
  public var listing: (any ModelListing)?
  /// The format of its embeddings.
  public var embeddings: (any EmbeddingFormat)?
  /// The format of its reranking.
  public var reranking: (any RerankFormat)?
  /// How it is asked what a prompt counts.
  public var tokenCounting: (any TokenCountFormat)?
  /// The names under which the catalogue may have a model, best first, given the endpoint's values; the model's own
  /// when `nil`.
  public var catalogueNames: (@Sendable (_ model: String, _ values: [String: String]) -> [String])?
  /// Whether a name without a prefix can only be one of its models, whatever stands before its first dot.
  public var claims: (@Sendable (_ name: String) -> Bool)?

  /// Makes a definition; what is left out is not offered.
  public init(
    id: String, title: String, prefixes: [String]? = nil, catalogues: [String]? = nil, defaultBase: String? = nil,
    baseVariables: [String] = [], keyVariables: [String] = [], modelVariables: [String] = [],
    preferredModels: [String] = [], needsCredential: Bool = false, barePath: String? = nil,
    ownHosts: [String] = [], setsOwnPrices: Bool = false, isInProcess: Bool = false,
    endpoint: (@Sendable (ProviderSettings, ProviderDefinition) throws(ProviderSetupError) -> Endpoint)? = nil,
    makeChat: (@Sendable (_ model: String, _ endpoint: Endpoint) -> any ChatProvider)? = nil,
    chat: @escaping @Sendable (_ model: String, _ traits: ModelTraits) -> (any ChatFormat)? = { _, _ in nil },
    listing: (any ModelListing)? = nil, embeddings: (any EmbeddingFormat)? = nil,
    reranking: (any RerankFormat)? = nil, tokenCounting: (any TokenCountFormat)? = nil,
    catalogueNames: (@Sendable (_ model: String, _ values: [String: String]) -> [String])? = nil,
    claims: (@Sendable (_ name: String) -> Bool)? = nil
  ) {
    self.id = id
    self.title = title
    self.prefixes = prefixes ?? [id]
    self.catalogues = catalogues ?? [id]
    self.defaultBase = defaultBase
    self.baseVariables = baseVariables
    self.keyVariables = keyVariables
    self.modelVariables = modelVariables
    self.preferredModels = preferredModels
    self.needsCredential = needsCredential
    self.barePath = barePath
    self.ownHosts = ownHosts
    self.setsOwnPrices = setsOwnPrices
    self.isInProcess = isInProcess
    makeEndpoint = endpoint
    self.makeChat = makeChat
    self.chat = chat
    self.listing = listing
    self.embeddings = embeddings
    self.reranking = reranking
    self.tokenCounting = tokenCounting
    self.catalogueNames = catalogueNames
    self.claims = claims
  }

  /// The endpoint of an entry. One with a scripted answer needs neither server nor key.
  public func endpoint(_ settings: ProviderSettings) throws(ProviderSetupError) -> Endpoint {
    if MockChatProvider.isScripted(settings.values) { return try MockChatProvider.endpoint(settings) }
    guard let makeEndpoint else { return try settings.endpoint(of: self) }
    return try makeEndpoint(settings, self)
  }

  /// Whether `url` is the provider's own server: see ``ownHosts``.
  public func owns(_ url: HTTPURL) -> Bool {
    guard url.scheme == .https, !url.isLoopback else { return false }
    if let base = defaultBase.flatMap({ try? HTTPURL($0) }), !base.isLoopback, base.host == url.host { return true }
    return ownHosts.contains { url.host == $0 || ($0.hasPrefix(".") && url.host.hasSuffix($0)) }
  }

  /// What the catalogue says of a model of this provider; `values` are those of the endpoint, where prices may depend
  /// on them (a region).
  public func entry(
    _ model: String, values: [String: String] = [:], in catalogue: PriceCatalogue
  ) -> CatalogueModel? {
    for name in catalogueNames?(model, values) ?? [model] {
      for section in catalogues {
        if let entry = catalogue.model(provider: section, name: name) { return entry }
      }
    }
    return nil
  }

  /// Whether it chats at all; others embed or rerank only.
  public var chats: Bool { makeChat != nil || chat("", ModelTraits()) != nil }

  /// Who answers chats with `model` at `endpoint`; `nil` when it does not chat.
  public func chatProvider(
    model: String, traits: ModelTraits, endpoint: Endpoint, transport: any HTTPTransport
  ) -> (any ChatProvider)? {
    if MockChatProvider.isScripted(endpoint.values) { return MockChatProvider(endpoint) }
    if let makeChat { return makeChat(model, endpoint) }
    return chat(model, traits).map { HTTPChatProvider(endpoint, format: $0, transport: transport) }
  }
}

/// How the models of a server are listed.
public protocol ModelListing: Sendable {
  /// What to ask.
  func request(at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest
  /// Reads the answer; `nil` when it is none.
  func models(_ answer: JSONTree) -> [ListedModel]?
  /// What to ask for the rest of the list; `nil` when that was all.
  func next(after answer: JSONTree, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest?
}

extension ModelListing {
  /// Most lists come whole.
  public func next(after answer: JSONTree, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest? { nil }
}

extension ProviderDefinition {
  private static let maxListPages = 32

  /// Lists the models at `endpoint`.
  public func models(at endpoint: Endpoint, transport: any HTTPTransport) async throws(ProviderError) -> [ListedModel] {
    guard let listing else {
      throw ProviderError(.badRequest, provider: id, message: "\(title) does not list its models")
    }
    let classifier = ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
    var all: [ListedModel] = []
    var request: HTTPRequest? = try listing.request(at: endpoint)
    // A server that always has another page must not hold us.
    for _ in 0..<Self.maxListPages {
      guard let page = request else { break }
      let (tree, _) = try await HTTPExchange.document(
        page, provider: endpoint.provider, transport: transport, limit: 8 << 20
      ) { classifier.error(status: $0, headers: $1, body: $2, now: RetryAdvice.currentTime) }
      guard let models = listing.models(tree) else {
        throw ProviderError(
          .server, provider: id, message: "the list of models is not well formed", code: "invalid_response")
      }
      all += models
      request = try listing.next(after: tree, at: endpoint)
    }
    return all
  }
}
