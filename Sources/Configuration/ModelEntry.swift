public import HTTPTransport

/// One entry of LiteLLM's `model_list`, as written: what it means is decided where deployments are made.
public struct ModelEntry: Sendable {
  /// `model_name`: what users ask for.
  public var name: String
  /// `litellm_params.model`: `openai/gpt-4o-mini`.
  public var model: String
  /// `api_base`.
  public var apiBase: String?
  /// `api_key`, with `os.environ/NAME` resolved.
  public var apiKey: Secret?
  /// `organization`.
  public var organization: String?
  /// `timeout`, in seconds.
  public var timeout: Double?
  /// `stream_timeout`, in seconds.
  public var streamTimeout: Double?
  /// `max_tokens`: the most tokens to answer with.
  public var maxTokens: Int?
  /// `temperature`.
  public var temperature: Double?
  /// `max_input_tokens` of `model_info`.
  public var maxInputTokens: Int?
  /// `max_output_tokens` of `model_info`.
  public var maxOutputTokens: Int?
  /// Prices of a token in US dollars, as decimal text so that they stay exact.
  public var prices = Prices()
  /// Where the entry begins.
  public var position: SourcePosition

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

    /// None known.
    public init() {}
  }

  /// Makes an entry.
  public init(name: String, model: String, position: SourcePosition) {
    self.name = name
    self.model = model
    self.position = position
  }
}
