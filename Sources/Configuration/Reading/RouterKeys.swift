/// The keys of `router_settings`, and those of `litellm_settings`, which may say the same.
enum RouterKeys {
  typealias Key = SettingKey<RouterSettings>

  private static let counts = 0...1_000_000

  /// `router_settings`.
  static let router = SettingTable<RouterSettings>("router_settings", shared + own + silent)

  /// What `litellm_settings` shares with it.
  static let shared: [Key] = [
    .integer("num_retries", in: 0...100, to: \.numRetries),
    .seconds("timeout", "request_timeout", to: \.timeout),
    .seconds("stream_timeout", to: \.streamTimeout),
    .integer("allowed_fails", in: counts, to: \.allowedFails),
    .number("cooldown_time", in: 0...86_400, to: \.cooldownTime),
    .init("fallbacks") { $2.fallbacks = fallbacks($1, &$0) },
    .init("context_window_fallbacks") { $2.contextWindowFallbacks = fallbacks($1, &$0) },
    .init("content_policy_fallbacks") { $2.contentPolicyFallbacks = fallbacks($1, &$0) },
    .init("default_fallbacks") { $2.defaultFallbacks = $0.texts($1) },
    .integer("max_fallbacks", in: 0...1000, to: \.maxFallbacks),
    .flag("enable_pre_call_checks", "enable_pre_call_check", to: \.enablePreCallChecks),
    .init("model_group_alias") { $2.aliases = aliases($1, &$0) },
    .number("retry_after", in: 0...86_400, to: \.retryAfter),
  ]

  private static let own: [Key] = [
    .init("routing_strategy") { $2.strategy = $0.choice($1, RouterSettings.Strategy.self) },
    .init("routing_strategy_args") { $0.read($1.value, strategyArguments, into: &$2.strategyArguments) },
    .init("retry_policy") { reader, entry, settings in
      guard !entry.value.isNull else { return }
      settings.retryPolicy = counts(entry.value, &reader, retries)
    },
    .init("model_group_retry_policy") { reader, entry, settings in
      for member in reader.members(entry.value, "router_settings.model_group_retry_policy") {
        settings.modelGroupRetryPolicy[member.key] = counts(member.value, &reader, retries)
      }
    },
    .init("allowed_fails_policy") { reader, entry, settings in
      guard !entry.value.isNull else { return }
      settings.allowedFailsPolicy = counts(entry.value, &reader, allowedFails)
    },
    .flag("disable_cooldowns", to: \.disableCooldowns),
    .flag("enable_tag_filtering", to: \.enableTagFiltering),
    .flag("tag_filtering_match_any", to: \.tagFilteringMatchAny),
    .integer("default_max_parallel_requests", in: 1...1_000_000, to: \.defaultMaxParallelRequests),
    // Read with the models, which it completes.
    .init("default_litellm_params") { _, _, _ in },
  ]

  private static let silent: [Key] =
    Key.unread(
      .none("one process holds its state itself"),
      [
        "redis_host", "redis_port", "redis_password", "redis_url", "redis_db", "redis_startup_nodes", "redis_ssl",
        "client_ttl", "polling_interval", "default_priority", "deployment_affinity_ttl_seconds",
      ])
    + Key.unread(
      .none("answers are cached by what they were made from"),
      ["cache_responses", "cache_kwargs", "caching_groups"])
    + Key.unread(
      .none("nothing here depends on it"),
      [
        "set_verbose", "debug_level", "alerting_config", "assistants_config", "router_general_settings",
        "ignore_invalid_deployments", "search_tools", "guardrail_list", "optional_pre_call_checks",
        "model_group_affinity_config", "max_retries", "model_list",
      ])
    + Key.unread(
      .unsupported("a request is limited by cicerone.max_usd_per_request"), ["provider_budget_config"])
    + Key.unread(
      .unsupported("one strategy holds for all groups; order and weight are set for each deployment"),
      ["routing_groups", "weights", "tag_routing_prefix"])

  static let strategyArguments = SettingTable<RouterSettings.StrategyArguments>(
    "router_settings.routing_strategy_args",
    [
      .seconds("ttl", to: \.ttl),
      .number("lowest_latency_buffer", in: 0...100, to: \.lowestLatencyBuffer),
      .integer("max_latency_list_size", in: 1...10_000, to: \.maxLatencyListSize),
    ] + SettingKey.unread(.none("it is a constant here"), ["rolling_window_size", "logging_level"]))

  // MARK: Counts by error

  private static let errors: [(name: String, path: SettingPath<RouterSettings.ErrorCounts, Int?>)] = [
    ("BadRequestError", \.badRequest), ("AuthenticationError", \.authentication), ("TimeoutError", \.timeout),
    ("RateLimitError", \.rateLimit), ("ContentPolicyViolationError", \.contentPolicyViolation),
    ("InternalServerError", \.internalServer), ("ServiceUnavailableError", \.serviceUnavailable),
    ("NotFoundError", \.notFound),
  ]

  static let retries = SettingTable<RouterSettings.ErrorCounts>(
    "retry_policy",
    errors.map { .integer($0.name + "Retries", in: 0...100, to: $0.path) }
      + [.integer("DefaultRetries", in: 0...100, to: \.others)])

  static let allowedFails = SettingTable<RouterSettings.ErrorCounts>(
    "allowed_fails_policy",
    errors.map { .integer($0.name + "AllowedFails", in: counts, to: $0.path) }
      + [
        .init("BadGatewayErrorAllowedFails") { $2.serviceUnavailable = $2.serviceUnavailable ?? $0.integer($1, counts) }
      ])

  private static func counts(
    _ node: YAMLNode, _ reader: inout SettingReader, _ table: SettingTable<RouterSettings.ErrorCounts>
  ) -> RouterSettings.ErrorCounts {
    var result = RouterSettings.ErrorCounts()
    reader.read(node, table, into: &result)
    return result
  }

  // MARK: Fallbacks and aliases

  /// `[{group: [other, …]}, …]`; one mapping instead of the list, and one name instead of a list, are taken too.
  private static func fallbacks(
    _ entry: YAMLNode.Entry, _ reader: inout SettingReader
  ) -> [RouterSettings.Fallback] {
    let rules: [YAMLNode] =
      if case .mapping = entry.value.value { [entry.value] } else { reader.elements(entry.value, entry.key) }
    return rules.flatMap { rule -> [RouterSettings.Fallback] in
      reader.members(rule, "an element of \(entry.key)").map { member in
        RouterSettings.Fallback(
          group: Located(member.key, at: member.keyPosition), models: names(member, &reader))
      }
    }
  }

  private static func names(_ entry: YAMLNode.Entry, _ reader: inout SettingReader) -> [Located<String>] {
    guard case .sequence(let elements) = entry.value.value else { return reader.texts(entry) }
    return elements.compactMap { element in
      if case .mapping = element.value {
        reader.warn(
          "a fallback that changes the request is not supported and is left out", element.position,
          hint: "name a model of model_list")
        return nil
      }
      return reader.text(element, "a fallback").map { Located($0, at: element.position) }
    }
  }

  struct AliasDraft {
    var model: Located<String>?
    var isHidden: Bool?
  }

  static let alias = SettingTable<AliasDraft>(
    "model_group_alias", [.located("model", to: \.model), .flag("hidden", to: \.isHidden)])

  private static func aliases(_ entry: YAMLNode.Entry, _ reader: inout SettingReader) -> [RouterSettings.Alias] {
    reader.members(entry.value, entry.key).compactMap { member in
      var draft = AliasDraft()
      if case .mapping = member.value.value {
        reader.read(member.value, alias, into: &draft)
      } else {
        draft.model = reader.text(member).map { Located($0, at: member.value.position) }
      }
      return draft.model.map { RouterSettings.Alias(name: member.key, model: $0, isHidden: draft.isHidden ?? false) }
    }
  }
}
