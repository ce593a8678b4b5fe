import JSONRPC
import Synchronization
import Workspace

/// `initialize`: settles what both sides can do. The engine is not touched before the reply is sent.
enum InitializeRequest: RequestHandler {
  static let method = "initialize"
  static let scheduling = Scheduling.ordered
  static let title = "Starting"

  static func handle(_ params: InitializeParams, in context: RequestContext) async throws -> InitializeResult {
    let session = context.session
    let capabilities = params.capabilities ?? ClientCapabilities()
    // Without an offer only UTF-16 may be answered.
    let offers = capabilities.general?.positionEncodings ?? []
    let encoding: PositionEncoding = offers.contains(PositionEncoding.utf8.rawValue) ? .utf8 : .utf16
    session.state.withLock { state in
      state.phase = .running
      state.capabilities = capabilities
      state.encoding = encoding
      state.folders = params.folders
      state.trace = TraceLevel(rawValue: params.trace ?? "") ?? .off
      state.initializationOptions = params.initializationOptions
    }
    if let processID = params.processId { session.watch(parent: processID) }
    return InitializeResult(
      capabilities: ServerCapabilities(
        positionEncoding: encoding,
        executeCommandProvider: .init(commands: ExecuteCommand.commands.map(\.name)),
        experimental: .init(
          rag: .init(
            methods: MethodRegistry.ragMethods, notifications: MethodRegistry.sent,
            partialResults: MethodRegistry.partialResultMethods))),
      serverInfo: .init(name: "cicerone", version: session.serverVersion))
  }

  static func didReply(in context: RequestContext) {
    context.session.startEngine()
  }
}
