import Assistant

/// `rag/status`: says what the index and the models are doing.
enum StatusRequest: RequestHandler {
  static let method = "rag/status"
  static let scheduling = Scheduling.immediate
  static let title = "Reading the status"

  static func handle(_ params: NoParams, in context: RequestContext) async throws -> StatusResult {
    await context.service.status()
  }
}
