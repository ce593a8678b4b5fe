import HTTPTransport
import Ledger
import Providers
import Synchronization

@testable import Router

/// Holds calls until it is opened, or they are cancelled.
final class Gate: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func open() { continuation.finish() }
  func wait() async { for await _ in stream {} }
}

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
    /// Does as the next script says when it is let go.
    indirect case held(Gate, Script)
  }

  private let scripts: Mutex<ArraySlice<Script>>
  private let seen = Mutex<[ChatRequest]>([])

  init(_ scripts: [Script]) { self.scripts = Mutex(scripts[...]) }

  var requests: [ChatRequest] { seen.withLock { $0 } }

  func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream {
    seen.withLock { $0.append(request) }
    var script = scripts.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    while case .held(let gate, let next)? = script {
      await gate.wait()
      if Task.isCancelled { throw failure(.cancelled, mayBeCharged: true) }
      script = next
    }
    let events: [ChatEvent]
    var end: ProviderError?
    var hangs = false
    switch script {
    case nil, .held: throw failure(.server)
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
  context: Int? = nil, routing: RoutingParameters = RoutingParameters()
) throws -> Deployment {
  var deployment = Deployment(
    name: name,
    endpoint: Endpoint(
      provider: "openai_like", base: try HTTPURL(host + "/v1"),
      credential: key.flatMap(Secret.init).map(Credential.key) ?? .none),
    model: model, configuredPrice: price, contextTokens: context)
  deployment.routing = routing
  return deployment
}

/// A router whose waits are noted instead of waited for: with a virtual clock they pass in no time.
func makeRouter(
  _ deployments: [Deployment], defaultModel: String? = nil, _ providers: [String: ScriptedProvider],
  policy: RoutingPolicy = RoutingPolicy(), clock: VirtualClock = VirtualClock(),
  waits: Mutexed<[Duration]> = Mutexed([]),
  random: @escaping @Sendable () -> Double = { 0 }, observer: (@Sendable (RouteEvent) -> Void)? = nil
) -> ModelRouter {
  var environment = ModelRouter.Environment(transport: NoTransport())
  environment.sleep = { wait in
    waits.change { $0.append(wait) }
    clock.advance(by: wait)
  }
  environment.jitter = { 0 }
  environment.random = random
  environment.provider = { providers[$0.endpoint.base.host] ?? ScriptedProvider([]) }
  return ModelRouter(
    deployments: deployments, defaultModel: defaultModel, policy: policy, environment: environment,
    state: RouterState(clock: clock.clock), observer: observer)
}

/// A clock that tests move.
final class VirtualClock: Sendable {
  private struct State {
    var now = Duration.zero
    var next = 0
    var sleepers: [Int: (until: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
    var cancelled: Set<Int> = []
  }

  private let state = Mutex(State())

  var now: Duration { state.withLock { $0.now } }
  /// How many sleep on it.
  var sleepers: Int { state.withLock { $0.sleepers.count } }

  var clock: RouterClock {
    RouterClock(now: { self.now }, sleep: { try await self.sleep($0) })
  }

  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now += max(.zero, duration)
      let due = state.sleepers.filter { $0.value.until <= state.now }
      for key in due.keys { state.sleepers[key] = nil }
      return due.values.sorted { $0.until < $1.until }.map(\.continuation)
    }
    for continuation in due { continuation.resume() }
  }

  private func sleep(_ duration: Duration) async throws {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result: Result<Void, any Error>? = state.withLock { state in
          if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
          guard duration > .zero else { return .success(()) }
          state.sleepers[id] = (state.now + duration, continuation)
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        let sleeper = state.sleepers.removeValue(forKey: id)
        if sleeper == nil { state.cancelled.insert(id) }
        return sleeper?.continuation
      }
      continuation?.resume(throwing: CancellationError())
    }
  }
}

/// Lets other tasks run until something holds.
func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<20_000 {
    if condition() { return true }
    await Task.yield()
    try? await Task.sleep(for: .microseconds(200))
  }
  return condition()
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

func ask(
  _ model: String? = nil, input: Int = 10, output: Int? = nil, limit: RequestLimit = RequestLimit(),
  tags: [String] = [], allowsContinuation: Bool = false
) -> RoutedRequest {
  RoutedRequest(
    model: model, messages: [ChatMessage(.user, "?")], estimatedInputTokens: input, maxOutputTokens: output,
    limit: limit, tags: tags, allowsContinuation: allowsContinuation)
}
