/// How much a Claude model is told to think, in the members that Anthropic's API and Bedrock share.
struct ClaudeThinking: Equatable, Sendable {
  /// `thinking`.
  enum Mode: Equatable, Sendable {
    /// As much as the model finds right.
    case adaptive
    /// At most so many tokens.
    case enabled(budget: Int)
    /// Not at all.
    case disabled
  }

  /// What is said of thinking; the model's habit when `nil`.
  var mode: Mode?
  /// What is said of effort: `low` to `max`.
  var effort: String?

  /// The smallest budget that is accepted, in tokens.
  static let minimumBudget = 1024

  /// What `request` asks for, as far as the model can: `maxTokens` is the limit of the whole output, which the thinking
  /// must stay below. `assumesNewest` says what a model can that the catalogue does not know: think as it finds right, or
  /// by a budget, as earlier ones do.
  init(_ request: ChatRequest, maxTokens: Int, assumesNewest: Bool) {
    guard let reasoning = request.reasoning else { return }
    let traits = request.traits
    let thinks = !traits.isKnown || traits.has("think")
    guard thinks else { return }
    let isAdaptive = traits.isKnown ? traits.has("adaptive") : assumesNewest
    switch reasoning {
    case .effort(.none): refuse(traits, isAdaptive)
    case .budget(let tokens) where tokens <= 0: refuse(traits, isAdaptive)
    case .effort(let effort):
      if isAdaptive {
        mode = .adaptive
        self.effort = Self.word(effort, traits)
      } else {
        mode = Self.enabled(budget: Self.budget(effort), maxTokens)
      }
    case .budget(let tokens):
      // Models that decide for themselves refuse budgets: the nearest effort says the same.
      if isAdaptive {
        mode = .adaptive
        effort = tokens < 2048 ? "low" : tokens < 8192 ? "medium" : "high"
      } else {
        mode = Self.enabled(budget: tokens, maxTokens)
      }
    case .adaptive: mode = isAdaptive ? .adaptive : Self.enabled(budget: Self.budget(.medium), maxTokens)
    }
  }

  /// Whether the model thinks in this request, so that it takes no temperature.
  var isThinking: Bool { mode != nil && mode != .disabled }

  /// The members of the request.
  var members: [String: JSONTree] {
    var members: [String: JSONTree] = [:]
    switch mode {
    case nil: break
    case .adaptive: members["thinking"] = .object(["type": .string("adaptive")])
    case .enabled(let budget):
      members["thinking"] = .object(["type": .string("enabled"), "budget_tokens": .integer(budget)])
    case .disabled: members["thinking"] = .object(["type": .string("disabled")])
    }
    if let effort { members["output_config"] = .object(["effort": .string(effort)]) }
    return members
  }

  private mutating func refuse(_ traits: ModelTraits, _ isAdaptive: Bool) {
    guard traits.has("alwaysThink") else {
      mode = .disabled
      return
    }
    if isAdaptive { effort = "low" }
  }

  /// A budget within the limits; `nil` when the output is too short for any. A quarter is left for the answer.
  private static func enabled(budget: Int, _ maxTokens: Int) -> Mode? {
    guard maxTokens > minimumBudget else { return nil }
    return .enabled(budget: max(minimumBudget, min(budget, maxTokens / 4 * 3)))
  }

  /// The word that the model knows for it, never more than was asked for.
  private static func word(_ effort: ChatRequest.Effort, _ traits: ModelTraits) -> String {
    switch effort {
    case .none, .minimal, .low: "low"
    case .medium: "medium"
    case .high: "high"
    case .xhigh: traits.has("xhigh") ? "xhigh" : "high"
    case .max: traits.has("max") ? "max" : traits.has("xhigh") ? "xhigh" : "high"
    }
  }

  /// The budget in tokens that stands for an effort.
  private static func budget(_ effort: ChatRequest.Effort) -> Int {
    switch effort {
    case .none, .minimal, .low: 1024
    case .medium: 2048
    case .high: 4096
    case .xhigh: 8192
    case .max: 16384
    }
  }
}
