public import Configuration
public import Ledger
import Providers

/// Looks for what is wrong with a configuration beyond its single values: what cannot be asked, is not paid for, leads
/// nowhere, or contradicts itself. Contacts nobody.
public struct ConfigurationCheck: Sendable {
  private let configuration: Configuration
  /// The entries with what became of them.
  private var entries: [(entry: ModelEntry, deployment: Deployment?, isUsable: Bool)] = []
  private var problems: [ConfigurationProblem] = []

  /// All problems of a configuration, those of reading it included, in the order of their places.
  ///
  /// - Parameter environment: the variables of the process.
  public static func problems(
    of configuration: Configuration, environment: [String: String], catalogue: PriceCatalogue = .embedded
  ) -> [ConfigurationProblem] {
    var check = ConfigurationCheck(configuration)
    check.build(DeploymentBuilder(environment: environment, catalogue: catalogue))
    check.checkEntries()
    check.checkGroups()
    check.checkFallbacks()
    check.checkSettings()
    return (configuration.problems + check.problems).enumerated()
      .sorted { left, right in
        if SourcePosition.isOrdered(left.element.position, right.element.position) { return true }
        if SourcePosition.isOrdered(right.element.position, left.element.position) { return false }
        return left.offset < right.offset
      }
      .map(\.element)
  }

  private init(_ configuration: Configuration) { self.configuration = configuration }

  private mutating func add(
    _ message: String, _ position: SourcePosition?, _ severity: ConfigurationProblem.Severity = .warning,
    hint: String? = nil
  ) {
    problems.append(ConfigurationProblem(message, at: position, severity: severity, hint: hint))
  }

  // MARK: Entries

  private mutating func build(_ builder: DeploymentBuilder) {
    for entry in configuration.models {
      var single = Configuration()
      single.models = [entry]
      single.router = configuration.router
      single.litellm = configuration.litellm
      single.settings = configuration.settings
      single.environmentVariables = configuration.environmentVariables
      let built = builder.deployments(of: single)
      problems += built.warnings
      // Embedders and rerankers give no deployment, and are of use all the same.
      entries.append((entry, built.deployments.first, builder.resolve(entry, of: single) { _ in } != nil))
    }
  }

  private mutating func checkEntries() {
    var ids: [String: SourcePosition] = [:]
    for (entry, deployment, _) in entries {
      if let id = entry.info.id, let first = ids.updateValue(entry.position, forKey: id) {
        add("model_info.id \(id) stands in the entry of line \(first.line) too", entry.position)
      }
      if entry.info.isOther {
        add("\(entry.name): models of its mode are not asked here; the entry is of no use", entry.position, .note)
      }
      if let deployment, deployment.priceSource == .none {
        add(
          "\(entry.name): the price of \(deployment.model) is not known, so it will not be asked", entry.modelPosition,
          hint: deployment.endpoint.provider.hasPrefix("azure") && entry.info.baseModel == nil
            ? "name the model behind it (model_info: {base_model: azure/gpt-4o}), or set input_cost_per_token and "
              + "output_cost_per_token"
            : "set input_cost_per_token and output_cost_per_token; two zeros mark it free")
      }
      checkLimits(of: entry, deployment)
    }
  }

  private mutating func checkLimits(of entry: ModelEntry, _ deployment: Deployment?) {
    if entry.rpm == 0 || entry.tpm == 0 {
      add("\(entry.name): a limit of 0 requests or tokens a minute lets nothing through", entry.position)
    }
    if let context = deployment?.contextTokens, let tpm = entry.tpm, let budget = configuration.tokenBudget,
      tpm > 0, tpm < min(budget, context)
    {
      add(
        "\(entry.name): tpm (\(tpm)) is less than cicerone.token_budget (\(budget)), so a whole question never fits",
        entry.position)
    }
    if let output = entry.maxTokens, let most = entry.maxOutputTokens ?? deployment?.maxOutputTokens, output > most {
      add("\(entry.name): max_tokens (\(output)) is more than the model answers with (\(most))", entry.position)
    }
    if let input = entry.maxInputTokens, let output = entry.maxTokens, output >= input {
      add(
        "\(entry.name): max_tokens (\(output)) leaves nothing of the window (\(input)) for a question", entry.position)
    }
    if let budget = entry.thinking?.budgetTokens, let output = entry.maxTokens, budget >= output {
      add(
        "\(entry.name): thinking.budget_tokens (\(budget)) must be less than max_tokens (\(output))", entry.position)
    }
    if let stream = entry.streamTimeout, let whole = entry.timeout, stream > whole {
      add("\(entry.name): stream_timeout (\(stream) s) is longer than timeout (\(whole) s)", entry.position)
    }
    if entry.prices.input == nil && entry.prices.output == nil, entry.prices != ModelEntry.Prices() {
      add(
        "\(entry.name): prices of single kinds of tokens need input_cost_per_token and output_cost_per_token too",
        entry.pricesPosition ?? entry.position)
    }
  }

  // MARK: Groups

  private var groups: [String] {
    configuration.models.reduce(into: []) { names, entry in if !names.contains(entry.name) { names.append(entry.name) }
    }
  }

  private var aliases: [String] { configuration.router.aliases.map(\.name) }

  /// Whether a name is that of a group, of an alias, or of the answerer that is always there.
  private func exists(_ name: String) -> Bool {
    groups.contains(name) || aliases.contains(name) || name == ProviderDefinition.extractiveName
  }

  private func suggestion(_ name: String) -> String? {
    let names = groups.filter { !$0.contains("*") }
    return Suggestion.hint(for: name, among: names + aliases)
      ?? (names.isEmpty ? nil : "there are: \(names.prefix(10).joined(separator: ", "))")
  }

  private mutating func checkGroups() {
    for group in groups {
      let members = entries.filter { $0.entry.name == group }
      if members.count > 1, members.allSatisfy({ $0.entry.weight == 0 }) {
        add(
          "\(group): all weights are 0, so that none of its deployments would be chosen; they share evenly",
          members[0].entry.weightPosition ?? members[0].entry.position)
      }
      if !members.isEmpty, members.allSatisfy({ !$0.isUsable && !$0.entry.model.contains("*") }) {
        add(
          "\(group) cannot be asked: none of its entries can be used", members[0].entry.position,
          hint: "the reasons stand with the entries")
      }
      for (index, member) in members.enumerated() {
        guard let deployment = member.deployment else { continue }
        let twin = members[..<index].first { other in
          guard let made = other.deployment else { return false }
          return made.endpoint == deployment.endpoint && made.model == deployment.model
        }
        if let twin {
          add(
            "\(group): this is the deployment of line \(twin.entry.position.line) again; its limits are not shared",
            member.entry.position, .note)
        }
      }
    }
    for alias in configuration.router.aliases {
      if !exists(alias.model.value) || alias.model.value == alias.name {
        add(
          "the alias \(alias.name) points at \(alias.model.value), which is not in model_list", alias.model.position,
          hint: suggestion(alias.model.value))
      }
      if groups.contains(alias.name) {
        add("the alias \(alias.name) is the name of a group too; the alias counts", alias.model.position)
      }
    }
  }

  // MARK: Fallbacks

  private mutating func checkFallbacks() {
    let router = configuration.router
    for (title, rules) in [
      ("fallbacks", router.fallbacks), ("context_window_fallbacks", router.contextWindowFallbacks),
      ("content_policy_fallbacks", router.contentPolicyFallbacks),
    ] {
      var seen: Set<String> = []
      for rule in rules {
        let group = rule.group.value
        if group != "*", !exists(group) {
          add("\(title): \(group) is not in model_list", rule.group.position, hint: suggestion(group))
        }
        if !seen.insert(group).inserted {
          add("\(title): \(group) has two rules; the first one counts", rule.group.position)
        }
        if rule.models.isEmpty { add("\(title): \(group) falls back to nothing", rule.group.position) }
        for model in rule.models { checkTarget(model, of: group, title) }
      }
    }
    for model in router.defaultFallbacks { checkTarget(model, of: nil, "default_fallbacks") }
    for rule in router.contextWindowFallbacks { checkWindow(rule) }
    for group in router.modelGroupRetryPolicy.keys.sorted() where !exists(group) {
      add("model_group_retry_policy: \(group) is not in model_list", nil, hint: suggestion(group))
    }
  }

  private mutating func checkTarget(_ model: Located<String>, of group: String?, _ title: String) {
    if model.value == group {
      add("\(title): \(model.value) falls back to itself", model.position)
    } else if !exists(model.value) {
      add("\(title): \(model.value) is not in model_list", model.position, hint: suggestion(model.value))
    }
  }

  /// A model that takes no more than the first one does not help when something is too long for that.
  private mutating func checkWindow(_ rule: RouterSettings.Fallback) {
    guard let own = window(rule.group.value) else { return }
    for model in rule.models {
      if let other = window(model.value), other <= own {
        add(
          "context_window_fallbacks: \(model.value) takes \(other) tokens, \(rule.group.value) takes \(own)",
          model.position)
      }
    }
  }

  private func window(_ group: String) -> Int? {
    entries.filter { $0.entry.name == group }.compactMap { $0.deployment?.contextTokens }.max()
  }

  // MARK: Settings of our own

  private mutating func checkSettings() {
    let settings = configuration.settings
    checkChoice(settings.model, "cicerone.model")
    for (task, value) in settings.tasks.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      checkChoice(value.model, "cicerone.tasks.\(task.rawValue)")
      if let own = value.maxUSD.flatMap(Double.init), let all = settings.maxUSDPerRequest.flatMap(Double.init),
        own > all
      {
        add(
          "cicerone.tasks.\(task.rawValue).max_usd is more than max_usd_per_request, which counts",
          settings.positions["tasks.\(task.rawValue).max_usd"])
      }
    }
    checkInline(settings.embedding?.model, "cicerone.embedding", .embedding)
    checkInline(settings.rerank?.model, "cicerone.rerank", .rerank)
    if let budget = settings.tokenBudget, let model = settings.model?.value, let window = window(model), budget > window
    {
      add(
        "cicerone.token_budget (\(budget)) is more than \(model) takes (\(window)); less is sent",
        settings.positions["token_budget"], .note)
    }
  }

  private mutating func checkChoice(_ model: Located<String>?, _ key: String) {
    guard let model, model.value != "auto", !configuration.models.isEmpty else { return }
    if !exists(model.value), !configuration.models.contains(where: { $0.model == model.value }) {
      add("\(key): \(model.value) is not in model_list", model.position, .error, hint: suggestion(model.value))
    }
  }

  private mutating func checkInline(_ model: Located<String>?, _ key: String, _ mode: ModelInfo.Mode) {
    guard let model else { return }
    if let entry = configuration.models.first(where: { $0.name == model.value }) {
      if let other = entry.info.mode, other != mode {
        add("\(key): \(model.value) has the mode \(other.rawValue), not \(mode.rawValue)", model.position)
      }
    } else if ProviderRegistry.standard.split(model.value) == nil {
      add(
        "\(key): \(model.value) is neither in model_list nor provider/model", model.position, .error,
        hint: suggestion(model.value))
    }
  }
}
