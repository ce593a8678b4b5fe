import Assistant
import JSONRPC

/// Sends `rag/didChangeStatus` when the state of the index has changed, at most ten times a second.
actor StatusNotifier {
  static let method = "rag/didChangeStatus"

  /// What a change is: counts that only grow while indexing goes on are none.
  private struct Digest: Equatable {
    struct Folder: Equatable {
      var uri: String
      var state: IndexState
      var message: String?
      var embedding: EmbeddingStatus?
    }
    var quiescent: Bool
    var folders: [Folder]
    var models: [String]

    init(_ status: StatusResult) {
      quiescent = status.quiescent
      folders = status.folders.map { folder in
        var embedding = folder.embedding
        embedding?.embedded = 0
        embedding?.total = 0
        return Folder(uri: folder.uri, state: folder.state, message: folder.message, embedding: embedding)
      }
      models = status.models.map { "\($0.name) \($0.state == "unused" ? "healthy" : $0.state ?? "")" }
    }
  }

  private let service: any AssistantService
  private let connection: Connection
  private var isEnabled = false
  private var isRunning = false
  private var mayHaveChanged = false
  private var last: Digest?

  init(service: any AssistantService, connection: Connection) {
    self.service = service
    self.connection = connection
  }

  /// Starts to send.
  func enable() {
    isEnabled = true
    poke()
  }

  /// Looks whether the state has changed, soon.
  func poke() {
    guard isEnabled else { return }
    mayHaveChanged = true
    guard !isRunning else { return }
    isRunning = true
    Task { await self.run() }
  }

  private func run() async {
    while mayHaveChanged {
      mayHaveChanged = false
      let status = await service.status()
      let digest = Digest(status)
      if digest != last {
        last = digest
        connection.notify(Self.method, status)
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
    isRunning = false
  }
}
