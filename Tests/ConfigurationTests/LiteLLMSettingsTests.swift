import HTTPTransport
import Testing

@testable import Configuration

/// What LiteLLM's sections say, as typed values.
@Suite struct LiteLLMSettingsTests {
  @Test func readsAllOfAnEntry() throws {
    let configuration = readConfiguration(
      """
      model_list:
        - model_name: a
          rpm: 7
          litellm_params:
            model: azure/deployment
            custom_llm_provider: azure
            base_url: https://example.com
            api_key: os.environ/KEY
            api_version: 2024-10-21
            organization: org
            project: pro
            azure_ad_token: token
            aws_access_key_id: id
            aws_secret_access_key: secret
            aws_session_token: session
            aws_bearer_token: bearer
            aws_region_name: eu-central-1
            aws_bedrock_runtime_endpoint: https://vpc.example.com
            extra_headers: {X-One: "1", Authorization: os.environ/KEY}
            timeout: 30
            stream_timeout: 5.5
            max_retries: 0
            tpm: 100_000
            max_parallel_requests: 4
            weight: 0.5
            order: 2
            tags: [free, os.environ/TAG]
            cooldown_time: 0
            mock_response: hello
            max_completion_tokens: 300
            temperature: 0
            top_p: 0.9
            seed: -3
            stop: END
            presence_penalty: -2
            frequency_penalty: 2
            reasoning_effort: low
            thinking: {type: enabled, budget_tokens: 1024}
            num_ctx: 8192
            keep_alive: 10m
            extra_body: {provider: {order: [a, b], strict: true}, n: 1e-6}
            drop_params: True
            top_k: 40
            logit_bias: {"50256": -100}
            input_cost_per_token: 0.00000125
            output_cost_per_token: 1e-5
            cache_read_input_token_cost: 0
            cache_creation_input_token_cost: "2e-6"
            cache_creation_input_token_cost_above_1hr: 4e-6
            output_cost_per_reasoning_token: 1e-5
            input_cost_per_token_above_200k_tokens: 0.0000025
            output_cost_per_token_above_200k_tokens: 2e-5
          model_info:
            id: one
            mode: chat
            base_model: azure/gpt-4o
            tier: paid
            max_input_tokens: 128000
            max_tokens: 16384
            supports_vision: true
            supports_reasoning: false
            description: text
      """, ["KEY": "sk-secret", "TAG": "fast"])
    #expect(configuration.problems.isEmpty, "\(configuration.problems)")
    let entry = try #require(configuration.models.first)
    #expect(entry.provider == "azure")
    #expect(entry.modelPosition == SourcePosition(line: 5, column: 14))
    #expect(entry.apiBase == "https://example.com")
    #expect(entry.apiKey == Secret("sk-secret"))
    #expect(entry.apiVersion == "2024-10-21")
    #expect(entry.organization == "org")
    #expect(entry.project == "pro")
    #expect(entry.azureADToken == Secret("token"))
    #expect(entry.aws.accessKeyID == Secret("id"))
    #expect(entry.aws.secretAccessKey == Secret("secret"))
    #expect(entry.aws.sessionToken == Secret("session"))
    #expect(entry.aws.bearerToken == Secret("bearer"))
    #expect(entry.aws.region == "eu-central-1")
    #expect(entry.aws.endpoint == "https://vpc.example.com")
    #expect(entry.headers.map(\.name) == ["X-One", "Authorization"])
    #expect(entry.headers.last?.value == Secret("sk-secret"))
    #expect(entry.timeout == 30)
    #expect(entry.streamTimeout == 5.5)
    #expect(entry.maxRetries == 0)
    #expect(entry.rpm == 7)
    #expect(entry.tpm == 100_000)
    #expect(entry.maxParallelRequests == 4)
    #expect(entry.weight == 0.5)
    #expect(entry.order == 2)
    #expect(entry.tags == ["free", "fast"])
    #expect(entry.cooldownTime == 0)
    #expect(entry.mockResponse == "hello")
    #expect(entry.maxTokens == 300)
    #expect(entry.temperature == 0)
    #expect(entry.topP == 0.9)
    #expect(entry.seed == -3)
    #expect(entry.stop == ["END"])
    #expect(entry.presencePenalty == -2)
    #expect(entry.frequencyPenalty == 2)
    #expect(entry.reasoningEffort == "low")
    #expect(entry.thinking == ModelEntry.Thinking(mode: .enabled, budgetTokens: 1024))
    #expect(entry.numCtx == 8192)
    #expect(entry.keepAlive?.string == "10m")
    #expect(
      entry.extraBody.map { String(decoding: $0.json, as: UTF8.self) }
        == #"{"provider":{"order":["a","b"],"strict":true},"n":1e-06}"#)
    #expect(entry.dropParams == true)
    #expect(entry.parameters["top_k"]?.integer == 40)
    #expect(entry.parameters["logit_bias"]?["50256"]?.integer == -100)
    #expect(entry.prices.input == "0.00000125")
    #expect(entry.prices.output == "1e-5")
    #expect(entry.prices.cacheRead == "0")
    #expect(entry.prices.cacheWrite == "2e-6")
    #expect(entry.prices.cacheWrite1h == "4e-6")
    #expect(entry.prices.reasoning == "1e-5")
    #expect(entry.prices.tiers[200_000]?.input == "0.0000025")
    #expect(entry.prices.tiers[200_000]?.output == "2e-5")
    #expect(entry.maxInputTokens == 128_000)
    #expect(entry.maxOutputTokens == 16384)
    #expect(entry.info.id == "one")
    #expect(entry.info.mode == .chat)
    #expect(entry.info.baseModel == "azure/gpt-4o")
    #expect(entry.info.tier == "paid")
    #expect(entry.info.supports == ["vision": true, "reasoning": false])
  }

  @Test func readsTheRouter() {
    let configuration = readConfiguration(
      """
      router_settings:
        routing_strategy: latency-based-routing
        routing_strategy_args: {ttl: 60, lowest_latency_buffer: 0.5, max_latency_list_size: 10}
        num_retries: 2
        retry_after: 5
        retry_policy: {AuthenticationErrorRetries: 0, TimeoutErrorRetries: 3, RateLimitErrorRetries: 4,
          ContentPolicyViolationErrorRetries: 1, InternalServerErrorRetries: 5, BadRequestErrorRetries: 0}
        model_group_retry_policy: {a: {TimeoutErrorRetries: 9}}
        allowed_fails: 3
        allowed_fails_policy: {RateLimitErrorAllowedFails: 10000, BadGatewayErrorAllowedFails: 2}
        cooldown_time: 30
        disable_cooldowns: false
        fallbacks: [{a: [b, c]}, {"*": [d]}]
        context_window_fallbacks: [{a: long}]
        content_policy_fallbacks: {a: [b]}
        default_fallbacks: [z]
        max_fallbacks: 4
        model_group_alias: {gpt: a, hidden: {model: b, hidden: true}}
        enable_pre_call_checks: true
        enable_tag_filtering: yes
        tag_filtering_match_any: "False"
        timeout: 20
        stream_timeout: 10
        default_max_parallel_requests: 8
      """)
    #expect(configuration.problems.isEmpty, "\(configuration.problems)")
    let router = configuration.router
    #expect(router.strategy == .latencyBased)
    #expect(router.strategyArguments.ttl == 60)
    #expect(router.strategyArguments.lowestLatencyBuffer == 0.5)
    #expect(router.strategyArguments.maxLatencyListSize == 10)
    #expect(router.numRetries == 2)
    #expect(router.retryAfter == 5)
    #expect(router.retryPolicy?.authentication == 0)
    #expect(router.retryPolicy?.timeout == 3)
    #expect(router.retryPolicy?.rateLimit == 4)
    #expect(router.retryPolicy?.contentPolicyViolation == 1)
    #expect(router.retryPolicy?.internalServer == 5)
    #expect(router.retryPolicy?.badRequest == 0)
    #expect(router.modelGroupRetryPolicy["a"]?.timeout == 9)
    #expect(router.allowedFails == 3)
    #expect(router.allowedFailsPolicy?.rateLimit == 10000)
    #expect(router.allowedFailsPolicy?.serviceUnavailable == 2)
    #expect(router.cooldownTime == 30)
    #expect(router.disableCooldowns == false)
    #expect(router.fallbacks.map(\.group.value) == ["a", "*"])
    #expect(router.fallbacks.first?.models.map(\.value) == ["b", "c"])
    #expect(router.fallbacks.first?.models.last?.position == SourcePosition(line: 13, column: 23))
    #expect(router.contextWindowFallbacks.first?.models.map(\.value) == ["long"])
    #expect(router.contentPolicyFallbacks.first?.models.map(\.value) == ["b"])
    #expect(router.defaultFallbacks.map(\.value) == ["z"])
    #expect(router.maxFallbacks == 4)
    #expect(router.aliases.map(\.name) == ["gpt", "hidden"])
    #expect(router.aliases.map(\.model.value) == ["a", "b"])
    #expect(router.aliases.map(\.isHidden) == [false, true])
    #expect(router.enablePreCallChecks == true)
    #expect(router.enableTagFiltering == true)
    #expect(router.tagFilteringMatchAny == false)
    #expect(router.timeout == 20)
    #expect(router.streamTimeout == 10)
    #expect(router.defaultMaxParallelRequests == 8)
  }

  @Test func whatTheRouterSaysWinsOverLiteLLMsSettings() {
    let configuration = readConfiguration(
      """
      router_settings: {num_retries: 2, fallbacks: [{a: [b]}]}
      litellm_settings:
        num_retries: 5
        request_timeout: 10
        allowed_fails: 1
        fallbacks: [{c: [d]}]
        context_window_fallbacks: [{a: [e]}]
        drop_params: true
        modify_params: false
        callbacks: [otel]
      """)
    #expect(configuration.router.numRetries == 2)
    #expect(configuration.router.timeout == 10)
    #expect(configuration.router.allowedFails == 1)
    #expect(configuration.router.fallbacks.map(\.group.value) == ["a"])
    #expect(configuration.router.contextWindowFallbacks.map(\.group.value) == ["a"])
    #expect(
      configuration.litellm
        == {
          var settings = LiteLLMSettings()
          settings.dropParams = true
          settings.modifyParams = false
          return settings
        }())
    #expect(configuration.texts(.note).count == 1)
    #expect(configuration.warnings.isEmpty)
  }

  @Test func credentialsAndDefaultsFillWhatAnEntryLeavesOut() {
    let configuration = readConfiguration(
      """
      credential_list:
        - credential_name: azure
          credential_values: {api_key: os.environ/KEY, api_base: https://a.example, api_version: v1}
          credential_info: {description: x}
      router_settings:
        default_litellm_params: {temperature: 0.3, api_version: v0, timeout: 9}
      model_list:
        - model_name: a
          litellm_params: {model: azure/x, litellm_credential_name: azure, api_base: https://b.example}
        - model_name: b
          litellm_params: {model: azure/y, litellm_credential_name: azur}
      """, ["KEY": "k"])
    let first = configuration.models[0]
    #expect(first.apiKey == Secret("k"))
    #expect(first.apiBase == "https://b.example")
    #expect(first.apiVersion == "v1")
    #expect(first.temperature == 0.3)
    #expect(first.timeout == 9)
    #expect(configuration.models[1].apiVersion == "v0")
    #expect(configuration.texts(.error) == ["11:63: no credential is named azur"])
    #expect(configuration.problems.map(\.hint) == ["did you mean azure?"])
  }

  @Test func organizationsGiveAnEntryEach() {
    let configuration = readConfiguration(
      """
      model_list:
        - model_name: a
          litellm_params: {model: openai/x, organization: [one, os.environ/TWO]}
      """, ["TWO": "two"])
    #expect(configuration.models.map(\.organization) == ["one", "two"])
    #expect(configuration.models.map(\.name) == ["a", "a"])
  }

  @Test func variablesOfTheFileStandForReferences() {
    let configuration = readConfiguration(
      """
      environment_variables: {OWN: value, COPY: os.environ/OUTER, OUTER: mine}
      model_list:
        - {model_name: a, litellm_params: {model: os.environ/OWN, api_base: os.environ/COPY, rpm: os.environ/NUMBER}}
      """, ["OUTER": "https://x.example", "NUMBER": "12"])
    #expect(configuration.models.first?.model == "value")
    #expect(configuration.models.first?.apiBase == "https://x.example")
    #expect(configuration.models.first?.rpm == 12)
    let environment = configuration.environment(over: ["OUTER": "outer", "OTHER": "other"])
    #expect(environment["OWN"] == "value")
    #expect(environment["OUTER"] == "mine")
    #expect(environment["OTHER"] == "other")
  }
}
