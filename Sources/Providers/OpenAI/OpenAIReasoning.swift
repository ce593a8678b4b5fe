extension ChatRequest.Reasoning {
  /// The common word for it; `nil` when the model decides. Budgets become words by the sizes that providers give the
  /// words themselves.
  var effort: ChatRequest.Effort? {
    switch self {
    case .effort(let effort): effort
    case .budget(...0): ChatRequest.Effort.none
    case .budget(...1024): .low
    case .budget(...8192): .medium
    case .budget: .high
    case .adaptive: nil
    }
  }
}

extension ChatRequest.Effort {
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The one of `known`, in ascending order, that comes closest: itself, else the next one above, else the highest.
  /// Not to think at all has no neighbour but itself and what thinks least.
  func nearest(of known: [Self]) -> Self? { known.first { $0.rank >= rank } ?? known.last }

  /// The words that a model of OpenAI's knows; none when it is known not to think.
  static func known(to traits: ModelTraits) -> [Self] {
    guard traits.isKnown else { return allCases }
    guard traits.has("think") else { return [] }
    var words: [Self] = []
    if traits.has("noneEff") { words.append(.none) }
    if traits.has("minimal") { words.append(.minimal) }
    words += [.low, .medium, .high]
    if traits.has("xhigh") { words.append(.xhigh) }
    if traits.has("max") { words.append(.max) }
    return words
  }

  /// The words that servers other than OpenAI's are likely to know.
  static let common: [Self] = [.none, .low, .medium, .high]
}

extension OpenAIQuirks {
  /// The members of a body that say how much to think. `isOfficial` when the server knows all of OpenAI's words.
  func members(for reasoning: ChatRequest.Reasoning, _ traits: ModelTraits, isOfficial: Bool) -> [String: JSONTree] {
    let effort = reasoning.effort
    switch self.reasoning {
    case .effort:
      let known = isOfficial || address == .azure ? ChatRequest.Effort.known(to: traits) : ChatRequest.Effort.common
      guard let word = effort?.nearest(of: known) else { return [:] }
      return ["reasoning_effort": .string(word.rawValue)]
    case .only(let known):
      guard let word = effort?.nearest(of: known) else { return [:] }
      return ["reasoning_effort": .string(word.rawValue)]
    case .toggle(let known):
      var members: [String: JSONTree] = [
        "thinking": .object(["type": .string(effort == ChatRequest.Effort.none ? "disabled" : "enabled")])
      ]
      if let effort, effort != .none, let word = effort.nearest(of: known) {
        members["reasoning_effort"] = .string(word.rawValue)
      }
      return members
    case .object:
      switch reasoning {
      case .budget(let tokens) where tokens > 0:
        return ["reasoning": .object(["max_tokens": .integer(tokens)])]
      case .adaptive: return ["reasoning": .object(["enabled": .bool(true)])]
      case .effort, .budget: break
      }
      return ["reasoning": .object(["effort": .string((effort ?? .medium).rawValue)])]
    case .template:
      var arguments: [String: JSONTree] = ["enable_thinking": .bool(effort != ChatRequest.Effort.none)]
      if let effort, effort != .none, let word = effort.nearest(of: [.low, .medium, .high]) {
        arguments["reasoning_effort"] = .string(word.rawValue)
      }
      return ["chat_template_kwargs": .object(arguments)]
    }
  }
}
