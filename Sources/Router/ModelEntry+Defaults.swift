import Configuration
import Providers

extension ModelEntry {
  /// What requests say where they say nothing themselves.
  func requestDefaults(_ settings: CiceroneSettings) -> Deployment.RequestDefaults {
    var defaults = Deployment.RequestDefaults()
    defaults.maxOutputTokens = maxTokens
    defaults.temperature = temperature
    defaults.topP = topP
    defaults.seed = seed
    defaults.stop = stop
    defaults.cachesPrompt = settings.promptCaching ?? true
    if let effort = (reasoningEffort ?? settings.reasoningEffort).flatMap(ChatRequest.Effort.init(rawValue:)) {
      defaults.reasoning = .effort(effort)
    }
    switch thinking?.mode {
    case .enabled: defaults.reasoning = .budget(thinking?.budgetTokens ?? 1024)
    case .adaptive: defaults.reasoning = .adaptive
    case .disabled: defaults.reasoning = .effort(.none)
    case nil: break
    }
    if let presencePenalty { defaults.extraBody["presence_penalty"] = .number(presencePenalty) }
    if let frequencyPenalty { defaults.extraBody["frequency_penalty"] = .number(frequencyPenalty) }
    for member in extraBody?.members ?? [] { defaults.extraBody[member.key] = JSONTree(member.value) }
    return defaults
  }
}

extension JSONTree {
  /// A setting as JSON.
  init(_ value: SettingValue) {
    switch value.kind {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .integer(let number): self = .integer(number)
    case .number(let number): self = .number(number)
    case .string(let text): self = .string(text)
    case .list(let elements): self = .array(elements.map(JSONTree.init))
    case .mapping(let members):
      self = .object(members.reduce(into: [:]) { $0[$1.key] = JSONTree($1.value) })
    }
  }
}
