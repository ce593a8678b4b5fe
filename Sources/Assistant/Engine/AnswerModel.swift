public import Providers
public import Router

/// What the engine asks of a model: the seam between answering and routing.
public protocol AnswerModel: Sendable {
  /// The models that can be asked, in the order in which they are tried. May look for servers on loopback.
  func models() async -> [ModelStatus]

  /// What is known of the models: prices, limits, health.
  func descriptions() async -> ModelsResult

  /// Whether a request may name this model.
  func knows(_ model: String) async -> Bool

  /// How many tokens of input and output together the model takes; nil where that is not known.
  func contextLimit(_ model: String?) async -> Int?

  /// Streams an answer. `onText` is called in order, never concurrently, and never after this returns.
  ///
  /// - Throws: `EngineError`; when text was given already, the error comes back in the reply's `interruption` instead.
  func answer(_ prompt: ModelPrompt, onText: @escaping @Sendable (String) async -> Void) async throws(EngineError)
    -> ModelReply
}

extension AnswerModel {
  /// The models by name, for those of which nothing more is known.
  public func descriptions() async -> ModelsResult {
    ModelsResult(
      strategy: "simple-shuffle", defaultModel: nil, tasks: [:],
      models: await models().map {
        ModelDescription(
          name: $0.name, provider: $0.provider, model: $0.name, endpoint: $0.endpoint, isLocal: true,
          hasCredential: false, price: nil, priceSource: "none")
      })
  }

  /// Whether one of `models()` has this name.
  public func knows(_ model: String) async -> Bool { await models().contains { $0.name == model } }
}

/// What a model is asked.
public struct ModelPrompt: Sendable {
  /// The messages, oldest first.
  public var messages: [ChatMessage]
  /// The model by name; nil for the first that can be asked.
  public var model: String?
  /// Tokens of the answer at most.
  public var maxOutputTokens: Int
  /// What the request may cost.
  public var budget: RequestBudget?
  /// What it is for.
  public var task = ModelTask.ask
  /// How hard it is, 0...1: what `auto` goes by.
  public var difficulty = 0.5
  /// Deployments must have one of these tags, where the configuration has tags.
  public var tags: [String] = []

  /// Makes a prompt.
  public init(messages: [ChatMessage], model: String?, maxOutputTokens: Int, budget: RequestBudget?) {
    self.messages = messages
    self.model = model
    self.maxOutputTokens = maxOutputTokens
    self.budget = budget
  }
}

/// What a model replied.
public struct ModelReply: Sendable {
  /// The model that answered.
  public var model: String
  /// Tokens used.
  public var usage: UsageSummary
  /// What it cost.
  public var cost: CostSummary
  /// Why the text ended.
  public var finishReason: FinishReason
  /// Why the text ended before it was complete, where it did.
  public var interruption: EngineError?
  /// How the model was chosen and what was tried.
  public var route: RouteSummary?
  /// What has to be said where the answer is not quite what was asked for.
  public var note: String?
  /// Whether the route led to the offline answerer, which is still to answer.
  public var isExtractive = false

  /// Makes a reply.
  public init(
    model: String, usage: UsageSummary, cost: CostSummary, finishReason: FinishReason,
    interruption: EngineError? = nil, route: RouteSummary? = nil
  ) {
    self.model = model
    self.route = route
    self.usage = usage
    self.cost = cost
    self.finishReason = finishReason
    self.interruption = interruption
  }
}
