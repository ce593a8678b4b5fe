/// The keys of `litellm_settings`.
enum LiteLLMKeys {
  /// The section has two readers: what it shares with `router_settings`, and the rest.
  struct Target {
    var router = RouterSettings()
    var litellm = LiteLLMSettings()
  }

  typealias Key = SettingKey<Target>

  static let table = SettingTable<Target>(
    "litellm_settings",
    RouterKeys.shared.map { Key(of: $0, at: \.router) } + [
      .flag("drop_params", to: \.litellm.dropParams),
      .flag("modify_params", to: \.litellm.modifyParams),
    ] + silent,
    pattern: { reader, entry, _ in
      // Any attribute of LiteLLM's module can be set here.
      let prefixes = ["langfuse_", "prometheus_", "datadog_", "s3_", "gcs_", "otel_", "custom_prometheus_", "mcp_"]
      guard prefixes.contains(where: entry.key.hasPrefix) else { return false }
      reader.note("litellm_settings.\(entry.key) has no effect: there are no callbacks here", entry.keyPosition)
      return true
    })

  private static let silent: [Key] =
    Key.unread(
      .none("there are no callbacks here"),
      [
        "callbacks", "success_callback", "failure_callback", "service_callbacks", "input_callback",
        "audit_log_callbacks",
        "turn_off_message_logging", "redact_user_api_key_info", "redact_messages_in_exceptions", "json_logs",
        "set_verbose", "suppress_debug_info", "log_raw_request_response",
      ])
    + Key.unread(
      .none("answers are cached by what they were made from"),
      ["cache", "cache_params", "enable_caching_on_provider_specific_optional_params"])
    + Key.unread(
      .none("there are no teams and no keys of its own here"),
      [
        "default_team_settings", "default_internal_user_params", "default_team_params", "key_generation_settings",
        "upperbound_key_generate_params", "default_key_generate_params", "max_internal_user_budget",
        "internal_user_budget_duration", "max_end_user_budget", "public_model_groups", "public_model_groups_links",
        "disable_end_user_cost_tracking", "disable_end_user_cost_tracking_prometheus_only",
        "enable_key_alias_format_validation", "default_max_internal_user_budget", "extra_spend_tag_headers",
        "tag_budget_config",
      ])
    + Key.unread(
      .none("nothing here depends on it"),
      [
        "telemetry", "force_ipv4", "enable_preview_features", "enable_json_schema_validation", "guardrails",
        "disable_hf_tokenizer_download", "disable_token_counter", "disable_add_transform_inline_image_block",
        "use_chat_completions_url_for_anthropic_messages", "disable_copilot_system_to_assistant", "modify_headers",
        "forward_traceparent_to_llm_provider", "add_function_to_prompt", "return_response_headers", "aiohttp_trust_env",
        "model_cost_map_url", "credential_list", "store_audit_logs", "user_url_validation", "check_provider_endpoint",
        "reasoning_auto_summary", "max_parallel_requests", "headers",
      ])
    + Key.unread(
      .unsupported("a request is limited by cicerone.max_usd_per_request"),
      ["max_budget", "budget_duration", "provider_budget_config"])
    + Key.unread(
      .unsupported("certificates are taken from the system, or from SSL_CERT_FILE"),
      ["ssl_verify", "ssl_certificate", "ssl_security_level", "ssl_ecdh_curve"])
    + Key.unread(
      .unsupported("write them under litellm_params"),
      ["api_key", "api_base", "openai_key", "azure_key", "anthropic_key", "organization", "api_version"])
    + Key.unread(
      .unsupported("prices stand under litellm_params or model_info"),
      ["cost_discount_config", "cost_margin_config", "custom_pricing"])
    + Key.unread(.unsupported("aliases stand in router_settings.model_group_alias"), ["model_alias_map"])
}
