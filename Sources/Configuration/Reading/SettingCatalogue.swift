/// All keys that are known, by section: what the documentation is held against.
enum SettingCatalogue {
  /// What a key does.
  enum Effect: String, Sendable {
    case used
    case none = "no effect"
    case unsupported = "not supported"
  }

  /// A key with all its names.
  struct Key: Sendable {
    var names: [String]
    var effect: Effect
  }

  /// The sections, in the order of the documentation.
  static let sections: [(name: String, keys: [Key])] = [
    ("model_list[]", keys(ModelKeys.entry)),
    ("litellm_params", keys(ModelKeys.parameters)),
    ("litellm_params.thinking", keys(ModelKeys.thinkingTable)),
    ("model_info", keys(ModelInfoKeys.table)),
    ("router_settings", keys(RouterKeys.router)),
    ("routing_strategy_args", keys(RouterKeys.strategyArguments)),
    ("retry_policy", keys(RouterKeys.retries)),
    ("allowed_fails_policy", keys(RouterKeys.allowedFails)),
    ("model_group_alias", keys(RouterKeys.alias)),
    ("litellm_settings", keys(LiteLLMKeys.table)),
    ("cicerone", keys(CiceroneKeys.table)),
    ("cicerone.tasks", keys(CiceroneKeys.task)),
    ("cicerone.embedding", keys(CiceroneKeys.embedding)),
    ("cicerone.rerank", keys(CiceroneKeys.rerank)),
    ("cicerone.hedging", keys(CiceroneKeys.hedging)),
  ]

  private static func keys<Target>(_ table: SettingTable<Target>) -> [Key] {
    table.keys.map { key in
      let effect: Effect =
        switch key.effect {
        case .used: .used
        case .informative, .none: .none
        case .unsupported: .unsupported
        }
      return Key(names: key.names, effect: effect)
    }
  }
}
