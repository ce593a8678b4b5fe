import Assistant

/// `rag/synchronize`: answers when everything that was changed before it is indexed.
enum SynchronizeRequest: RequestHandler {
  static let method = "rag/synchronize"
  static let scheduling = Scheduling.waiting
  static let title = "Waiting for the index"

  static func handle(_ params: NoParams, in context: RequestContext) async throws -> NoResult {
    try await context.service.synchronize()
    context.session.statusMayHaveChanged()
    return NoResult()
  }
}
