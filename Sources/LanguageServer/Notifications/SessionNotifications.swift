import JSONRPC
import Synchronization

/// `initialized`: from now on the client may be asked.
enum InitializedNotification: NotificationHandler {
  static let method = "initialized"

  static func handle(_ params: NoParams, in session: LanguageServerSession) {
    session.clientIsReady()
  }
}

/// `$/setTrace`: how much is to be told of what the server does.
enum SetTraceNotification: NotificationHandler {
  struct Params: Sendable, Decodable {
    var value: TraceLevel
  }
  static let method = "$/setTrace"

  static func handle(_ params: Params, in session: LanguageServerSession) {
    session.state.withLock { $0.trace = params.value }
  }
}

/// `window/workDoneProgress/cancel`: clients may send it for progress that cannot be cancelled, as that of indexing.
enum WorkDoneProgressCancelNotification: NotificationHandler {
  static let method = "window/workDoneProgress/cancel"

  static func handle(_ params: NoParams, in session: LanguageServerSession) {
    session.log(.debug, "Indexing cannot be cancelled.")
  }
}
