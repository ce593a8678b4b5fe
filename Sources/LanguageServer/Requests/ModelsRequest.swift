import Assistant

/// `rag/models`: lists the deployments with their prices, limits and health.
enum ModelsRequest: RequestHandler {
  static let method = "rag/models"
  static let scheduling = Scheduling.immediate
  static let title = "Listing the models"

  static func handle(_ params: NoParams, in context: RequestContext) async throws -> ModelsResult {
    await context.service.models()
  }
}
