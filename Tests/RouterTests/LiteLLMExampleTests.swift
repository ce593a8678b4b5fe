import Configuration
import HTTPTransport
import Providers
import Testing

@testable import Router

/// Configurations of the shape of LiteLLM's documented examples run as they are.
@Suite struct LiteLLMExampleTests {
  static let environment = [
    "OPENAI_API_KEY": "sk-openai", "AZURE_API_KEY_EU": "eu", "AZURE_API_KEY_CA": "ca", "AZURE_API_KEY": "az",
    "AZURE_API_BASE": "https://base.openai.azure.com", "ANTHROPIC_API_KEY": "sk-anthropic", "REDIS_HOST": "localhost",
  ]

  func run(
    _ yaml: String
  ) throws -> (configuration: Configuration, deployments: [Deployment], problems: [ConfigurationProblem]) {
    let configuration = try Configuration(yaml: Array(yaml.utf8), environment: Self.environment)
    let made = DeploymentBuilder(environment: Self.environment).deployments(of: configuration)
    return (
      configuration, made.deployments,
      ConfigurationCheck.problems(of: configuration, environment: Self.environment)
    )
  }

  /// Several deployments of one group at Azure and OpenAI, with limits, fallbacks and references.
  @Test func loadBalancingOverAzureAndOpenAI() throws {
    let result = try run(
      """
      model_list:
        - model_name: gpt-4o ### what callers ask for ###
          litellm_params:
            model: azure/gpt-4o-eu ### the deployment's name ###
            api_base: https://example-europe.openai.azure.com/
            api_key: "os.environ/AZURE_API_KEY_EU"
            api_version: "2024-10-21"
            rpm: 6      # requests a minute
          model_info:
            base_model: azure/gpt-4o
        - model_name: gpt-4o
          litellm_params:
            model: azure/gpt-4o-ca
            api_base: https://example-canada.openai.azure.com/
            api_key: "os.environ/AZURE_API_KEY_CA"
            rpm: 6
            tpm: 60000
          model_info:
            base_model: azure/gpt-4o
        - model_name: gpt-4o
          litellm_params:
            model: gpt-4o
            api_key: os.environ/OPENAI_API_KEY
            rpm: 200
        - model_name: gpt-4o-mini
          litellm_params:
            model: openai/gpt-4o-mini
            api_key: os.environ/OPENAI_API_KEY
            temperature: 0.2
            extra_headers: {"X-Team": "docs"}
        - model_name: vllm-models
          litellm_params:
            model: openai/facebook/opt-125m
            api_base: http://0.0.0.0:4000/v1
            api_key: none
            rpm: 1440
          model_info:
            version: 2

      litellm_settings:
        num_retries: 3
        request_timeout: 10
        fallbacks: [{"gpt-4o": ["gpt-4o-mini"]}]
        context_window_fallbacks: [{"gpt-4o": ["gpt-4o-mini"]}, {"gpt-4o-mini": ["vllm-models"]}]
        allowed_fails: 3
        drop_params: True
        success_callback: ["langfuse"]

      router_settings:
        routing_strategy: simple-shuffle
        model_group_alias: {"gpt-4": "gpt-4o"}
        num_retries: 2
        timeout: 30
        redis_host: os.environ/REDIS_HOST
        redis_password: os.environ/REDIS_PASSWORD
        redis_port: 1992

      general_settings:
        master_key: sk-1234
        alerting: ["slack"]
      """)
    #expect(result.deployments.map(\.name) == ["gpt-4o", "gpt-4o", "gpt-4o", "gpt-4o-mini", "vllm-models"])
    #expect(
      result.deployments.map(\.endpoint.base.host) == [
        "example-europe.openai.azure.com", "example-canada.openai.azure.com", "api.openai.com", "api.openai.com",
        "0.0.0.0",
      ])
    #expect(result.deployments.prefix(2).allSatisfy { $0.endpoint.provider == "azure" && $0.priceSource == .catalogue })
    #expect(result.deployments[0].endpoint.credential == .key(try #require(Secret("eu"))))
    #expect(result.configuration.router.numRetries == 2)
    #expect(result.configuration.router.timeout == 30)
    #expect(result.configuration.router.allowedFails == 3)
    #expect(result.configuration.router.fallbacks.first?.models.map(\.value) == ["gpt-4o-mini"])
    #expect(result.problems.filter { $0.severity == .error }.isEmpty)
    #expect(result.problems.filter { $0.severity == .note }.count >= 4)
    // What is left: a server elsewhere whose price nobody told, and windows of one size.
    for problem in result.problems where problem.severity == .warning {
      #expect(
        problem.message.contains("the price of") || problem.message.contains("unencrypted")
          || problem.message.contains("tokens, "), "\(problem)")
    }
  }

  /// Tags, order, weights, budgets that are not supported, and other providers.
  @Test func routingByOrderWeightAndTags() throws {
    let result = try run(
      """
      model_list:
        - model_name: claude
          litellm_params:
            model: anthropic/claude-sonnet-4-5
            api_key: os.environ/ANTHROPIC_API_KEY
            order: 1
            weight: 3
            tags: ["paid"]
            max_budget: 10
            budget_duration: 1d
        - model_name: claude
          litellm_params:
            model: bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0
            aws_access_key_id: id
            aws_secret_access_key: secret
            aws_region_name: us-east-1
            order: 2
        - model_name: local
          litellm_params:
            model: ollama/mistral
            api_base: http://127.0.0.1:11434
            num_ctx: 8192
            keep_alive: "8m"
      router_settings:
        routing_strategy: latency-based-routing
        routing_strategy_args: {"ttl": 10, "lowest_latency_buffer": 0.5}
        enable_tag_filtering: True
        enable_pre_call_checks: true
        allowed_fails: 1
        cooldown_time: 30
        retry_policy: {"AuthenticationErrorRetries": 0, "RateLimitErrorRetries": 3}
        default_fallbacks: ["local"]
      litellm_settings:
        cache: true
        cache_params: {type: redis}
      """)
    #expect(result.problems.filter { $0.severity == .error }.isEmpty, "\(result.problems)")
    #expect(result.deployments.contains { $0.name == "local" && $0.isFree })
    #expect(
      result.problems.filter { $0.message.contains("not supported: a request is limited") }.compactMap(\.position?.line)
        == [9, 10])
  }
}
