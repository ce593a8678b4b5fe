import Configuration
import Ledger
import Providers
import Testing

@testable import Router

struct RoutingSettingsTests {
  static let text = """
    model_list:
      - model_name: g
        litellm_params:
          model: openai/gpt-4o-mini
          api_key: k
          rpm: 60
          tpm: 9000
          weight: 2
          order: 3
          max_parallel_requests: 4
          tags: [eu, default]
          max_retries: 1
          cooldown_time: 2.5
          timeout: 30
          stream_timeout: 4
        model_info:
          id: first
    router_settings:
      routing_strategy: latency-based-routing
      routing_strategy_args: {lowest_latency_buffer: 0.3, ttl: 60}
      num_retries: 4
      retry_policy: {TimeoutErrorRetries: 1, RateLimitErrorRetries: 0, InternalServerErrorRetries: 7}
      model_group_retry_policy: {g: {RateLimitErrorRetries: 2}}
      retry_after: 1.5
      allowed_fails: 1
      allowed_fails_policy: {RateLimitErrorAllowedFails: 5}
      cooldown_time: 12
      fallbacks: [{g: [h, i]}]
      context_window_fallbacks: [{g: [long]}]
      content_policy_fallbacks: [{g: [lax]}]
      default_fallbacks: [z]
      max_fallbacks: 3
      model_group_alias: {gpt: g}
      enable_tag_filtering: true
    """

  @Test func everySettingArrives() throws {
    let configuration = try Configuration(yaml: Array(Self.text.utf8), environment: [:])
    let policy = RoutingPolicy(configuration.router)
    #expect(policy.strategy == .latency)
    #expect(policy.latencyBuffer == 0.3)
    #expect(policy.latencyLife == .seconds(60))
    #expect(policy.repeatLimit(.server, in: "g") == 7)
    #expect(policy.repeatLimit(.timeout, in: "g") == 1)
    #expect(policy.repeatLimit(.rateLimit, in: "g") == 2)
    #expect(policy.repeatLimit(.rateLimit, in: "x") == 0)
    #expect(policy.repeatLimit(.billing, in: "g") == 0)
    #expect(policy.retry.minDelay == .milliseconds(1500))
    #expect(policy.cooldown.failures == 2)
    #expect(policy.cooldown.failuresByKind == [.rateLimit: 6])
    #expect(policy.cooldown.time == .seconds(12))
    #expect(policy.cooldown.isEnabled)
    #expect(policy.successors(of: "g", cause: .failure) == ["h", "i", "z"])
    #expect(policy.successors(of: "x", cause: .failure) == ["z"])
    #expect(policy.successors(of: "g", cause: .context) == ["long", "h", "i", "z"])
    #expect(policy.successors(of: "g", cause: .contentPolicy) == ["lax"])
    #expect(policy.maxFallbacks == 3)
    #expect(policy.group("gpt") == "g")
    #expect(policy.filtersByTag)
    #expect(!policy.needsAllTags)
    #expect(policy.hedging == nil)
  }

  @Test func aDeploymentsOwnParametersArrive() throws {
    let configuration = try Configuration(yaml: Array(Self.text.utf8), environment: [:])
    let routing = RoutingParameters(try #require(configuration.models.first), configuration.router)
    #expect(
      routing
        == RoutingParameters(
          id: "first", weight: 2, rpm: 60, tpm: 9000, order: 3, maxParallelRequests: 4, tags: ["eu", "default"],
          maxRetries: 1, cooldownTime: .milliseconds(2500),
          timeouts: .init(firstToken: .seconds(4), betweenChunks: .seconds(30))))
  }

  @Test func nothingSaidChangesNothing() {
    #expect(RoutingPolicy(RouterSettings()) == RoutingPolicy())
  }

  @Test func hedgingIsOurs() {
    var settings = CiceroneSettings()
    settings.hedging = CiceroneSettings.Hedging()
    settings.hedging?.enabled = true
    settings.hedging?.quantile = 0.9
    settings.hedging?.maxDelay = 2
    let hedging = RoutingPolicy(RouterSettings(), LiteLLMSettings(), settings).hedging
    #expect(hedging?.quantile == 0.9)
    #expect(hedging?.maxDelay == .seconds(2))
    var latency = LatencyHistogram()
    #expect(hedging?.delay(latency) == .seconds(2))
    for _ in 0..<30 { latency.add(.milliseconds(500), at: .zero) }
    #expect(hedging.map { $0.delay(latency) >= .milliseconds(500) && $0.delay(latency) < .milliseconds(600) } == true)
  }
}
