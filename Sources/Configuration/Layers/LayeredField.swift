/// A setting that layers may have, and how far a repository may narrow it.
struct LayeredField: Sendable {
  /// What becomes of a repository's value.
  enum Verdict: Equatable {
    case applied
    /// It narrows nothing: what holds is as narrow already.
    case unneeded
    case refused(String)
  }

  /// What a repository's value is measured by.
  struct Context {
    /// The names that may be chosen; `nil` when nothing is configured, so that what is found decides.
    var knownModels: Set<String>?
  }

  let name: String
  /// Lays the value of one over the other; false where there is none.
  let apply: @Sendable (_ from: CiceroneSettings, _ to: inout CiceroneSettings) -> Bool
  /// Lays the value of a repository over the others as far as it narrows; `nil` where there is none.
  let narrow: @Sendable (_ from: CiceroneSettings, _ to: inout CiceroneSettings, Context) -> Verdict?

  private init<Value: Sendable>(
    _ name: String, _ path: SettingPath<CiceroneSettings, Value?>,
    narrows: @escaping @Sendable (_ value: Value, _ current: Value?, Context) -> Verdict
  ) {
    self.name = name
    apply = { from, to in
      guard let value = from[keyPath: path] else { return false }
      to[keyPath: path] = value
      return true
    }
    narrow = { from, to, context in
      guard let value = from[keyPath: path] else { return nil }
      let verdict = narrows(value, to[keyPath: path], context)
      if verdict == .applied { to[keyPath: path] = value }
      return verdict
    }
  }

  static let all: [LayeredField] =
    [
      .model("model", \.model), .lower("token_budget", \.tokenBudget),
      .lowerMoney("max_usd_per_request", \.maxUSDPerRequest), .lowerEffort("reasoning_effort", \.reasoningEffort),
      .off("prompt_caching", \.promptCaching), .off("continue_on_other_model", \.continueOnOtherModel),
      .off("hedging.enabled", \.hedgingValues.enabled), .refused("hedging.quantile", \.hedgingValues.quantile),
      .refused("hedging.max_delay", \.hedgingValues.maxDelay), .refused("embedding", \.embedding),
      .refused("rerank", \.rerank),
    ]
    + CiceroneSettings.TaskName.allCases.flatMap { task -> [LayeredField] in
      let name = "tasks.\(task.rawValue)"
      return [
        .model(name + ".model", \.[task].model), .lowerTaskMoney(name + ".max_usd", task),
        .lower(name + ".max_output_tokens", \.[task].maxOutputTokens),
        .lowerEffort(name + ".reasoning_effort", \.[task].reasoningEffort),
      ]
    }

  // MARK: Rules

  private static func lower(_ name: String, _ path: SettingPath<CiceroneSettings, Int?>) -> LayeredField {
    LayeredField(name, path) { value, current, _ in value < current ?? .max ? .applied : .unneeded }
  }

  private static func lowerMoney(_ name: String, _ path: SettingPath<CiceroneSettings, String?>) -> LayeredField {
    LayeredField(name, path) { value, current, _ in isLower(value, than: current) ? .applied : .unneeded }
  }

  /// A task's limit is measured by that of the task, and by that of all requests.
  private static func lowerTaskMoney(_ name: String, _ task: CiceroneSettings.TaskName) -> LayeredField {
    .lowerMoney(name, \.[task].maxUSD)
  }

  private static func isLower(_ value: String, than current: String?) -> Bool {
    guard let value = Double(value) else { return false }
    guard let current = current.flatMap(Double.init) else { return true }
    return value < current
  }

  private static func off(_ name: String, _ path: SettingPath<CiceroneSettings, Bool?>) -> LayeredField {
    LayeredField(name, path) { value, current, _ in
      if value { return .refused("a repository's file may only switch it off") }
      return current == false ? .unneeded : .applied
    }
  }

  private static func model(_ name: String, _ path: SettingPath<CiceroneSettings, Located<String>?>) -> LayeredField {
    LayeredField(name, path) { value, _, context in
      guard let known = context.knownModels, !known.contains(value.value) else { return .applied }
      return .refused("a repository's file may only choose among the models of the user's configuration")
    }
  }

  private static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

  private static func lowerEffort(_ name: String, _ path: SettingPath<CiceroneSettings, String?>) -> LayeredField {
    LayeredField(name, path) { value, current, _ in
      guard let wanted = efforts.firstIndex(of: value) else { return .refused("it is not known to be less") }
      // Where nothing is set models think as much as they do by themselves, which is about `medium`.
      guard let present = efforts.firstIndex(of: current ?? "medium") else {
        return .refused("it is not known to be less")
      }
      return wanted < present ? .applied : .unneeded
    }
  }

  private static func refused<Value: Sendable>(
    _ name: String, _ path: SettingPath<CiceroneSettings, Value?>
  ) -> LayeredField {
    LayeredField(name, path) { _, _, _ in .refused("a repository's file cannot set it") }
  }
}

extension CiceroneSettings {
  /// The settings of a task, empty where there are none.
  public subscript(task: TaskName) -> TaskSettings {
    get { tasks[task] ?? TaskSettings() }
    set { tasks[task] = newValue }
  }

  /// Hedging, empty where nothing is said of it.
  var hedgingValues: Hedging {
    get { hedging ?? Hedging() }
    set { hedging = newValue }
  }
}
