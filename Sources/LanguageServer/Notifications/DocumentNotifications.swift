import Synchronization

/// `textDocument/didOpen`: from now on the text of the editor counts.
enum DidOpenNotification: NotificationHandler {
  static let method = "textDocument/didOpen"
  static let isVital = true

  static func handle(_ params: DidOpenParams, in session: LanguageServerSession) {
    let item = params.textDocument
    let oddities = session.documents.withLock {
      $0.open(uri: item.uri, version: item.version ?? 0, text: item.text)
    }
    session.note(oddities, method: method, uri: item.uri)
    session.engineQueue.setOverlay(uri: item.uri, text: item.text)
  }
}

/// `textDocument/didChange`: the editor's text has changed.
enum DidChangeNotification: NotificationHandler {
  static let method = "textDocument/didChange"
  static let isVital = true

  static func handle(_ params: DidChangeParams, in session: LanguageServerSession) {
    let uri = params.textDocument.uri
    let encoding = session.state.withLock(\.encoding)
    let (oddities, text) = session.documents.withLock { documents in
      let oddities = documents.change(
        uri: uri, version: params.textDocument.version, params.contentChanges, encoding: encoding)
      return (oddities, documents[uri]?.text)
    }
    session.note(oddities, method: method, uri: uri)
    if let text { session.engineQueue.setOverlay(uri: uri, text: text) }
  }
}

/// `textDocument/didSave`: the file has changed. It may be one that is read by others than the editor.
enum DidSaveNotification: NotificationHandler {
  static let method = "textDocument/didSave"

  static func handle(_ params: DocumentParams, in session: LanguageServerSession) {
    session.engineQueue.filesMayHaveChanged([params.textDocument.uri])
  }
}

/// `textDocument/didClose`: the file counts again.
enum DidCloseNotification: NotificationHandler {
  static let method = "textDocument/didClose"
  static let isVital = true

  static func handle(_ params: DocumentParams, in session: LanguageServerSession) {
    let uri = params.textDocument.uri
    let oddities = session.documents.withLock { $0.close(uri: uri) }
    session.note(oddities, method: method, uri: uri)
    if oddities.isEmpty { session.engineQueue.setOverlay(uri: uri, text: nil) }
  }
}
