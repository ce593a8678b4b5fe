import HTTPTransport
import Ledger

extension ProviderDefinition {
  /// The name of the offline answerer, as a provider and as a model.
  public static let extractiveName = "extractive"

  /// The offline answerer as a place where a route can lead: in fallbacks, as a task's model, in a group. It says
  /// nothing itself: whoever asked quotes the workspace then.
  public static let extractive = ProviderDefinition(
    id: extractiveName, title: "Quotes of the workspace", isInProcess: true,
    endpoint: { (_, _) throws(ProviderSetupError) in try extractiveEndpoint() }, makeChat: { _, _ in QuotingProvider() }
  )

  /// Where the offline answerer stands: nowhere; a URL is needed for form's sake.
  public static func extractiveEndpoint() throws(ProviderSetupError) -> Endpoint {
    do {
      return Endpoint(provider: extractiveName, base: try HTTPURL("http://localhost"))
    } catch {
      throw ProviderSetupError(error.description)
    }
  }
}

/// Ends at once, having said and used nothing.
private struct QuotingProvider: ChatProvider {
  func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream {
    let reader = Reader()
    return ChatStream { await reader.next() }
  }

  private actor Reader {
    private var events: [ChatEvent] = [.finished(.stop), .usage(TokenUsage(provenance: .provider))]
    func next() -> ChatEvent? { events.popLast() }
  }
}
