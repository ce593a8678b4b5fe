import JSONRPC

/// `workspace/didChangeWatchedFiles`: files or folders may have changed. A hint: the engine compares contents.
enum DidChangeWatchedFilesNotification: NotificationHandler {
  struct Params: Sendable, Decodable {
    struct Change: Sendable, Decodable {
      var uri: String
    }
    var changes: [Change]
  }
  static let method = "workspace/didChangeWatchedFiles"

  static func handle(_ params: Params, in session: LanguageServerSession) {
    session.engineQueue.filesMayHaveChanged(params.changes.map(\.uri))
  }
}

/// `workspace/didChangeWorkspaceFolders`: folders were added or removed.
enum DidChangeWorkspaceFoldersNotification: NotificationHandler {
  struct Params: Sendable, Decodable {
    struct Event: Sendable, Decodable {
      @Lenient var added: [WorkspaceFolder]?
      @Lenient var removed: [WorkspaceFolder]?
    }
    var event: Event
  }
  static let method = "workspace/didChangeWorkspaceFolders"

  static func handle(_ params: Params, in session: LanguageServerSession) {
    session.changeFolders(
      added: (params.event.added ?? []).map(\.uri), removed: (params.event.removed ?? []).map(\.uri))
  }
}

/// `workspace/didChangeConfiguration`: settings have changed. They are asked for where the client can be asked.
enum DidChangeConfigurationNotification: NotificationHandler {
  struct Params: Sendable, Decodable {
    @Lenient var settings: JSONValue?
  }
  static let method = "workspace/didChangeConfiguration"

  static func handle(_ params: Params, in session: LanguageServerSession) {
    session.configurationChanged(pushed: params.settings)
  }
}
