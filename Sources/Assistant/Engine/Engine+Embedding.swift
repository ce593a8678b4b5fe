public import Embeddings
internal import SearchIndex
internal import Workspace

/// Embedders besides the embedded model.
extension Engine {
  /// Switches to another embedder, or to none, in all folders that are open or will be. Passages are embedded in the
  /// background; what served before serves until that is done.
  ///
  /// An embedder of the same space replaces the one before without embedding anything again: such as after its key was
  /// changed.
  public func setEmbedder(_ service: EmbeddingService?) async {
    embedding = service
    for indexer in folderOrder.compactMap({ folders[$0] }) { await indexer.reembedder.setEmbedder(service) }
  }

  /// Goes on to embed where it paused: a limit was raised, or a connection is back.
  public func resumeEmbedding() async {
    for indexer in folderOrder.compactMap({ folders[$0] }) { await indexer.reembedder.resume() }
  }

  /// Waits until all passages are embedded, or embedding pauses for some reason.
  public func finishEmbedding() async {
    for indexer in folderOrder.compactMap({ folders[$0] }) { await indexer.reembedder.settled() }
  }

  /// Tells when the state of embedding has changed, other than that it goes on.
  public func statusChanges() async -> AsyncStream<Void> { statusBroadcaster.subscribe() }

  /// The open folders as they are now, with the query's vector for those that are searched by a remote embedder's.
  func searchedFolders(_ query: String, kind: SearchEvidence) async -> [RetrievalWorker.Folder] {
    var searched: [RetrievalWorker.Folder] = []
    var asked: [(queries: QueryEmbedder, values: [Float]?)] = []
    for root in folderOrder {
      guard let indexer = folders[root] else { continue }
      let snapshot = indexer.index.snapshot
      var folder = RetrievalWorker.Folder(root: root, snapshot: snapshot)
      if kind == .hybrid || kind == .dense, let space = snapshot.servedSpace,
        let queries = indexer.reembedder.queries(for: snapshot)
      {
        var values = asked.first { $0.queries === queries }?.values
        if !asked.contains(where: { $0.queries === queries }) {
          let trouble = queries.trouble
          values = await queries.vector(for: outgoing(query))
          asked.append((queries, values))
          if queries.trouble != trouble { statusBroadcaster.send(()) }
        }
        folder.vector = values.flatMap { QueryVector($0, space: space) }
      }
      searched.append(folder)
    }
    return searched
  }

  /// The query as it may leave: without secrets, and without where the folders lie.
  private func outgoing(_ query: String) -> String {
    var text = query
    if text.contains("/") { for root in folderOrder { text = text.replacing(root.path + "/", with: "") } }
    return SecretScanner.redact(text).text
  }

  func embeddingStatus(of indexer: FolderIndexer) -> EmbeddingStatus? {
    guard let progress = indexer.reembedder.progress else { return nil }
    let trouble = indexer.reembedder.queries(for: indexer.index.snapshot)?.trouble
    return EmbeddingStatus(
      name: progress.name, embedded: progress.embedded, total: progress.total, serving: progress.isServing,
      message: progress.message,
      degraded: trouble.map { "Searches go by the embedded model for now: \($0)" })
  }
}
