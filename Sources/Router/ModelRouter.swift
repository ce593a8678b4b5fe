public import HTTPTransport
import Ledger
public import Providers

/// Chooses among deployments, keeps requests within their limit, and streams the answer.
public struct ModelRouter: Sendable {
  /// What tests put in place of the world.
  public struct Environment: Sendable {
    /// Waits.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 to 1.
    public var jitter: @Sendable () -> Double
    /// Who answers for a deployment.
    public var provider: @Sendable (Deployment) -> any ChatProvider

    /// The world, over `transport`.
    public init(transport: any HTTPTransport) {
      sleep = { try await Task.sleep(for: $0) }
      jitter = { Double.random(in: 0...1) }
      provider = { $0.provider(transport: transport) }
    }
  }

  /// In order of preference.
  public let deployments: [Deployment]
  /// The model asked when a request names none.
  public let defaultModel: String?
  /// How patient it is.
  public let policy: RetryPolicy
  let environment: Environment

  /// Makes a router over `transport`.
  public init(
    deployments: [Deployment], defaultModel: String? = nil, transport: any HTTPTransport,
    policy: RetryPolicy = RetryPolicy()
  ) {
    self.init(
      deployments: deployments, defaultModel: defaultModel, policy: policy,
      environment: Environment(transport: transport))
  }

  /// Makes a router in an environment of its own.
  public init(deployments: [Deployment], defaultModel: String? = nil, policy: RetryPolicy, environment: Environment) {
    self.deployments = deployments
    self.defaultModel = defaultModel
    self.policy = policy
    self.environment = environment
  }

  /// The deployments for a name, in order: those so named, or those whose model is so named. Without a name those of
  /// the default model, or all.
  public func deployments(for model: String?) -> [Deployment] {
    guard let model = model ?? defaultModel else { return deployments }
    let named = deployments.filter { $0.name == model }
    return named.isEmpty ? deployments.filter { $0.model == model } : named
  }

  /// Where `request` would go first, and what it could cost at most; sends nothing.
  public func plan(_ request: RoutedRequest) -> (deployment: Deployment, admission: Admission)? {
    let all = deployments(for: request.model).map { ($0, admission(request, $0, left: request.limit)) }
    let first = all.first { if case .admitted = $0.1 { true } else { false } }
    return (first ?? all.first).map { (deployment: $0.0, admission: $0.1) }
  }

  /// Answers `request`. Nothing is sent before the first event is asked for.
  ///
  /// Iterating throws ``RouteError`` when there is no answer. Once a delta was delivered there is no other deployment
  /// and no error: the last event then carries the interruption. Cancelling the task closes the connection and throws.
  public func stream(_ request: RoutedRequest) -> RoutedStream {
    RoutedStream(run: RouteRun(self, request))
  }

  func admission(_ request: RoutedRequest, _ deployment: Deployment, left: RequestLimit) -> Admission {
    .decide(
      deployment, input: request.estimatedInputTokens,
      wanted: request.maxOutputTokens ?? deployment.defaultMaxOutputTokens ?? policy.defaultMaxOutputTokens,
      minimum: policy.minimumOutputTokens, left: left)
  }
}

/// The events of a route, for one reader.
public struct RoutedStream: AsyncSequence, Sendable {
  /// One event.
  public typealias Element = RoutedEvent

  let run: RouteRun

  /// The next event; `nil` at the end.
  public func next() async throws(RouteError) -> RoutedEvent? { try await run.next() }

  /// Reads the events.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let run: RouteRun

    /// The next event.
    public mutating func next() async throws(RouteError) -> RoutedEvent? { try await run.next() }

    /// The next event, on behalf of `actor`.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(RouteError) -> RoutedEvent? {
      try await run.next()
    }
  }

  /// The reader; make one only.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(run: run) }
}
