/// Settings from all their sources, laid over each other. Pure: nothing is read here.
public struct ConfigurationLayers: Sendable {
  /// What one source says.
  public struct Contribution: Sendable {
    /// Its layer.
    public var layer: ConfigurationLayer
    /// The file, for messages.
    public var source: String?
    /// What it says.
    public var settings: CiceroneSettings

    /// Makes a contribution.
    public init(layer: ConfigurationLayer, source: String? = nil, settings: CiceroneSettings) {
      self.layer = layer
      self.source = source
      self.settings = settings
    }
  }

  /// What holds.
  public struct Resolved: Sendable {
    /// The values.
    public var settings = CiceroneSettings()
    /// Where each comes from, by its key (`max_usd_per_request`, `tasks.ask.model`).
    public var origins: [String: SettingOrigin] = [:]
    /// What a repository's file was refused.
    public var problems: [ConfigurationProblem] = []
  }

  private var contributions: [Contribution] = []

  /// Says nothing.
  public init() {}

  /// Puts what the sources of a layer say in place of what they said before. There may be several files of
  /// repositories: all of them narrow.
  public mutating func set(_ layer: ConfigurationLayer, _ added: [Contribution]) {
    contributions.removeAll { $0.layer == layer }
    contributions += added.map { contribution in
      var contribution = contribution
      contribution.layer = layer
      return contribution
    }
  }

  /// Puts settings in place of what a layer said before.
  public mutating func set(_ layer: ConfigurationLayer, _ settings: CiceroneSettings, source: String? = nil) {
    set(layer, [Contribution(layer: layer, source: source, settings: settings)])
  }

  /// Lays the layers over each other.
  ///
  /// - Parameter knownModels: the names and aliases that a repository's file may choose among; `nil` when no model is
  ///   configured, so that what is found decides.
  public func resolved(knownModels: Set<String>?) -> Resolved {
    var result = Resolved()
    let context = LayeredField.Context(knownModels: knownModels)
    for layer in ConfigurationLayer.allCases {
      for contribution in contributions where contribution.layer == layer {
        for field in LayeredField.all { lay(contribution, field, context, over: &result) }
      }
    }
    return result
  }

  private func lay(
    _ contribution: Contribution, _ field: LayeredField, _ context: LayeredField.Context, over result: inout Resolved
  ) {
    let position = contribution.settings.positions[field.name]
    let isApplied: Bool
    if contribution.layer == .workspaceFile {
      switch field.narrow(contribution.settings, &result.settings, context) {
      case nil, .unneeded: isApplied = false
      case .applied: isApplied = true
      case .refused(let why):
        isApplied = false
        result.problems.append(ConfigurationProblem("cicerone.\(field.name) is refused: \(why)", at: position))
      }
    } else {
      isApplied = field.apply(contribution.settings, &result.settings)
    }
    guard isApplied else { return }
    result.origins[field.name] = SettingOrigin(
      layer: contribution.layer, source: contribution.source, position: position)
  }
}
