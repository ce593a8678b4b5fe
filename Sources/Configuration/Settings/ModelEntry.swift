public import HTTPTransport

/// One entry of LiteLLM's `model_list`, as written: what it means is decided where deployments are made.
///
/// Names with wildcards (`openai/*`) are kept as they are. References to variables are resolved.
public struct ModelEntry: Sendable {
  /// `model_name`: what users ask for.
  public var name: String
  /// `litellm_params.model`: `openai/gpt-4o-mini`.
  public var model: String
  /// `custom_llm_provider`: the provider, where `model` does not name it.
  public var provider: String?
  /// Where the entry begins.
  public var position: SourcePosition
  /// Where `litellm_params.model` is written.
  public var modelPosition: SourcePosition

  // Where, and by what right.

  /// `api_base` or `base_url`.
  public var apiBase: String?
  /// Whether `api_base` names a variable that is not set.
  public var lacksBase = false
  /// `api_key`.
  public var apiKey: Secret?
  /// Where `api_key` is written, also when it names a variable that is not set.
  public var apiKeyPosition: SourcePosition?
  /// `api_version`, of Azure and Anthropic.
  public var apiVersion: String?
  /// `organization`, of OpenAI. A list of them gives as many entries.
  public var organization: String?
  /// `project`, of OpenAI.
  public var project: String?
  /// `azure_ad_token`: an Entra token instead of a key.
  public var azureADToken: Secret?
  /// `aws_…`.
  public var aws = AWS()
  /// `headers` and `extra_headers`, in order; a name stands here once.
  public var headers: [Header] = []

  // How it is called.

  /// `timeout`, in seconds.
  public var timeout: Double?
  /// `stream_timeout`, in seconds.
  public var streamTimeout: Double?
  /// `max_retries` or `num_retries`.
  public var maxRetries: Int?
  /// `rpm`: requests a minute.
  public var rpm: Int?
  /// `tpm`: tokens a minute.
  public var tpm: Int?
  /// `max_parallel_requests`.
  public var maxParallelRequests: Int?
  /// `weight`: the share among deployments of one name; not negative.
  public var weight: Double?
  /// Where `weight` is written.
  public var weightPosition: SourcePosition?
  /// `order`: lower ones are tried first.
  public var order: Int?
  /// `tags`.
  public var tags: [String] = []
  /// `cooldown_time`, in seconds.
  public var cooldownTime: Double?
  /// `mock_response`: the answer, without asking anyone.
  public var mockResponse: String?

  // What is sent.

  /// `max_tokens` or `max_completion_tokens`: the most tokens to answer with.
  public var maxTokens: Int?
  /// `temperature`, 0 to 2.
  public var temperature: Double?
  /// `top_p`, 0 to 1.
  public var topP: Double?
  /// `seed`.
  public var seed: Int?
  /// `stop`.
  public var stop: [String] = []
  /// `presence_penalty`, −2 to 2.
  public var presencePenalty: Double?
  /// `frequency_penalty`, −2 to 2.
  public var frequencyPenalty: Double?
  /// `reasoning_effort`: `none`, `minimal`, `low`, `medium`, `high`, …
  public var reasoningEffort: String?
  /// `thinking`.
  public var thinking: Thinking?
  /// `num_ctx`, of Ollama: the window, in tokens.
  public var numCtx: Int?
  /// `keep_alive`, of Ollama: how long the model stays loaded (`10m`, seconds, or −1).
  public var keepAlive: SettingValue?
  /// `extra_body`: members to add to the request.
  public var extraBody: SettingValue?
  /// `drop_params`: whether parameters that a model does not take are left out silently.
  public var dropParams: Bool?
  /// Parameters of single providers (`top_k`, `min_p`, `service_tier`, …), by name.
  public var parameters: [String: SettingValue] = [:]

  // What is known of the model.

  /// `max_input_tokens` of `model_info`.
  public var maxInputTokens: Int?
  /// `max_output_tokens` of `model_info`.
  public var maxOutputTokens: Int?
  /// Prices of a token in US dollars, as decimal text so that they stay exact.
  public var prices = Prices()
  /// Where the first of the prices is written.
  public var pricesPosition: SourcePosition?
  /// `model_info`.
  public var info = ModelInfo()

  /// Makes an entry.
  public init(name: String, model: String, position: SourcePosition) {
    self.name = name
    self.model = model
    self.position = position
    modelPosition = position
  }
}

extension ModelEntry {
  /// Prices of a token in US dollars, as decimal text.
  public struct Prices: Sendable, Hashable {
    /// `input_cost_per_token`.
    public var input: String?
    /// `output_cost_per_token`.
    public var output: String?
    /// `cache_read_input_token_cost`.
    public var cacheRead: String?
    /// `cache_creation_input_token_cost`.
    public var cacheWrite: String?
    /// `cache_creation_input_token_cost_above_1hr`.
    public var cacheWrite1h: String?
    /// `output_cost_per_reasoning_token`.
    public var reasoning: String?
    /// `input_cost_per_query`, of rerankers.
    public var query: String?
    /// `…_above_200k_tokens`: what holds for longer inputs, by the number of tokens (200,000) they are longer than.
    public var tiers: [Int: Tier] = [:]

    /// What holds for inputs longer than a number of tokens; what is left out stays as below it.
    public struct Tier: Sendable, Hashable {
      /// `input_cost_per_token_above_…`.
      public var input: String?
      /// `output_cost_per_token_above_…`.
      public var output: String?
      /// `cache_read_input_token_cost_above_…`.
      public var cacheRead: String?
      /// `cache_creation_input_token_cost_above_…`.
      public var cacheWrite: String?

      /// None known.
      public init() {}
    }

    /// None known.
    public init() {}
  }

  /// Credentials of Amazon, and the region.
  public struct AWS: Sendable, Hashable {
    /// `aws_access_key_id`.
    public var accessKeyID: Secret?
    /// `aws_secret_access_key`.
    public var secretAccessKey: Secret?
    /// `aws_session_token`.
    public var sessionToken: Secret?
    /// `aws_bearer_token`: a key of Bedrock, as is `api_key`.
    public var bearerToken: Secret?
    /// `aws_region_name`.
    public var region: String?
    /// `aws_bedrock_runtime_endpoint`.
    public var endpoint: String?
    /// `aws_profile_name`.
    public var profile: String?

    /// Nothing known.
    public init() {}
  }

  /// `thinking`, as Anthropic has it.
  public struct Thinking: Sendable, Hashable {
    /// `type`.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
      /// Thinks, within `budget_tokens`.
      case enabled
      /// Does not think.
      case disabled
      /// The model decides.
      case adaptive
    }

    /// `type`.
    public var mode: Mode
    /// `budget_tokens`.
    public var budgetTokens: Int?

    /// Makes a setting.
    public init(mode: Mode, budgetTokens: Int? = nil) {
      self.mode = mode
      self.budgetTokens = budgetTokens
    }
  }

  /// A header to send. Its value may be a credential, so it is kept like one.
  public struct Header: Sendable, Hashable {
    /// The name, as written.
    public var name: String
    /// The value.
    public var value: Secret

    /// Makes a header.
    public init(name: String, value: Secret) {
      self.name = name
      self.value = value
    }
  }
}
