public import Configuration
public import HTTPTransport
internal import Ledger
internal import Providers
internal import Router
internal import Tokenization
internal import Workspace

/// Asks models through the router. What there is to ask is found out at the first need, not at the start: most of what
/// the engine does needs no model.
public actor RoutedModel: AnswerModel {
  private let configuration: Configuration
  private let environment: [String: String]
  private let transport: any HTTPTransport
  private let limit: SpendLimit
  private let warn: @Sendable (String) -> Void
  private var setup: Task<ModelRouter, Never>?
  private var lookedAt: ContinuousClock.Instant?

  /// How long after nothing was found servers on loopback are looked for again.
  private let patience = Duration.seconds(15)

  /// Makes a model.
  ///
  /// - Parameters:
  ///   - limit: what a request may cost at most.
  ///   - warn: told once of what in the configuration is not used.
  public init(
    configuration: Configuration, environment: [String: String], transport: any HTTPTransport, limit: SpendLimit,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.configuration = configuration
    self.environment = environment
    self.transport = transport
    self.limit = limit
    self.warn = warn
  }

  /// The deployments of the configuration, or those that were discovered.
  public func models() async -> [ModelStatus] {
    await router().deployments.map {
      ModelStatus(name: $0.name, provider: $0.endpoint.provider, endpoint: $0.endpoint.base.description)
    }
  }

  /// Whether a deployment has this name, or answers with this model.
  public func knows(_ model: String) async -> Bool { await !router().deployments(for: model).isEmpty }

  /// The window of the deployment that is tried first.
  public func contextLimit(_ model: String?) async -> Int? {
    // The first that is tried decides: what fits there is what should be packed.
    await router().deployments(for: model).first?.contextTokens
  }

  /// Streams an answer; secrets in the prompt are replaced by placeholders before it leaves.
  public func answer(
    _ prompt: ModelPrompt, onText: @escaping @Sendable (String) async -> Void
  ) async throws(EngineError) -> ModelReply {
    let router = await router()
    let messages = prompt.messages.map { message in
      ChatMessage(message.role, SecretScanner.redact(message.text).text)
    }
    let candidates = router.deployments(for: prompt.model)
    let request = RoutedRequest(
      model: prompt.model, messages: messages,
      estimatedInputTokens: RoutedModel.inputTokens(messages, isFree: candidates.allSatisfy(\.isFree)),
      maxOutputTokens: prompt.maxOutputTokens, limit: try requestLimit(prompt.budget))
    let planned = router.plan(request)
    var expected = Money.zero
    if case .admitted(_, let reserved)? = planned?.admission { expected = reserved }

    var report = RouteReport()
    do {
      for try await event in router.stream(request) {
        switch event {
        case .text(let text), .refusal(let text): await onText(text)
        case .reasoning, .toolCall: continue
        case .finished(let last): report = last
        }
      }
    } catch {
      throw RoutedModel.engineError(error)
    }
    return ModelReply(
      model: report.deployment?.name ?? prompt.model ?? "", usage: RoutedModel.summary(report),
      cost: CostSummary(
        estimated: expected.usd, actual: report.cost.usd,
        remaining: request.limit.maxUSD.map { max(0, $0.usd - report.cost.usd) }),
      finishReason: RoutedModel.reason(report.finishReason),
      interruption: report.interruption.map { RoutedModel.engineError($0) })
  }

  private func router() async -> ModelRouter {
    if let setup {
      let router = await setup.value
      // A server may have been started since.
      guard router.deployments.isEmpty, let lookedAt, lookedAt.duration(to: .now) > patience else { return router }
    }
    let (configuration, environment, transport, warn) = (configuration, environment, transport, warn)
    let isFirst = setup == nil
    let task = Task {
      let made = await ModelSetup.make(configuration: configuration, environment: environment, transport: transport)
      if isFirst { for warning in made.warnings { warn(warning) } }
      return ModelRouter(deployments: made.deployments, defaultModel: made.defaultModel, transport: transport)
    }
    setup = task
    lookedAt = .now
    return await task.value
  }

  /// What the request says, as far as the user allows it.
  private func requestLimit(_ budget: RequestBudget?) throws(EngineError) -> RequestLimit {
    var money = limit.amount
    if let usd = budget?.maxUSD {
      guard let asked = Money(usd: usd, rounding: .down) else {
        throw EngineError(.invalidParameters, "budget.maxUSD is no amount of money: \(usd)")
      }
      money = limit.isDefault ? asked : min(money, asked)
    }
    return RequestLimit(maxUSD: money, maxTokens: budget?.maxTokens)
  }

  /// How many tokens the messages have at most. Where money depends on it, it is a bound that no text exceeds: each
  /// token of a byte-level encoding has at least one byte. Elsewhere the estimate serves, for a bound four times too
  /// high would refuse what fits.
  private static func inputTokens(_ messages: [ChatMessage], isFree: Bool) -> Int {
    messages.reduce(8) { sum, message in
      sum + 8 + (isFree ? TokenEstimate.tokens(in: message.text) : message.text.utf8.count)
    }
  }

  private static func reason(_ reason: Providers.FinishReason?) -> FinishReason {
    switch reason {
    case .length: .length
    case .contentFilter: .contentFilter
    case .stop, .toolCalls, .other: .stop
    case nil: .truncated
    }
  }

  private static func summary(_ report: RouteReport) -> UsageSummary {
    let usage = report.usage
    return UsageSummary(
      input: usage?.input ?? 0, cacheRead: usage?.cacheRead ?? 0,
      cacheWrite: (usage?.cacheWrite5m ?? 0) + (usage?.cacheWrite1h ?? 0), output: usage?.output ?? 0,
      reasoning: usage?.reasoning ?? 0, estimated: usage.map { $0.provenance == .estimated } ?? true)
  }

  private static func engineError(_ error: RouteError) -> EngineError {
    let kind: EngineError.Kind =
      switch error.kind {
      case .noModel: .model
      case .unknownPrice, .budget: .budget
      case .context: .context
      case .cancelled: .cancelled
      case .provider: error.cause.map { engineError($0).kind } ?? .provider
      }
    var result = EngineError(kind, error.message, hint: error.hint)
    if let cause = error.cause {
      let detail = engineError(cause)
      result.retryable = detail.retryable
      result.retryAfterMs = detail.retryAfterMs
      result.provider = detail.provider
    }
    return result
  }

  /// What a failure of a provider is to whoever asked.
  static func engineError(_ error: ProviderError) -> EngineError {
    let kind: EngineError.Kind =
      switch error.kind {
      case .authentication, .permission: .authentication
      case .billing: .budget
      case .rateLimit, .overloaded: .rateLimit
      case .context: .context
      case .cancelled: .cancelled
      case .notFound: .model
      case .contentPolicy, .badRequest, .server, .timeout, .network, .truncated: .provider
      }
    let retryable: Bool =
      switch error.kind {
      case .rateLimit, .overloaded, .server, .timeout, .network, .truncated: true
      default: false
      }
    return EngineError(
      kind, error.message, retryable: retryable,
      retryAfterMs: error.retryAfter.map {
        Int($0.components.seconds) * 1000 + Int($0.components.attoseconds / 1_000_000_000_000_000)
      }, provider: error.provider)
  }
}
