import Workspace

/// The result of `initialize`.
struct InitializeResult: Sendable, Encodable {
  struct ServerInfo: Sendable, Encodable {
    var name: String
    var version: String
  }
  var capabilities: ServerCapabilities
  var serverInfo: ServerInfo
}

/// What this server can do.
struct ServerCapabilities: Sendable, Encodable {
  struct TextDocumentSync: Sendable, Encodable {
    struct Save: Sendable, Encodable {
      var includeText = false
    }
    var openClose = true
    /// Incremental.
    var change = 2
    var save = Save()
  }
  struct ExecuteCommand: Sendable, Encodable {
    var commands: [String]
    var workDoneProgress = true
  }
  struct WorkspaceFeatures: Sendable, Encodable {
    struct Folders: Sendable, Encodable {
      var supported = true
      var changeNotifications = true
    }
    var workspaceFolders = Folders()
  }
  struct Experimental: Sendable, Encodable {
    var rag: Rag
  }
  /// What is beyond LSP; see `docs/protocol.md`.
  struct Rag: Sendable, Encodable {
    /// The version of the `rag/` part of the protocol.
    var version = 1
    /// Requests that may be sent.
    var methods: [String]
    /// Notifications that are sent to clients which announce `experimental.rag`.
    var notifications: [String]
    /// Requests that send partial results.
    var partialResults: [String]
  }

  var positionEncoding: PositionEncoding
  var textDocumentSync = TextDocumentSync()
  var executeCommandProvider: ExecuteCommand
  var workspace = WorkspaceFeatures()
  var experimental: Experimental
}
