/// LiteLLM's `router_settings`; what `litellm_settings` says of the same holds where these say nothing.
public struct RouterSettings: Sendable, Hashable {
  /// `routing_strategy`.
  public enum Strategy: String, Sendable, Hashable, CaseIterable {
    /// By weight, else by rpm or tpm, else evenly.
    case simpleShuffle = "simple-shuffle"
    /// The one with the fewest requests under way.
    case leastBusy = "least-busy"
    /// The one that answered fastest.
    case latencyBased = "latency-based-routing"
    /// The cheapest one.
    case costBased = "cost-based-routing"
    /// The one that used the least tokens in this minute.
    case usageBased = "usage-based-routing"
    /// The same.
    case usageBasedV2 = "usage-based-routing-v2"
  }

  /// `routing_strategy_args`.
  public struct StrategyArguments: Sendable, Hashable {
    /// `ttl`: for how many seconds a latency counts.
    public var ttl: Double?
    /// `lowest_latency_buffer`: how much slower than the fastest one may be, as a share of its latency.
    public var lowestLatencyBuffer: Double?
    /// `max_latency_list_size`: how many latencies are averaged.
    public var maxLatencyListSize: Int?

    /// Nothing set.
    public init() {}
  }

  /// A count for each class of error: of retries, or of failures allowed in a minute.
  public struct ErrorCounts: Sendable, Hashable {
    /// `BadRequestError…`.
    public var badRequest: Int?
    /// `AuthenticationError…`.
    public var authentication: Int?
    /// `TimeoutError…`.
    public var timeout: Int?
    /// `RateLimitError…`.
    public var rateLimit: Int?
    /// `ContentPolicyViolationError…`.
    public var contentPolicyViolation: Int?
    /// `InternalServerError…`.
    public var internalServer: Int?
    /// `ServiceUnavailableError…` and `BadGatewayError…`.
    public var serviceUnavailable: Int?
    /// `NotFoundError…`.
    public var notFound: Int?
    /// `DefaultRetries`: for all others.
    public var others: Int?

    /// Nothing set.
    public init() {}
  }

  /// What a group falls back to.
  public struct Fallback: Sendable, Hashable {
    /// The group; `*` stands for all that have no entry of their own.
    public var group: Located<String>
    /// Groups to try instead, in order.
    public var models: [Located<String>]

    /// Makes a rule.
    public init(group: Located<String>, models: [Located<String>]) {
      self.group = group
      self.models = models
    }
  }

  /// Another name of a group.
  public struct Alias: Sendable, Hashable {
    /// The other name.
    public var name: String
    /// The group.
    public var model: Located<String>
    /// Whether lists of models leave it out.
    public var isHidden: Bool

    /// Makes an alias.
    public init(name: String, model: Located<String>, isHidden: Bool = false) {
      self.name = name
      self.model = model
      self.isHidden = isHidden
    }
  }

  /// `routing_strategy`.
  public var strategy: Strategy?
  /// `routing_strategy_args`.
  public var strategyArguments = StrategyArguments()
  /// `num_retries`.
  public var numRetries: Int?
  /// `retry_after`: seconds to wait at least before a retry.
  public var retryAfter: Double?
  /// `retry_policy`.
  public var retryPolicy: ErrorCounts?
  /// `model_group_retry_policy`, by group.
  public var modelGroupRetryPolicy: [String: ErrorCounts] = [:]
  /// `allowed_fails`: failures a minute before a deployment is cooled down.
  public var allowedFails: Int?
  /// `allowed_fails_policy`.
  public var allowedFailsPolicy: ErrorCounts?
  /// `cooldown_time`, in seconds.
  public var cooldownTime: Double?
  /// `disable_cooldowns`.
  public var disableCooldowns: Bool?
  /// `fallbacks`.
  public var fallbacks: [Fallback] = []
  /// `context_window_fallbacks`.
  public var contextWindowFallbacks: [Fallback] = []
  /// `content_policy_fallbacks`.
  public var contentPolicyFallbacks: [Fallback] = []
  /// `default_fallbacks`: for every group, after its own.
  public var defaultFallbacks: [Located<String>] = []
  /// `max_fallbacks`: groups to try at most after the first one.
  public var maxFallbacks: Int?
  /// `model_group_alias`, in the order in which it is written.
  public var aliases: [Alias] = []
  /// `enable_pre_call_checks`: whether windows and limits are looked at before a call.
  public var enablePreCallChecks: Bool?
  /// `enable_tag_filtering`.
  public var enableTagFiltering: Bool?
  /// `tag_filtering_match_any`: whether one tag in common is enough.
  public var tagFilteringMatchAny: Bool?
  /// `timeout` (or `request_timeout` of `litellm_settings`), in seconds.
  public var timeout: Double?
  /// `stream_timeout`, in seconds.
  public var streamTimeout: Double?
  /// `default_max_parallel_requests`.
  public var defaultMaxParallelRequests: Int?

  /// Nothing set.
  public init() {}
}

/// What `litellm_settings` says that `router_settings` cannot.
public struct LiteLLMSettings: Sendable, Hashable {
  /// `drop_params`: whether parameters that a model does not take are left out silently.
  public var dropParams: Bool?
  /// `modify_params`: whether requests may be changed so that a provider takes them.
  public var modifyParams: Bool?

  /// Nothing set.
  public init() {}
}
