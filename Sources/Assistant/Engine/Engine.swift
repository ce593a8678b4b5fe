internal import Embeddings
public import SearchIndex
internal import Synchronization
public import Workspace

/// What may change while an engine runs.
public struct EngineSettings: Sendable, Hashable {
  /// Tokens of context where a request does not say; nil for the engine's own number.
  public var tokenBudget: Int?

  /// Whether models are asked only where a request names one.
  public var isExtractive: Bool

  /// Makes settings.
  public init(tokenBudget: Int? = nil, isExtractive: Bool = false) {
    self.tokenBudget = tokenBudget
    self.isExtractive = isExtractive
  }
}

/// The engine: workspace folders, their indexes, and the answers from them.
public actor Engine: AssistantService {
  /// How an engine works.
  public struct Options: Sendable {
    /// The version that `rag/status` gives.
    public var version: String
    /// Whether folders are watched for changes.
    public var watches = true
    /// Threads for indexing.
    public var indexingThreads = 2
    /// Tokens of context where a request does not say.
    public var tokenBudget = 4_000
    /// Passages of context where a request does not say.
    public var maxPassages = 12
    /// Tokens of a model's answer at most.
    public var maxOutputTokens = 1_024
    /// What decides which files are found.
    public var discovery = Discovery.Options()
    /// How passages are embedded in the background, where an embedder is set.
    public var reembedding = ReembeddingOptions()
    /// Asked before each question what holds in the open folders by then; nil for what these options say.
    public var settings: (@Sendable (_ folders: [FileURI]) async -> EngineSettings)?

    /// The defaults for a version.
    public init(version: String) { self.version = version }
  }

  let options: Options
  let model: (any AnswerModel)?
  private var reranking: RerankStage?
  let overlays = OverlayStore()
  var conversations = Conversations()
  private let directories: ProjectDirectories
  private(set) var folders: [FileURI: FolderIndexer] = [:]
  private(set) var folderOrder: [FileURI] = []
  private let overlayWorker = OverlayWorker()
  private var clientWatches = false
  private let workers = (0..<2).map { _ in RetrievalWorker() }
  private var nextWorker = 0
  private let broadcaster = Broadcaster<IndexingProgress>(keeping: 64)
  /// Changes of the status; several that nobody has looked at are one.
  let statusBroadcaster = Broadcaster<Void>(keeping: 1)
  /// What embeds passages and questions besides the embedded model.
  var embedding: EmbeddingService?

  /// Makes an engine. Nothing is read before a folder is opened.
  ///
  /// - Parameter model: what answers in words; nil for extractive answers only.
  public init(directories: ProjectDirectories, model: (any AnswerModel)?, options: Options) {
    self.directories = directories
    self.model = model
    self.options = options
  }

  /// What holds now.
  func currentSettings() async -> EngineSettings { await options.settings?(folderOrder) ?? EngineSettings() }

  // MARK: Folders and documents

  /// Opens folders and starts to index them; those that are open already stay as they are.
  public func openFolders(_ uris: [String]) async {
    for uri in uris {
      guard let root = FileURI(uri), folders[root] == nil else { continue }
      let index = WorkspaceIndex(
        root: root, directory: directories.indexDirectory(forWorkspace: root), options: options.discovery,
        threads: options.indexingThreads)
      let broadcaster = self.broadcaster
      let indexer = FolderIndexer(
        index: index, discovery: options.discovery, watching: watching, report: { broadcaster.send($0) },
        onChange: { [weak self] in await self?.reconsiderOverlays(in: root, rulesChanged: $0) },
        reembedding: options.reembedding, onEmbedding: { [statusBroadcaster] in statusBroadcaster.send(()) })
      folders[root] = indexer
      folderOrder.append(root)
      for (_, overlay) in overlays.snapshot().overlays { await show(overlay, in: root, index: index) }
      await indexer.start()
      await indexer.reembedder.setEmbedder(embedding)
    }
  }

  /// Closes folders; their indexes stay on disk.
  public func closeFolders(_ uris: [String]) async {
    for uri in uris {
      guard let root = FileURI(uri), let indexer = folders.removeValue(forKey: root) else { continue }
      folderOrder.removeAll { $0 == root }
      await indexer.stop()
    }
  }

  /// Makes the text of an open document count at once, in every folder that holds it.
  public func setOverlay(uri: String, text: String) async {
    let overlay = overlays.set(uri, text: SourceText(text))
    for (root, indexer) in folders { await show(overlay, in: root, index: indexer.index) }
  }

  /// Makes the file count again, and looks whether it was saved.
  public func removeOverlay(uri: String) async {
    guard let overlay = overlays.close(uri), let file = overlay.fileURI else { return }
    for (root, indexer) in folders {
      guard let path = file.relativePath(in: root) else { continue }
      await overlayWorker.hide(path, in: indexer.index)
      // It may have been saved since the disk was looked at.
      await indexer.changed([path])
    }
  }

  private func show(_ overlay: Overlay, in root: FileURI, index: WorkspaceIndex) async {
    guard let file = overlay.fileURI, let path = file.relativePath(in: root) else { return }
    await overlayWorker.show(overlay.uri, of: overlays, at: path, in: index)
  }

  /// Something changed on disk: buffers that are let in now are indexed, and those that are left out are not.
  private func reconsiderOverlays(in root: FileURI, rulesChanged: Bool) async {
    guard let index = folders[root]?.index else { return }
    for path in await overlayWorker.reconsidered(in: index, rulesChanged: rulesChanged) {
      // It may have been closed meanwhile.
      guard let overlay = overlays.overlay(for: root.appending(path)) else { continue }
      await show(overlay, in: root, index: index)
    }
  }

  /// Looks at files and folders again; a change of the rules concerns the whole folder.
  public func filesMayHaveChanged(uris: [String]) async {
    let files = uris.compactMap { FileURI($0) }
    for (root, indexer) in folders {
      let paths = files.compactMap { $0.relativePath(in: root) }
      if paths.contains(where: Engine.concernsAll) {
        await indexer.refresh()
      }
      // A walk trusts the times of files; whoever says that one changed is to be believed.
      await indexer.changed(paths.filter { !Engine.concernsAll($0) })
    }
  }

  /// Whether a change there may change which files are found anywhere in the folder.
  private static func concernsAll(_ path: String) -> Bool {
    path.isEmpty || IgnoreRules.isIgnoreFile(path: path) || path == ".git" || path.hasSuffix("/.git")
      || path.hasSuffix(".git/info/exclude") || path.hasSuffix(".git/index")
  }

  private var watching: FolderIndexer.Watching { !options.watches ? .none : clientWatches ? .client : .own }

  /// Leaves it to the client to tell of changed files, or not.
  public func setClientWatches(_ flag: Bool) async {
    clientWatches = flag
    for indexer in folders.values { await indexer.setWatching(watching) }
  }

  /// Waits for the work of all folders; what failed before is tried again.
  public func synchronize() async throws(EngineError) {
    for indexer in folderOrder.compactMap({ folders[$0] }) {
      // The disk may have room by now, and the folder be there.
      if await indexer.lastFailure != nil { await indexer.refresh() }
      await indexer.synchronize()
      if let failure = await indexer.lastFailure { throw Engine.unusable(indexer.index.root, failure) }
    }
  }

  /// Starts to build all indexes anew; `synchronize` waits for the end.
  ///
  /// - Throws: `EngineError` when one of them is kept by another process; then none is built anew.
  public func reindex() async throws(EngineError) {
    guard !folders.isEmpty else { throw Engine.noWorkspace }
    let indexers = folderOrder.compactMap { folders[$0] }
    for indexer in indexers where await indexer.state == .following {
      throw EngineError(
        .index, "The index of \(indexer.index.root.path) is kept by another process, which alone can build it anew.",
        hint: "Reindex in the editor or terminal that opened the folder first, or close it there and try again.",
        retryable: true)
    }
    for indexer in indexers { await indexer.rebuild() }
  }

  private static func unusable(_ root: FileURI, _ failure: String) -> EngineError {
    EngineError(
      .index, "The index of \(root.path) could not be built: \(failure)",
      hint: "Check that the folder can be read, and that there is room and permission in the cache folder, which "
        + "XDG_CACHE_HOME sets; then try again.", retryable: true)
  }

  /// Reports from now on.
  public func indexingProgress() async -> AsyncStream<IndexingProgress> { broadcaster.subscribe() }

  /// Closes all folders and ends the streams of reports.
  public func shutdown() async {
    let indexers = folders.values
    folders = [:]
    folderOrder = []
    for indexer in indexers { await indexer.stop() }
    broadcaster.finish()
    statusBroadcaster.finish()
  }

  /// What the folders and the models are doing.
  public func status() async -> StatusResult {
    var result: [FolderStatus] = []
    var quiescent = true
    for root in folderOrder {
      guard let indexer = folders[root] else { continue }
      await indexer.catchUp()
      let snapshot = indexer.index.snapshot
      let notes = [await indexer.lastFailure ?? indexer.index.message, await indexer.watchNote].compactMap(\.self)
      result.append(
        FolderStatus(
          uri: root.description, state: await indexer.state, files: snapshot.fileCount,
          passages: snapshot.passageCount, skipped: indexer.index.skipped,
          message: notes.isEmpty ? nil : notes.joined(separator: " "), embedding: embeddingStatus(of: indexer)))
      if await !indexer.isQuiescent { quiescent = false }
    }
    let extractive = ModelStatus(name: Engine.extractive, provider: "cicerone", endpoint: nil)
    return StatusResult(
      version: options.version, quiescent: quiescent, folders: result,
      models: (await model?.models() ?? []) + [extractive], reranking: await reranking?.status)
  }

  /// The models of the configuration or of discovery, and the offline answerer as the last.
  public func models() async -> ModelsResult {
    var result =
      await model?.descriptions() ?? ModelsResult(strategy: "simple-shuffle", defaultModel: nil, tasks: [:], models: [])
    result.addOfflineAnswerer()
    return result
  }

  // MARK: Search

  /// The name of the offline answerer.
  static let extractive = "extractive"

  static let noWorkspace = EngineError(
    .noWorkspace, "No workspace folder is open.", hint: "Open a folder in the editor, or name one with --workspace.")

  /// Finds passages whose text is what stands in the workspace now.
  public func search(
    _ parameters: SearchParameters, encoding: PositionEncoding
  ) async throws(EngineError) -> SearchResult {
    let clock = ContinuousClock()
    let start = clock.now
    let query = try Engine.nonEmpty(parameters.query, "query")
    let limit = try Engine.inRange(parameters.limit ?? 10, 1...1_000, "limit")
    let kind: SearchEvidence =
      switch parameters.mode ?? .hybrid {
      case .hybrid: .hybrid
      case .dense: .dense
      case .lexical: .lexical
      case .symbol: .symbol
      }
    let found = try await retrieve(query, limit: limit, kind: kind, scope: parameters.scope)
    let passages = found.map { item in
      FoundPassage(
        uri: item.uri, path: item.path, range: item.source.sourceRange(of: item.bytes, encoding: encoding),
        symbol: item.symbol.isEmpty ? nil : item.symbol, language: item.language, score: Double(item.score),
        why: item.why, text: parameters.includeText == true ? item.text : nil)
    }
    let took = start.duration(to: clock.now).components
    return SearchResult(
      passages: passages, tookMicroseconds: Int(took.seconds) * 1_000_000 + Int(took.attoseconds / 1_000_000_000_000))
  }

  /// Switches to what orders the best passages anew from now on; nil for our own order.
  public func setReranker(_ reranker: (any PassageReranker)?) {
    reranking = reranker.map { RerankStage($0) }
  }

  /// Finds passages whose text is what stands in the workspace now, in the order of the reranker where there is one:
  /// searches for one kind of evidence are left as they are.
  func retrieve(
    _ query: String, limit: Int, kind: SearchEvidence = .hybrid, scope: SearchScope?
  ) async throws(EngineError) -> [Evidence] {
    guard let reranking, kind == .hybrid else { return try await find(query, limit: limit, kind: kind, scope: scope) }
    let found = try await find(query, limit: max(limit, reranking.candidates), kind: kind, scope: scope)
    let ordered = await reranking.rerank(query, found)
    try Engine.checkCancellation()
    return Array(ordered.prefix(limit))
  }

  private func find(
    _ query: String, limit: Int, kind: SearchEvidence, scope: SearchScope?
  ) async throws(EngineError) -> [Evidence] {
    guard !folders.isEmpty else { throw Engine.noWorkspace }
    let filter = try ScopeFilter(scope)
    for indexer in folders.values { await indexer.catchUp() }
    var outcome = await search(query, limit: limit, kind: kind, scope: filter)
    if !outcome.stale.isEmpty {
      // What was found has changed since it was indexed and nobody has told yet: index that, and look again.
      for (root, paths) in outcome.stale {
        guard let indexer = folders[root] else { continue }
        await indexer.settle(paths)
      }
      outcome = await search(query, limit: limit, kind: kind, scope: filter)
      // A follower cannot index what has changed: others take the places of what is lost.
      if outcome.lost > 0, outcome.evidence.count < limit {
        outcome = await search(query, limit: limit, spare: max(50, 4 * outcome.lost), kind: kind, scope: filter)
      }
    }
    try Engine.checkCancellation()
    if outcome.evidence.isEmpty {
      // Nothing found in what could not be indexed is no answer.
      for indexer in folderOrder.compactMap({ folders[$0] }) {
        guard let failure = await indexer.lastFailure else { continue }
        await indexer.refresh()
        throw Engine.unusable(indexer.index.root, failure)
      }
    }
    return outcome.evidence
  }

  /// What an answer has to admit about the index, if there is something.
  func reservation() async -> String? {
    var reasons: [String] = []
    var passages = 0
    for root in folderOrder {
      guard let indexer = folders[root] else { continue }
      passages += indexer.index.snapshot.passageCount
      if let failure = await indexer.lastFailure {
        reasons.append("The index of \(root.path) is not up to date: \(failure).")
      } else if !indexer.index.isComplete {
        reasons.append("\(root.path) is still being indexed: not all of it was searched.")
      }
    }
    if reasons.isEmpty, passages == 0 { reasons.append("No file of the workspace is indexed.") }
    return reasons.isEmpty ? nil : reasons.joined(separator: " ")
  }

  private func search(
    _ query: String, limit: Int, spare: Int = 0, kind: SearchEvidence, scope: ScopeFilter?
  ) async -> RetrievalWorker.Outcome {
    return await worker().search(
      query, in: await searchedFolders(query, kind: kind), overlays: overlays.snapshot(), limit: limit, spare: spare,
      evidence: kind,
      scope: scope)
  }

  /// The open folder that holds a file; of nested ones the innermost.
  func folder(of file: FileURI) -> FileURI? {
    folderOrder.filter { file.relativePath(in: $0) != nil }.max { $0.pathBytes.count < $1.pathBytes.count }
  }

  /// The next of the workers, in turn.
  func worker() -> RetrievalWorker {
    nextWorker = (nextWorker + 1) % workers.count
    return workers[nextWorker]
  }

  /// The question's terms with their rarity in the first folder that is open.
  func queryTerms(_ question: String) -> QueryTerms {
    let snapshot = folderOrder.first.flatMap { folders[$0]?.index.snapshot } ?? .empty
    return QueryTerms(question, in: snapshot)
  }

  /// How much of a question's weight of words no open folder knows, 0...1.
  func unknownShare(of question: String) -> Float {
    folderOrder.compactMap { folders[$0]?.index.snapshot }.map { QueryTerms(question, in: $0).unknownShare }.min() ?? 1
  }

  // MARK: Parameters

  static func nonEmpty(_ text: String, _ name: String) throws(EngineError) -> String {
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw EngineError(.invalidParameters, "\(name) is empty.", hint: "Ask in words, or name an identifier.")
    }
    return text
  }

  static func inRange(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws(EngineError) -> Int {
    guard range.contains(value) else {
      throw EngineError(
        .invalidParameters, "\(name) is \(value), which is not in \(range.lowerBound)...\(range.upperBound).")
    }
    return value
  }

  static func checkCancellation() throws(EngineError) {
    if Task.isCancelled { throw EngineError(.cancelled, "The request was cancelled.") }
  }
}
