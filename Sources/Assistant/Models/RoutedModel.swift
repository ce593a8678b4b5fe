public import Configuration
public import HTTPTransport
internal import Ledger
internal import Providers
public import Router
internal import Workspace

/// Asks models through the router. What there is to ask is found out at the first need, not at the start: most of what
/// the engine does needs no model.
public actor RoutedModel: AnswerModel {
  private var configuration: Configuration
  private let environment: [String: String]
  private let transport: any HTTPTransport
  private var limit: SpendLimit
  private let warn: @Sendable (String) -> Void
  private let observer: (@Sendable (RouteEvent) -> Void)?
  /// Outlives routers: what was learnt of a deployment is not forgotten when servers are looked for again.
  private let state = RouterState()
  private let calibrations: CalibrationStore
  private var setup: Task<ModelRouter, Never>?
  private var lookedAt: ContinuousClock.Instant?
  /// Counts the configurations that were applied.
  private var generation = 0
  /// Routers with deployments that came of wildcards, the newest last.
  private var expansions: [(name: String, router: ModelRouter)] = []

  /// How many of these are kept: names are whatever is asked for.
  private static let maxExpansions = 16
  /// The longest name that a wildcard stands for, in bytes.
  private static let longestName = 256

  /// How long after nothing was found servers on loopback are looked for again.
  private let patience = Duration.seconds(15)

  /// Makes a model.
  ///
  /// - Parameters:
  ///   - limit: what a request may cost at most.
  ///   - calibrationPath: the file that keeps what is learned of models' tokens; nil for none.
  ///   - observer: told of everything that happens on routes, from any thread.
  ///   - warn: told once of what in the configuration is not used.
  public init(
    configuration: Configuration, environment: [String: String], transport: any HTTPTransport, limit: SpendLimit,
    calibrationPath: String? = nil, observer: (@Sendable (RouteEvent) -> Void)? = nil,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.configuration = configuration
    self.environment = environment
    self.transport = transport
    self.limit = limit
    self.observer = observer
    calibrations = CalibrationStore(path: calibrationPath)
    self.warn = warn
  }

  /// Puts another configuration in place; requests under way go on as they began.
  public func apply(_ configuration: Configuration, limit: SpendLimit) {
    self.configuration = configuration
    self.limit = limit
    setup = nil
    lookedAt = nil
    expansions = []
    generation += 1
  }

  /// The deployments of the configuration, or those that were discovered.
  public func models() async -> [ModelStatus] {
    await router().snapshot().deployments.map { item in
      let description = ModelDescription(item)
      return ModelStatus(
        name: description.name, provider: description.provider, endpoint: description.endpoint,
        state: description.health.state)
    }
  }

  /// The same with prices, limits and health.
  public func descriptions() async -> ModelsResult {
    let router = await router()
    let settings = configuration.settings
    let tasks = ModelTask.allCases.compactMap { task in
      settings.tasks[task.settingsName]?.model.map { (task.rawValue, $0.value) }
    }
    return ModelsResult(
      strategy: (router.policy.strategy ?? .simpleShuffle).rawValue, defaultModel: router.defaultModel,
      tasks: Dictionary(uniqueKeysWithValues: tasks),
      models: router.snapshot().deployments.map { ModelDescription($0) })
  }

  /// The same, after asking the servers whether they are there: those on this machine, and with `hosted` all. Costs
  /// nothing.
  public func probed(hosted: Bool) async -> ModelsResult {
    var result = await descriptions()
    let deployments = await router().deployments
    let probe = DeploymentProbe(transport: transport, timeout: .seconds(hosted ? 5 : 1))
    await withTaskGroup(of: (Int, ProviderError?).self) { group in
      for (index, deployment) in deployments.enumerated() where hosted || deployment.isLocal {
        group.addTask { (index, await probe.trouble(deployment)) }
      }
      for await (index, trouble) in group where result.models.indices.contains(index) {
        guard result.models[index].health.state == "unused" else { continue }
        result.models[index].health.state = trouble == nil ? "healthy" : "unreachable"
        result.models[index].health.reason = trouble.map { "\($0.kind.rawValue): \($0.message)" }
      }
    }
    return result
  }

  /// Whether a deployment has this name, or answers with this model.
  public func knows(_ model: String) async -> Bool {
    let router = await router(for: model)
    return model == ModelChoice.auto ? !router.deployments.isEmpty : !router.deployments(for: model).isEmpty
  }

  /// The window of the deployment that is tried first: what fits there is what should be packed. With `auto` that of
  /// the widest one, since narrow ones are not chosen then.
  public func contextLimit(_ model: String?) async -> Int? {
    let router = await router()
    let name = model ?? ModelChoice.configured(.ask, configuration.settings)?.name
    if let name, name != ModelChoice.auto {
      return await self.router(for: name).deployments(for: name).first?.contextTokens
    }
    if name == ModelChoice.auto {
      let windows = router.deployments.map(\.contextTokens)
      return windows.contains(nil) ? nil : windows.compactMap(\.self).max()
    }
    return router.deployments.first?.contextTokens
  }

  /// Streams an answer; secrets in the prompt are replaced by placeholders before it leaves.
  public func answer(
    _ prompt: ModelPrompt, onText: @escaping @Sendable (String) async -> Void
  ) async throws(EngineError) -> ModelReply {
    let router = await router(for: prompt.model)
    let messages = prompt.messages.map { message in
      ChatMessage(
        message.role, SecretScanner.redact(message.text).text, endsCachedPrefix: message.endsCachedPrefix)
    }
    let limit = try requestLimit(prompt)
    let tokens = PromptTokens(messages, calibration: await calibrations.current())
    var tried: Set<String> = []
    var before = RouteReport()
    var failure: EngineError?
    while true {
      let choice = choose(prompt, tokens, router, limit: limit.less(before), without: tried)
      if choice.isAutomatic, choice.name == nil {
        if var failure {
          failure.spentUSD = before.cost.usd
          failure.route = RouteSummary(choice.reason, before)
          throw failure
        }
        var error = EngineError(
          tried.isEmpty ? .budget : .provider, "No model can be asked: \(choice.reason).",
          hint: "Name a model, raise the limit, or send less context.")
        error.spentUSD = before.cost.usd
        throw error
      }
      let request = request(prompt, messages, tokens, model: choice.name, limit: limit.less(before))
      var expected = Money.zero
      if case .admitted(_, let reserved)? = router.plan(request)?.admission { expected = reserved }
      do {
        var report = RouteReport()
        for try await event in router.stream(request) {
          switch event {
          case .text(let text), .refusal(let text): await onText(text)
          case .reasoning, .toolCall: continue
          case .finished(let last): report = last
          }
        }
        await learn(report, tokens)
        report.attempts = before.attempts + report.attempts
        report.answered = report.answered.map { $0 + before.attempts.count }
        report.cost = (try? report.cost.adding(before.cost)) ?? report.cost
        return reply(prompt, choice, report, expected: expected, limit: limit)
      } catch {
        before.attempts += error.report.attempts
        before.cost = (try? before.cost.adding(error.report.cost)) ?? Money(picoUSD: .max)
        // Nothing was shown yet. What is wrong with the request is wrong with it everywhere.
        guard choice.isAutomatic, let name = choice.name, error.kind != .cancelled, error.cause?.kind != .badRequest,
          error.cause?.kind != .contentPolicy
        else {
          var failure = RoutedModel.engineError(error)
          failure.spentUSD = before.cost.usd
          failure.route = RouteSummary(choice.reason, before)
          throw failure
        }
        failure = RoutedModel.engineError(error)
        tried.insert(name)
      }
    }
  }

  /// Decides which group a prompt goes to.
  private func choose(
    _ prompt: ModelPrompt, _ tokens: PromptTokens, _ router: ModelRouter, limit: RequestLimit,
    without tried: Set<String>
  ) -> ModelChoice {
    let configured = ModelChoice.configured(prompt.task, configuration.settings)
    let wanted = prompt.model.map { (name: $0, reason: "named by the request") } ?? configured
    guard let wanted else { return ModelChoice(name: nil, reason: "the first that can be asked") }
    guard wanted.name == ModelChoice.auto else { return ModelChoice(name: wanted.name, reason: wanted.reason) }
    let job = ModelSelector.Job(
      task: prompt.task, difficulty: prompt.difficulty, outputTokens: prompt.maxOutputTokens, budget: limit.maxUSD,
      inputSize: tokens.size)
    let choice = ModelSelector.choose(job, among: router.candidates(without: tried))
    let passedOver = choice.passedOver.prefix(5).map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
    return ModelChoice(
      name: choice.name, reason: "auto: " + choice.reason + (passedOver.isEmpty ? "" : "; not \(passedOver)"),
      isAutomatic: true)
  }

  private func request(
    _ prompt: ModelPrompt, _ messages: [ChatMessage], _ tokens: PromptTokens, model: String?, limit: RequestLimit
  ) -> RoutedRequest {
    let task = configuration.settings.tasks[prompt.task.settingsName]
    var request = RoutedRequest(
      model: model, messages: messages, estimatedInputTokens: 0,
      maxOutputTokens: min(prompt.maxOutputTokens, task?.maxOutputTokens ?? prompt.maxOutputTokens), limit: limit,
      tags: prompt.tags, task: prompt.task,
      reasoning: task?.reasoningEffort.flatMap(ChatRequest.Effort.init(rawValue:)).map(ChatRequest.Reasoning.effort),
      allowsContinuation: configuration.settings.continueOnOtherModel ?? false)
    request.inputSize = tokens.size
    return request
  }

  /// Compares what the provider reported with what was counted. An answer in parts had more input than was counted.
  private func learn(_ report: RouteReport, _ tokens: PromptTokens) async {
    guard let deployment = report.deployment, let usage = report.usage, usage.provenance == .provider,
      !usage.isSuspect, report.continuations.isEmpty
    else { return }
    await calibrations.learn(
      model: deployment.calibrationKey, counted: tokens.count(for: deployment), reported: usage.totalInput)
  }

  private func reply(
    _ prompt: ModelPrompt, _ choice: ModelChoice, _ report: RouteReport, expected: Money, limit: RequestLimit
  ) -> ModelReply {
    let summary = RouteSummary(choice.reason, report)
    var reply = ModelReply(
      model: report.deployment?.name ?? choice.name ?? "", usage: UsageSummary(report.usage),
      cost: CostSummary(
        estimated: expected.usd, actual: report.cost.usd,
        remaining: limit.maxUSD.map { max(0, $0.usd - report.cost.usd) }),
      finishReason: RoutedModel.reason(report.finishReason),
      interruption: report.interruption.map { RoutedModel.engineError($0) }, route: summary)
    if report.deployment?.endpoint.provider == Engine.extractive { reply.isExtractive = true }
    reply.note = RouteSummary.note(report)
    return reply
  }

  /// The router with the deployments that entries with wildcards stand for under this name. These are there for who names
  /// them only, never for `auto` nor for requests that name none.
  private func router(for name: String?) async -> ModelRouter {
    while true {
      let generation = generation
      let router = await router()
      // Another configuration has come meanwhile.
      guard generation == self.generation else { continue }
      guard let name, name != ModelChoice.auto, name.utf8.count <= RoutedModel.longestName,
        router.deployments(for: name).isEmpty
      else { return router }
      if let known = expansions.first(where: { $0.name == name }) { return known.router }
      let more = DeploymentBuilder(environment: environment).deployments(named: name, of: configuration)
      guard !more.isEmpty else { return router }
      let wider = makeRouter(
        router.deployments + more, defaultModel: router.defaultModel, forgetsRefusals: false)
      expansions.append((name, wider))
      if expansions.count > RoutedModel.maxExpansions { expansions.removeFirst() }
      return wider
    }
  }

  private func makeRouter(
    _ deployments: [Deployment], defaultModel: String?, forgetsRefusals: Bool = true
  ) -> ModelRouter {
    ModelRouter(
      deployments: deployments, defaultModel: defaultModel, transport: transport,
      policy: RoutingPolicy(configuration.router, configuration.litellm, configuration.settings), state: state,
      forgetsRefusals: forgetsRefusals, observer: observer)
  }

  private func router() async -> ModelRouter {
    if let setup {
      let router = await setup.value
      // A server may have been started since.
      guard router.deployments.isEmpty, let lookedAt, lookedAt.duration(to: .now) > patience else { return router }
    }
    let (configuration, environment, transport) = (configuration, environment, transport)
    let warn = warn
    let isFirst = setup == nil
    let task = Task {
      let made = await ModelSetup.make(configuration: configuration, environment: environment, transport: transport)
      if isFirst { for warning in made.warnings { warn(warning) } }
      return makeRouter(made.deployments, defaultModel: made.defaultModel)
    }
    setup = task
    lookedAt = .now
    return await task.value
  }

  /// What the request says, as far as the user allows it.
  private func requestLimit(_ prompt: ModelPrompt) throws(EngineError) -> RequestLimit {
    var money = limit.amount
    if let usd = prompt.budget?.maxUSD {
      guard let asked = Money(usd: usd, rounding: .down) else {
        throw EngineError(.invalidParameters, "budget.maxUSD is no amount of money: \(usd)")
      }
      money = limit.isDefault ? asked : min(money, asked)
    }
    if let text = configuration.settings.tasks[prompt.task.settingsName]?.maxUSD,
      let amount = Money(usd: text, rounding: .down)
    {
      money = min(money, amount)
    }
    return RequestLimit(maxUSD: money, maxTokens: prompt.budget?.maxTokens)
  }

  private static func reason(_ reason: Providers.FinishReason?) -> FinishReason {
    switch reason {
    case .length: .length
    case .contentFilter: .contentFilter
    case .stop, .toolCalls, .other: .stop
    case nil: .truncated
    }
  }
}

extension RequestLimit {
  /// What is left after what was already spent.
  fileprivate func less(_ report: RouteReport) -> RequestLimit {
    RequestLimit(
      maxUSD: maxUSD.map { (try? $0.subtracting(report.cost)) ?? .zero },
      maxTokens: maxTokens.map { max(0, $0 - report.attempts.reduce(0) { $0 + $1.tokens }) })
  }
}
