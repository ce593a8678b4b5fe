import JSONRPC
import Workspace

/// How much is told by `$/logTrace`.
enum TraceLevel: String, Sendable, Codable {
  case off, messages, verbose
}

/// What a session knows of its client.
struct SessionState: Sendable {
  /// Where the session is in its life.
  enum Phase: Sendable { case uninitialized, running, shutDown }

  var phase = Phase.uninitialized
  /// Whether `initialized` has come.
  var isClientReady = false
  var capabilities = ClientCapabilities()
  var encoding = PositionEncoding.utf16
  var trace = TraceLevel.off
  var initializationOptions: JSONValue?
  /// The folders that are open in the editor, in its order.
  var folders: [String] = []
  /// The number of the registration of file watchers; 0 when there is none.
  var watcherRegistration = 0
  /// Whether the user was told that a notification could not be read.
  var hasWarnedUser = false
}
