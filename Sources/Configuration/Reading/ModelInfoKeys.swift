/// The keys of `model_info`. It may hold anything: what is not known here describes the model to others.
enum ModelInfoKeys {
  typealias Key = SettingKey<ModelEntry>

  static let table = SettingTable<ModelEntry>(
    "model_info",
    [
      .text("id", to: \.info.id),
      .init("mode") { reader, entry, model in
        guard let text = reader.text(entry) else { return }
        model.info.mode = ModelInfo.Mode(rawValue: text)
        guard model.info.mode == nil else { return }
        model.info.isOther = otherModes.contains(text)
        if !model.info.isOther {
          let modes = ModelInfo.Mode.allCases.map(\.rawValue)
          reader.warn(
            "model_info.mode is none of \(modes.joined(separator: ", "))", entry.value.position,
            hint: Suggestion.hint(for: text, among: modes))
        }
      },
      .text("base_model", to: \.info.baseModel),
      .text("tier", to: \.info.tier),
      .integer("max_input_tokens", in: 1...100_000_000, to: \.maxInputTokens),
      .integer("max_output_tokens", in: 1...10_000_000, to: \.maxOutputTokens),
      .init("max_tokens") { reader, entry, model in
        let value = reader.integer(entry, 1...100_000_000)
        if model.maxOutputTokens == nil { model.maxOutputTokens = value }
      },
      .integer("output_vector_size", in: 1...1_000_000, to: \.info.outputVectorSize),
    ] + PriceKeys.keys
      + Key.unread(
        .informative,
        [
          "description", "litellm_provider", "version", "key", "supported_openai_params", "metadata",
          "max_tokens_label",
          "source", "deprecation_date", "notes", "health_check_model", "supported_endpoints", "supported_modalities",
        ])
      + Key.unread(
        .none("there are no teams and no keys of its own here"),
        [
          "access_groups", "team_id", "team_public_model_name", "blocked", "discoverable", "access_windows", "db_model",
          "created_at", "created_by", "updated_at", "updated_by",
        ])
      + Key.unread(
        .none("nothing here depends on it"),
        [
          "health_check_timeout", "disable_background_health_check", "health_check_max_tokens", "internal_router_model",
          "allow_fail_open", "enable_tag_filtering", "custom_tokenizer",
        ])
      + Key.unread(
        .unsupported("an entry counts wherever it is read; keep a file for each environment"),
        ["supported_environments"]),
    pattern: { reader, entry, model in
      if entry.key.hasPrefix("supports_") {
        if let value = reader.flag(entry) {
          model.info.supports[String(entry.key.dropFirst("supports_".count))] = value
        }
        return true
      }
      return PriceKeys.pattern(&reader, entry, &model)
    })

  /// What LiteLLM knows and cannot be asked here.
  private static let otherModes: Set = [
    "image_generation", "image_edit", "audio_transcription", "audio_speech", "moderation", "moderations", "batch",
    "realtime", "video_generation", "ocr", "search", "vector_store",
  ]
}
