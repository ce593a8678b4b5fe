public import Workspace

/// How far the indexing of a folder has come.
public struct IndexingProgress: Sendable, Hashable {
  /// The folder's URI.
  public var folder: String
  /// Files done.
  public var done: Int
  /// Files to do, as far as is known.
  public var total: Int
  /// Bytes of source read.
  public var bytes: Int
  /// Whether this is the last report of this run.
  public var finished: Bool

  /// Makes a report.
  public init(folder: String, done: Int, total: Int, bytes: Int, finished: Bool) {
    self.folder = folder
    self.done = done
    self.total = total
    self.bytes = bytes
    self.finished = finished
  }
}

/// The engine as its faces see it: the language server, the command line, other protocols.
///
/// All methods may be called concurrently. `EngineError` is thrown for what could not be done, and with kind
/// `cancelled` when the calling task was cancelled.
public protocol AssistantService: Sendable {
  /// Answers a question. `onDelta` is called in order, never concurrently, and never after this returns.
  func ask(
    _ parameters: AskParameters, encoding: PositionEncoding, onDelta: @escaping @Sendable (AskDelta) async -> Void
  ) async throws(EngineError) -> AskResult

  /// Finds passages.
  func search(_ parameters: SearchParameters, encoding: PositionEncoding) async throws(EngineError) -> SearchResult

  /// Says what the index and the models are doing.
  func status() async -> StatusResult

  /// Lists the models with their prices, limits and health; may look for servers on loopback.
  func models() async -> ModelsResult

  /// Waits until everything is indexed that is known to have changed, or that changed on a disk which is watched.
  func synchronize() async throws(EngineError)

  /// Throws the index away and builds it anew.
  func reindex() async throws(EngineError)

  /// Opens workspace folders (`file:` URIs) and starts to index them.
  func openFolders(_ uris: [String]) async

  /// Closes workspace folders.
  func closeFolders(_ uris: [String]) async

  /// Sets the text of an open document, which counts from now on instead of the file's.
  func setOverlay(uri: String, text: String) async

  /// Forgets the text of a closed document: the file counts again.
  func removeOverlay(uri: String) async

  /// Tells that files or folders may have changed on disk.
  func filesMayHaveChanged(uris: [String]) async

  /// Leaves it to the client to tell of every changed file, or (as at first) watches folders itself.
  func setClientWatches(_ flag: Bool) async

  /// Reports of indexing from now on. Each caller has a stream of its own, which keeps the newest 64.
  func indexingProgress() async -> AsyncStream<IndexingProgress>

  /// Tells, from now on, that `status` may say something else by now of what no report of indexing tells.
  func statusChanges() async -> AsyncStream<Void>

  /// Ends background work and closes the index. The service must not be used afterwards.
  func shutdown() async
}

extension AssistantService {
  /// A stream that has ended, of services that report everything else.
  public func statusChanges() async -> AsyncStream<Void> { AsyncStream { $0.finish() } }
}
