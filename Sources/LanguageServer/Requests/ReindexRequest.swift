import Assistant

/// `rag/reindex`: throws the index away and builds it anew.
enum ReindexRequest: RequestHandler {
  static let method = "rag/reindex"
  static let scheduling = Scheduling.waiting
  static let title = "Rebuilding the index"

  static func handle(_ params: NoParams, in context: RequestContext) async throws -> NoResult {
    try await context.service.reindex()
    context.session.statusMayHaveChanged()
    return NoResult()
  }
}
