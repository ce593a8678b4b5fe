import HTTPTransport
import Ledger
import Providers
import Synchronization

@testable import Router

/// Answers each call by the next script.
final class ScriptedProvider: ChatProvider {
  /// What one call does.
  enum Script: Sendable {
    /// Refuses the request.
    case refuse(ProviderError)
    /// Streams, then fails or ends.
    case answer([ChatEvent], ProviderError?)
    /// Streams, then hangs until cancelled.
    case hang([ChatEvent])
  }

  private let scripts: Mutex<[Script]>
  private let seen = Mutex<[ChatRequest]>([])

  init(_ scripts: [Script]) { self.scripts = Mutex(scripts) }

  var requests: [ChatRequest] { seen.withLock { $0 } }

  func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream {
    seen.withLock { $0.append(request) }
    let script = scripts.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    let events: [ChatEvent]
    var end: ProviderError?
    var hangs = false
    switch script {
    case nil: throw failure(.server)
    case .refuse(let error): throw error
    case .answer(let all, let error): (events, end) = (all, error)
    case .hang(let all):
      events = all
      hangs = true
    }
    let box = Box(rest: events, end: end, hangs: hangs)
    return ChatStream { () async throws(ProviderError) in try await box.next() }
  }

  private actor Box {
    var rest: [ChatEvent]
    let end: ProviderError?
    let hangs: Bool

    init(rest: [ChatEvent], end: ProviderError?, hangs: Bool) {
      self.rest = rest
      self.end = end
      self.hangs = hangs
    }

    func next() async throws(ProviderError) -> ChatEvent? {
      if !rest.isEmpty { return rest.removeFirst() }
      if let end { throw end }
      guard hangs else { return nil }
      try? await Task.sleep(for: .seconds(600))
      throw failure(.cancelled, mayBeCharged: true)
    }
  }
}

func failure(
  _ kind: ProviderError.Kind, retryAfter: Duration? = nil, shouldRetry: Bool? = nil, mayBeCharged: Bool = false
) -> ProviderError {
  ProviderError(
    kind, provider: "p", message: "\(kind)", retryAfter: retryAfter, shouldRetry: shouldRetry,
    mayBeCharged: mayBeCharged)
}

func answer(_ text: String, input: Int = 10, output: Int = 5) -> ScriptedProvider.Script {
  .answer(
    [.text(text), .usage(TokenUsage(input: input, output: output, provenance: .provider)), .finished(.stop)], nil)
}

/// A price of `input` and `output` pico-USD a token.
func price(_ input: Int64, _ output: Int64) -> Price {
  .known(ModelPrice(base: ModelPrice.Rates(input: Money(picoUSD: input), output: Money(picoUSD: output))))
}

func deployment(
  _ name: String, host: String = "https://example.com", model: String = "m", key: String? = "k", price: Price? = .free,
  context: Int? = nil
) throws -> Deployment {
  Deployment(
    name: name,
    endpoint: Endpoint(
      provider: "openai_like", base: try HTTPURL(host + "/v1"),
      credential: key.flatMap(Secret.init).map(Credential.key) ?? .none),
    model: model, configuredPrice: price, contextTokens: context)
}

/// A router whose waits are noted instead of waited for.
func makeRouter(
  _ deployments: [Deployment], defaultModel: String? = nil, _ providers: [String: ScriptedProvider],
  waits: Mutexed<[Duration]> = Mutexed([])
) -> ModelRouter {
  var environment = ModelRouter.Environment(transport: NoTransport())
  environment.sleep = { wait in waits.change { $0.append(wait) } }
  environment.jitter = { 0 }
  environment.provider = { providers[$0.endpoint.base.host] ?? ScriptedProvider([]) }
  return ModelRouter(
    deployments: deployments, defaultModel: defaultModel, policy: RetryPolicy(), environment: environment)
}

final class Mutexed<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>
  init(_ value: Value) { mutex = Mutex(value) }
  var value: Value { mutex.withLock { $0 } }
  func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}

struct NoTransport: HTTPTransport {
  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse { throw .connect("no transport") }
}

/// What a route gave.
struct Outcome {
  var text = ""
  var report: RouteReport?
  var error: RouteError?
}

func run(_ router: ModelRouter, _ request: RoutedRequest) async -> Outcome {
  var outcome = Outcome()
  do throws(RouteError) {
    for try await event in router.stream(request) {
      switch event {
      case .text(let text): outcome.text += text
      case .finished(let report): outcome.report = report
      default: break
      }
    }
  } catch {
    outcome.error = error
  }
  return outcome
}

func ask(_ model: String? = nil, input: Int = 10, output: Int? = nil, limit: RequestLimit = RequestLimit())
  -> RoutedRequest
{
  RoutedRequest(
    model: model, messages: [ChatMessage(.user, "?")], estimatedInputTokens: input, maxOutputTokens: output,
    limit: limit)
}
