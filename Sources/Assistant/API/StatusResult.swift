/// What the index is doing.
public enum IndexState: String, Sendable, Codable {
  /// Nothing is indexed yet.
  case empty
  /// Files are being read; what is indexed already is searched.
  case indexing
  /// The index agrees with the workspace, as far as is known.
  case ready
  /// Another process of this user keeps the index up to date; this one reads it.
  case following
  /// Indexing failed; `message` says why.
  case failed
}

/// The state of one workspace folder's index.
public struct FolderStatus: Sendable, Codable {
  /// The folder's URI.
  public var uri: String
  /// What the index is doing.
  public var state: IndexState
  /// Files in the index.
  public var files: Int
  /// Passages in the index.
  public var passages: Int
  /// Files left out, counted by reason.
  public var skipped: [String: Int]
  /// A sentence for the user, where there is something to say.
  public var message: String?
  /// How far its passages are embedded by an embedder besides the embedded model; left out without one.
  public var embedding: EmbeddingStatus?

  /// Makes a status.
  public init(
    uri: String, state: IndexState, files: Int, passages: Int, skipped: [String: Int], message: String? = nil,
    embedding: EmbeddingStatus? = nil
  ) {
    self.embedding = embedding
    self.uri = uri
    self.state = state
    self.files = files
    self.passages = passages
    self.skipped = skipped
    self.message = message
  }
}

/// How far the passages of a folder are embedded by a remote embedder.
public struct EmbeddingStatus: Sendable, Codable, Hashable {
  /// The embedder's name.
  public var name: String
  /// Passages that have a vector.
  public var embedded: Int
  /// Passages that are to have one.
  public var total: Int
  /// Whether searches go by these vectors; before, they go by those that served until then.
  public var serving: Bool
  /// A sentence on what keeps it from going on, where there is something to say.
  public var message: String?
  /// Why the last search went by the embedded model although the vectors serve.
  public var degraded: String?

  /// Makes a status.
  public init(
    name: String, embedded: Int, total: Int, serving: Bool, message: String? = nil, degraded: String? = nil
  ) {
    self.name = name
    self.embedded = embedded
    self.total = total
    self.serving = serving
    self.message = message
    self.degraded = degraded
  }
}

/// A model that questions can be sent to.
public struct ModelStatus: Sendable, Codable {
  /// The name to ask for it by.
  public var name: String
  /// The provider.
  public var provider: String
  /// Where requests go; left out for what runs in this process.
  public var endpoint: String?
  /// How it does, as in `rag/models`: `unused`, `healthy`, `coolingDown`, `probing` or `disabled`.
  public var state: String?

  /// Makes a status.
  public init(name: String, provider: String, endpoint: String?, state: String? = nil) {
    self.state = state
    self.name = name
    self.provider = provider
    self.endpoint = endpoint
  }
}

/// A model that puts passages in order after our own ranking.
public struct RerankStatus: Sendable, Codable, Hashable {
  /// The name.
  public var name: String
  /// Why the last search was not reranked; left out when it was.
  public var message: String?

  /// Makes a status.
  public init(name: String, message: String? = nil) {
    self.name = name
    self.message = message
  }
}

/// The result of `rag/status`.
public struct StatusResult: Sendable, Codable {
  /// The version of this program.
  public var version: String
  /// Whether nothing is waiting to be indexed.
  public var quiescent: Bool
  /// The workspace folders.
  public var folders: [FolderStatus]
  /// The models in the order in which they are tried.
  public var models: [ModelStatus]
  /// The reranker, where one is configured.
  public var reranking: RerankStatus?

  /// Makes a status.
  public init(
    version: String, quiescent: Bool, folders: [FolderStatus], models: [ModelStatus], reranking: RerankStatus? = nil
  ) {
    self.version = version
    self.quiescent = quiescent
    self.folders = folders
    self.models = models
    self.reranking = reranking
  }
}
