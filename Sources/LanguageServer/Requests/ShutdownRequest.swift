import Synchronization

/// `shutdown`: ends the running requests. The process stays until `exit`.
enum ShutdownRequest: RequestHandler {
  static let method = "shutdown"
  static let scheduling = Scheduling.ordered
  static let title = "Stopping"

  static func handle(_ params: NoParams, in context: RequestContext) async throws -> NoResult {
    context.session.state.withLock { $0.phase = .shutDown }
    context.session.endRunningRequests()
    return NoResult()
  }
}
