import Assistant

/// `rag/search`: finds passages.
enum SearchRequest: RequestHandler {
  static let method = "rag/search"
  static let scheduling = Scheduling.query
  static let title = "Searching"

  static func handle(_ params: SearchParameters, in context: RequestContext) async throws -> SearchResult {
    try await context.service.search(params, encoding: context.encoding)
  }
}
