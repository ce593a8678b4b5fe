import Assistant

/// `rag/ask`: answers a question from the workspace, with citations.
enum AskRequest: RequestHandler {
  static let method = "rag/ask"
  static let scheduling = Scheduling.model
  static let title = "Answering"

  static func handle(_ params: AskParameters, in context: RequestContext) async throws -> AskResult {
    try await context.service.ask(params, encoding: context.encoding) { delta in
      if let status = delta.status { context.workDone?.report(message: status) }
      await context.partialResults?.append(delta)
    }
  }
}
