/// Our own section, `cicerone`: all optional, so that layers can be laid over each other.
public struct CiceroneSettings: Sendable, Hashable {
  /// What a model is asked for.
  public enum TaskName: String, Sendable, Hashable, CaseIterable {
    /// A question.
    case ask
    /// A place in the code.
    case explain
    /// A summary shown on hovering.
    case hoverSummary = "hover-summary"
    /// Searching with better words.
    case rewriteQuery = "rewrite-query"
    /// A long text in fewer words.
    case summarise
  }

  /// How a task is done.
  public struct TaskSettings: Sendable, Hashable {
    /// A group of models, an alias, or `auto`.
    public var model: Located<String>?
    /// `max_usd`: the most it may cost, as decimal text.
    public var maxUSD: String?
    /// `max_output_tokens`.
    public var maxOutputTokens: Int?
    /// `reasoning_effort`.
    public var reasoningEffort: String?

    /// Nothing set.
    public init() {}
  }

  /// `embedding`: what passages are embedded with, instead of the model inside the binary.
  public struct Embedding: Sendable, Hashable {
    /// A name of `model_list`, or `provider/model`.
    public var model: Located<String>?
    /// Dimensions to ask for.
    public var dimensions: Int?
    /// `max_usd`: the most that embedding a workspace may cost, as decimal text.
    public var maxUSD: String?

    /// Nothing set.
    public init() {}
  }

  /// `rerank`: what orders passages anew after our own ranking.
  public struct Rerank: Sendable, Hashable {
    /// A name of `model_list`, or `provider/model`.
    public var model: Located<String>?
    /// How many passages it is given.
    public var candidates: Int?
    /// Seconds after which our own order stays.
    public var timeout: Double?
    /// `max_usd`: the most that reranking may cost while the program runs, as decimal text.
    public var maxUSD: String?

    /// Nothing set.
    public init() {}
  }

  /// `hedging`: a second request when the first one is late.
  public struct Hedging: Sendable, Hashable {
    /// Whether.
    public var enabled: Bool?
    /// How late: later than this share of earlier requests; over 0, under 1.
    public var quantile: Double?
    /// Seconds after which it is sent in any case.
    public var maxDelay: Double?

    /// Nothing set.
    public init() {}
  }

  /// `model`: asked when a request names none.
  public var model: Located<String>?
  /// `token_budget`: tokens of context to send with a question.
  public var tokenBudget: Int?
  /// `max_usd_per_request`, as decimal text so that it stays exact.
  public var maxUSDPerRequest: String?
  /// `reasoning_effort`, where neither task nor deployment says.
  public var reasoningEffort: String?
  /// `prompt_caching`: whether prompts are marked for the provider's cache.
  public var promptCaching: Bool?
  /// `continue_on_other_model`: whether a stream that breaks may be continued by another model.
  public var continueOnOtherModel: Bool?
  /// `tasks`.
  public var tasks: [TaskName: TaskSettings] = [:]
  /// `embedding`.
  public var embedding: Embedding?
  /// `rerank`.
  public var rerank: Rerank?
  /// `hedging`.
  public var hedging: Hedging?
  /// Where each is written, by its key below the section (`token_budget`, `tasks.ask.model`).
  public var positions: [String: SourcePosition] = [:]

  /// Nothing set.
  public init() {}
}
