import HTTPTransport

/// The keys of an entry of `model_list`.
enum ModelKeys {
  typealias Key = SettingKey<ModelEntry>

  private static let count = 1...1_000_000_000
  private static let rate = 0...1_000_000_000
  private static let tokens = 1...100_000_000

  /// The entry itself. The sections below it are read by themselves, in their order.
  static let entry = SettingTable<ModelEntry>(
    "model_list[]",
    [
      .init("model_name") { $2.name = $0.text($1) ?? "" },
      .init("litellm_params") { _, _, _ in },
      .init("model_info") { _, _, _ in },
      .integer("rpm", in: rate, to: \.rpm),
      .integer("tpm", in: rate, to: \.tpm),
    ]
      + Key.unread(
        .none("there are no teams and no keys of its own here"),
        ["access_groups", "team_id", "created_by", "updated_by", "guardrails"]))

  /// `litellm_params`.
  static let parameters = SettingTable<ModelEntry>(
    "litellm_params",
    access + calls + sampling + providers + PriceKeys.keys + unsupported, pattern: PriceKeys.pattern)

  private static let access: [Key] = [
    .init("model") { reader, entry, model in
      model.model = reader.text(entry) ?? ""
      model.modelPosition = entry.value.position
    },
    .text("custom_llm_provider", to: \.provider),
    .init("api_base", "base_url") { reader, entry, model in readBase(&reader, entry, &model) },
    .init("api_key") { reader, entry, model in
      model.apiKeyPosition = entry.value.position
      model.apiKey = reader.secret(entry)
      if let text = entry.value.text, text.hasPrefix("$") {
        reader.warn(
          "the key is the text “$…”: variables of the shell mean nothing here", entry.value.position,
          hint: "write os.environ/NAME")
      }
      // Short ones are what servers of one's own are shown.
      if let text = entry.value.text, SettingReader.variable(text) == nil, text.count > 16 {
        reader.note(
          "the key is written out", entry.value.position,
          hint: "os.environ/NAME keeps it in the environment; keep the file to yourself otherwise (mode 0600)")
      }
    },
    .text("api_version", to: \.apiVersion),
    .init("organization") { $2.organization = $0.texts($1).first?.value },
    .text("project", to: \.project),
    .init("azure_ad_token") { $2.azureADToken = $0.secret($1) },
    .init("aws_access_key_id") { $2.aws.accessKeyID = $0.secret($1) },
    .init("aws_secret_access_key") { $2.aws.secretAccessKey = $0.secret($1) },
    .init("aws_session_token") { $2.aws.sessionToken = $0.secret($1) },
    .init("aws_bearer_token", "aws_bearer_token_bedrock") { $2.aws.bearerToken = $0.secret($1) },
    .text("aws_region_name", to: \.aws.region),
    .text("aws_bedrock_runtime_endpoint", to: \.aws.endpoint),
    .text("aws_profile_name", to: \.aws.profile),
    .init("extra_headers") { headers($1, &$0, &$2) },
    .init("headers") { headers($1, &$0, &$2) },
    .init("litellm_credential_name") { _, _, _ in },
  ]

  private static let calls: [Key] = [
    .seconds("timeout", "request_timeout", to: \.timeout),
    .seconds("stream_timeout", to: \.streamTimeout),
    .integer("max_retries", "num_retries", in: 0...100, to: \.maxRetries),
    .integer("rpm", in: rate, to: \.rpm),
    .integer("tpm", in: rate, to: \.tpm),
    .integer("max_parallel_requests", in: 1...1_000_000, to: \.maxParallelRequests),
    .init("weight") { reader, entry, model in
      model.weightPosition = entry.value.position
      model.weight = reader.number(entry, 0...1_000_000_000)
    },
    .integer("order", in: -1_000_000...1_000_000, to: \.order),
    .init("tags") { $2.tags = $0.texts($1).map(\.value) },
    .number("cooldown_time", in: 0...86_400, to: \.cooldownTime),
    .text("mock_response", to: \.mockResponse),
    .init("model_info") { $0.read($1.value, ModelInfoKeys.table, into: &$2) },
  ]

  private static let sampling: [Key] = [
    .integer("max_tokens", "max_completion_tokens", in: 1...10_000_000, to: \.maxTokens),
    .number("temperature", in: 0...2, to: \.temperature),
    .number("top_p", in: 0...1, to: \.topP),
    .integer("seed", in: Int.min...Int.max, to: \.seed),
    .init("stop") { $2.stop = $0.texts($1).map(\.value) },
    .number("presence_penalty", in: -2...2, to: \.presencePenalty),
    .number("frequency_penalty", in: -2...2, to: \.frequencyPenalty),
    .effort("reasoning_effort", to: \.reasoningEffort),
    .init("thinking") { $2.thinking = thinking($1, &$0) },
    .integer("num_ctx", in: tokens, to: \.numCtx),
    .init("keep_alive") { $2.keepAlive = $0.value($1.value) },
    .init("extra_body") { reader, entry, model in
      if case .mapping = entry.value.value {
        model.extraBody = reader.value(entry.value)
      } else {
        _ = reader.members(entry.value, "litellm_params.extra_body")
      }
    },
    .flag("drop_params", to: \.dropParams),
  ]

  /// What single providers take; who makes the requests decides.
  static let providerParameters = [
    "top_k", "min_p", "repetition_penalty", "logit_bias", "user", "service_tier", "verbosity", "safety_settings",
    "store", "metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier",
    "mirostat", "mirostat_eta", "mirostat_tau", "num_gpu", "num_thread", "num_predict", "num_keep", "num_batch",
    "repeat_last_n", "repeat_penalty", "tfs_z", "typical_p", "penalize_newline", "think",
    "provider", "models", "route", "transforms", "plugins", "include_reasoning", "reasoning", "reasoning_format",
    "chat_template_kwargs", "anthropic_beta", "anthropic_version", "performanceConfig", "guardrailConfig",
    "additionalModelRequestFields", "thinkingConfig", "cachedContent", "prompt_mode", "safe_prompt", "random_seed",
    "dimensions", "encoding_format", "input_type", "task_type", "task", "truncate", "output_dtype", "output_dimension",
    "embedding_types", "top_n", "max_tokens_per_doc", "mock_delay_ms", "mock_error", "mock_usage",
  ]

  private static let providers: [Key] = providerParameters.map { name in
    Key(name) { $2.parameters[name] = $0.value($1.value) }
  }

  private static let unsupported: [Key] =
    Key.unread(
      .unsupported("write the keys themselves, or an API key of Bedrock"),
      [
        "aws_role_name", "aws_session_name", "aws_web_identity_token", "aws_sts_endpoint",
        "aws_external_id", "aws_session_tags", "aws_bedrock_project_id",
      ])
    + Key.unread(
      .unsupported("Vertex AI is not; Gemini is, as gemini/… with an API key"),
      ["vertex_project", "vertex_location", "vertex_credentials", "vertex_ai_project", "vertex_ai_location"])
    + Key.unread(
      .unsupported("write api_key, or azure_ad_token"),
      [
        "tenant_id", "client_id", "client_secret", "azure_username", "azure_password", "azure_scope",
        "azure_certificate_path", "azure_ad_token_provider",
      ])
    + Key.unread(
      .unsupported("a request is limited by cicerone.max_usd_per_request, minutes by rpm and tpm"),
      ["max_budget", "budget_duration", "itpm", "otpm"])
    + Key.unread(
      .unsupported("models are chosen by cicerone.tasks"),
      [
        "auto_router_config_path", "auto_router_config", "auto_router_default_model", "auto_router_embedding_model",
        "complexity_router_config", "complexity_router_default_model", "adaptive_router_config",
        "adaptive_router_default_model", "quality_router_config", "quality_router_default_model",
      ])
    + Key.unread(
      .unsupported("fallbacks stand in router_settings or litellm_settings"),
      ["fallbacks", "context_window_fallbacks", "content_policy_fallbacks"])
    + Key.unread(
      .unsupported("prompts are not made of templates here"),
      [
        "roles", "initial_prompt_value", "final_prompt_value", "bos_token", "eos_token", "prompt_id",
        "prompt_variables",
      ])
    + Key.unread(
      .unsupported("certificates are taken from the system, or from SSL_CERT_FILE"),
      ["ssl_verify", "ssl_certificate", "ssl_security_level"])
    + Key.unread(
      .unsupported("what is asked for is text, once"),
      [
        "tools", "tool_choice", "functions", "function_call", "parallel_tool_calls", "response_format", "n", "logprobs",
        "top_logprobs", "modalities", "audio", "prediction", "web_search_options",
      ])
    + Key.unread(.unsupported("see cicerone.prompt_caching"), ["cache_control_injection_points"])
    + Key.unread(
      .none("nothing here depends on it"),
      [
        "stream", "stream_options", "use_in_pass_through", "use_litellm_proxy", "use_chat_completions_api",
        "litellm_trace_id", "merge_reasoning_content_in_choices", "configurable_clientside_auth_params", "tag_regex",
        "keepalive_seconds", "allow_client_keepalive_override", "default_api_key_tpm_limit",
        "default_api_key_rpm_limit", "max_file_size_mb", "provider_affinity_header", "region_name", "api_type",
        "hf_model_name", "caching", "cache", "guardrails", "litellm_metadata", "allowed_openai_params",
        "success_callback", "failure_callback", "callbacks", "watsonx_region_name", "client", "id", "base_model",
        "input_cost", "output_cost",
      ])

  /// Reads `api_base`, and notes when it names a variable that is not set.
  private static func readBase(_ reader: inout SettingReader, _ entry: YAMLNode.Entry, _ model: inout ModelEntry) {
    let base = reader.text(entry)
    if let base { model.apiBase = base }
    if base == nil, let text = entry.value.text, SettingReader.variable(text) != nil { model.lacksBase = true }
  }

  private static func headers(_ entry: YAMLNode.Entry, _ reader: inout SettingReader, _ model: inout ModelEntry) {
    for member in reader.members(entry.value, "litellm_params.\(entry.key)") {
      guard let value = reader.secret(member) else { continue }
      let isToken = !member.key.isEmpty && member.key.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3A }
      guard isToken else {
        reader.error("“\(member.key)” is no name of a header", member.keyPosition)
        continue
      }
      guard value.withExposedText({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) else {
        reader.error("the value of the header \(member.key) has control characters", member.value.position)
        continue
      }
      if model.headers.contains(where: { $0.name.lowercased() == member.key.lowercased() }) {
        reader.warn("the header \(member.key) stands here twice; the first one counts", member.keyPosition)
        continue
      }
      model.headers.append(ModelEntry.Header(name: member.key, value: value))
    }
  }

  struct ThinkingDraft {
    var mode: ModelEntry.Thinking.Mode?
    var budget: Int?
  }

  static let thinkingTable = SettingTable<ThinkingDraft>(
    "litellm_params.thinking",
    [
      .init("type") { $2.mode = $0.choice($1, ModelEntry.Thinking.Mode.self) },
      .integer("budget_tokens", in: 1...10_000_000, to: \.budget),
    ])

  private static func thinking(_ entry: YAMLNode.Entry, _ reader: inout SettingReader) -> ModelEntry.Thinking? {
    guard !entry.value.isNull else { return nil }
    var draft = ThinkingDraft()
    reader.read(entry.value, thinkingTable, into: &draft)
    return draft.mode.map { ModelEntry.Thinking(mode: $0, budgetTokens: draft.budget) }
  }
}
