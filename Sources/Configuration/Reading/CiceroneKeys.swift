/// The keys of our own section.
enum CiceroneKeys {
  typealias Key = SettingKey<CiceroneSettings>

  static let table = SettingTable<CiceroneSettings>(
    "cicerone",
    [
      .located("model", to: \.model),
      .integer("token_budget", in: 1...10_000_000, to: \.tokenBudget),
      .money("max_usd_per_request", to: \.maxUSDPerRequest),
      .effort("reasoning_effort", to: \.reasoningEffort),
      .flag("prompt_caching", to: \.promptCaching),
      .flag("continue_on_other_model", to: \.continueOnOtherModel),
      .init("tasks") { tasks($1, &$0, &$2) },
      .init("embedding") { reader, entry, settings in
        guard !entry.value.isNull else { return }
        var value = CiceroneSettings.Embedding()
        if let model = single(entry, &reader) {
          value.model = model
        } else {
          reader.read(entry.value, embedding, into: &value)
        }
        settings.embedding = value
      },
      .init("rerank") { reader, entry, settings in
        guard !entry.value.isNull else { return }
        var value = CiceroneSettings.Rerank()
        if let model = single(entry, &reader) {
          value.model = model
        } else {
          reader.read(entry.value, rerank, into: &value)
        }
        settings.rerank = value
      },
      .init("hedging") { reader, entry, settings in
        guard !entry.value.isNull else { return }
        var value = CiceroneSettings.Hedging()
        if case .scalar = entry.value.value {
          value.enabled = reader.flag(entry)
          reader.positions["cicerone.hedging.enabled"] = entry.keyPosition
        } else {
          reader.read(entry.value, hedging, into: &value)
        }
        settings.hedging = value
      },
    ])

  /// Reads the section, and where its keys are written.
  static func read(_ node: YAMLNode, _ reader: inout SettingReader, into settings: inout CiceroneSettings) {
    reader.read(node, table, into: &settings)
    for (key, position) in reader.positions where key.hasPrefix("cicerone.") {
      settings.positions[String(key.dropFirst("cicerone.".count))] = position
    }
  }

  static let task = SettingTable<CiceroneSettings.TaskSettings>(
    "cicerone.tasks[]",
    [
      .located("model", to: \.model),
      .money("max_usd", to: \.maxUSD),
      .integer("max_output_tokens", in: 1...10_000_000, to: \.maxOutputTokens),
      .effort("reasoning_effort", to: \.reasoningEffort),
    ])

  static let embedding = SettingTable<CiceroneSettings.Embedding>(
    "cicerone.embedding",
    [
      .located("model", to: \.model),
      .integer("dimensions", in: 1...100_000, to: \.dimensions),
      .money("max_usd", to: \.maxUSD),
    ])

  static let rerank = SettingTable<CiceroneSettings.Rerank>(
    "cicerone.rerank",
    [
      .located("model", to: \.model),
      .integer("candidates", in: 1...1000, to: \.candidates),
      .seconds("timeout", to: \.timeout),
      .money("max_usd", to: \.maxUSD),
    ])

  static let hedging = SettingTable<CiceroneSettings.Hedging>(
    "cicerone.hedging",
    [
      .flag("enabled", to: \.enabled),
      .number("quantile", in: 0.5...0.999, to: \.quantile),
      .seconds("max_delay", to: \.maxDelay),
    ])

  /// A name alone, instead of a mapping with a `model`.
  private static func single(_ entry: YAMLNode.Entry, _ reader: inout SettingReader) -> Located<String>? {
    guard case .scalar = entry.value.value else { return nil }
    return reader.text(entry).map { Located($0, at: entry.value.position) }
  }

  private static func tasks(
    _ entry: YAMLNode.Entry, _ reader: inout SettingReader, _ settings: inout CiceroneSettings
  ) {
    for member in reader.members(entry.value, "cicerone.tasks") {
      guard let name = taskName(member.key) else {
        let names = CiceroneSettings.TaskName.allCases.map(\.rawValue)
        reader.warn(
          "cicerone.tasks.\(member.key) is none of \(names.joined(separator: ", "))", member.keyPosition,
          hint: Suggestion.hint(for: member.key, among: names))
        continue
      }
      guard settings.tasks[name] == nil else {
        reader.warn("cicerone.tasks.\(member.key) stands here twice; the first one counts", member.keyPosition)
        continue
      }
      var value = CiceroneSettings.TaskSettings()
      if let model = single(member, &reader) {
        value.model = model
      } else {
        reader.read(member.value, task, into: &value)
      }
      for key in task.keys.map({ $0.names[0] }) {
        let position = reader.positions.removeValue(forKey: "cicerone.tasks[].\(key)")
        if let position { reader.positions["cicerone.tasks.\(name.rawValue).\(key)"] = position }
      }
      if case .scalar = member.value.value {
        reader.positions["cicerone.tasks.\(name.rawValue).model"] = member.keyPosition
      }
      settings.tasks[name] = value
    }
  }

  /// `hover_summary`, `hoverSummary` and `summarize` are taken too.
  static func taskName(_ text: String) -> CiceroneSettings.TaskName? {
    let folded = text.lowercased().filter { $0 != "-" && $0 != "_" }
    if folded == "summarize" { return .summarise }
    return CiceroneSettings.TaskName.allCases.first { $0.rawValue.filter { $0 != "-" } == folded }
  }
}
