/// In what a server's dialect of OpenAI's format differs from the common tongue. One value for each provider, in its
/// definition: neither requests nor decoders ask for a provider's name.
public struct OpenAIQuirks: Sendable, Hashable {
  /// Where methods are, and in which header the key is shown.
  public enum Address: Sendable, Hashable {
    /// Below the base; `Authorization: Bearer`.
    case plain
    /// Azure OpenAI: below the deployment or below `/openai/v1`; `api-key`.
    case azure
    /// Azure AI Foundry: below `/models` at its own hosts; `api-key` there, else `Authorization: Bearer`.
    case azureAI
  }

  /// How a request says how much to think.
  public enum ReasoningWords: Sendable, Hashable {
    /// `reasoning_effort`, in OpenAI's words.
    case effort
    /// `reasoning_effort`, in these words only, in ascending order.
    case only([ChatRequest.Effort])
    /// `thinking: {type}` to switch, `reasoning_effort` in these words for how much.
    case toggle([ChatRequest.Effort])
    /// `reasoning: {effort}` or `{max_tokens}`.
    case object
    /// `chat_template_kwargs`: the template of an open model knows what to do.
    case template
  }

  /// Where an answer says what it cost.
  public enum CostReport: Sendable, Hashable {
    /// `usage.cost` in US dollars, a number or an object with `total_cost`.
    case usage
    /// `usage.cost_in_usd_ticks`, of which ten thousand million are a dollar.
    case ticks
    /// `usage.cost`, or the header `x-litellm-response-cost`.
    case usageOrHeader
  }

  /// Where methods are.
  public var address = Address.plain
  /// What `seed` is called; `nil` where there is none.
  public var seedName: String? = "seed"
  /// Whether usage comes in a stream only when `stream_options` asks for it.
  public var asksForUsage = true
  /// How a request says how much to think.
  public var reasoning = ReasoningWords.effort
  /// Whether reasoning may be counted beside the completion instead of in it: the total then tells.
  public var countsReasoningBeside = false
  /// Where an answer says what it cost, if the server can be believed to know.
  public var cost: CostReport?
  /// The most texts in `stop`.
  public var maxStopTexts = 4
  /// Put before a model's name that has no slash: `accounts/fireworks/models/`.
  public var modelPrefix: String?

  /// Makes quirks; without arguments there are none.
  public init(
    address: Address = .plain, seedName: String? = "seed", asksForUsage: Bool = true,
    reasoning: ReasoningWords = .effort, countsReasoningBeside: Bool = false, cost: CostReport? = nil,
    maxStopTexts: Int = 4, modelPrefix: String? = nil
  ) {
    self.address = address
    self.seedName = seedName
    self.asksForUsage = asksForUsage
    self.reasoning = reasoning
    self.countsReasoningBeside = countsReasoningBeside
    self.cost = cost
    self.maxStopTexts = maxStopTexts
    self.modelPrefix = modelPrefix
  }

  /// The name to send for a model as entries name it.
  func modelName(_ model: String) -> String {
    guard let modelPrefix, !model.contains("/") else { return model }
    return modelPrefix + model
  }
}
