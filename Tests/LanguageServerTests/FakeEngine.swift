import Assistant
import Synchronization
import Workspace

/// An engine that does what a test tells it, and remembers what it was asked.
final class FakeEngine: AssistantService {
  typealias Ask =
    @Sendable (AskParameters, @escaping @Sendable (AskDelta) async -> Void) async throws(EngineError) -> AskResult

  struct State {
    var calls: [String] = []
    var overlays: [String: String] = [:]
    var status = StatusResult(version: "1", quiescent: true, folders: [], models: [])
    var streams: [AsyncStream<IndexingProgress>.Continuation] = []
    var isHeld = false
    var searchError: EngineError?
  }

  let state = Mutex(State())
  let onAsk: Ask

  init(ask: @escaping Ask = { parameters, _ throws(EngineError) in .answer(parameters.question) }) {
    onAsk = ask
  }

  var calls: [String] { state.withLock { $0.calls } }

  func hold(_ flag: Bool) { state.withLock { $0.isHeld = flag } }

  func report(_ progress: IndexingProgress) {
    for stream in state.withLock({ $0.streams }) { stream.yield(progress) }
  }

  private func note(_ call: String) async {
    while state.withLock({ $0.isHeld }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
    state.withLock { $0.calls.append(call) }
  }

  func ask(
    _ parameters: AskParameters, encoding: PositionEncoding, onDelta: @escaping @Sendable (AskDelta) async -> Void
  ) async throws(EngineError) -> AskResult {
    await note("ask \(parameters.question)")
    return try await onAsk(parameters, onDelta)
  }

  func search(_ parameters: SearchParameters, encoding: PositionEncoding) async throws(EngineError) -> SearchResult {
    await note("search \(parameters.query) \(encoding.rawValue)")
    if let error = state.withLock({ $0.searchError }) { throw error }
    return SearchResult(passages: [], tookMicroseconds: 1)
  }

  func status() async -> StatusResult { state.withLock { $0.status } }
  func models() async -> ModelsResult {
    ModelsResult(strategy: "simple-shuffle", defaultModel: nil, tasks: [:], models: [])
  }
  func synchronize() async throws(EngineError) { await note("synchronize") }
  func reindex() async throws(EngineError) { await note("reindex") }
  func openFolders(_ uris: [String]) async { await note("open \(uris.joined(separator: " "))") }
  func closeFolders(_ uris: [String]) async { await note("close \(uris.joined(separator: " "))") }
  func setOverlay(uri: String, text: String) async {
    await note("set \(uri)")
    state.withLock { $0.overlays[uri] = text }
  }
  func removeOverlay(uri: String) async {
    await note("remove \(uri)")
    state.withLock { $0.overlays[uri] = nil }
  }
  func filesMayHaveChanged(uris: [String]) async { await note("changed \(uris.joined(separator: " "))") }
  func setClientWatches(_ flag: Bool) async { await note("client watches \(flag)") }
  func indexingProgress() async -> AsyncStream<IndexingProgress> {
    let (stream, continuation) = AsyncStream<IndexingProgress>.makeStream(bufferingPolicy: .bufferingNewest(64))
    state.withLock { $0.streams.append(continuation) }
    return stream
  }
  func shutdown() async { state.withLock { $0.calls.append("shutdown") } }
}

extension AskResult {
  static func answer(_ text: String) -> AskResult {
    AskResult(
      conversationId: "c", turnId: "t", answer: text, citations: [], abstained: false, degraded: nil, model: nil,
      usage: nil, cost: CostSummary(estimated: 0, actual: 0),
      contextSize: ContextSize(passages: 0, tokens: 0, tokenBudget: 0), cached: false, finishReason: .stop)
  }
}
