import Configuration
import HTTPTransport
import Ledger
import Providers
import Testing

@testable import Router

/// Entries of Anthropic and Bedrock, as LiteLLM spells them.
struct ClaudeSetupTests {
  func one(_ parameters: String, _ environment: [String: String] = [:]) throws -> (Deployment?, [String]) {
    let yaml = "model_list:\n  - model_name: m\n    litellm_params: {\(parameters)}\n"
    let configuration = try Configuration(yaml: Array(yaml.utf8), environment: environment)
    let built = DeploymentBuilder(environment: environment).deployments(of: configuration)
    return (built.deployments.first, built.warnings.map(\.message))
  }

  @Test(arguments: [
    ("model: anthropic/claude-sonnet-5-5", "anthropic", "https://api.anthropic.com", 2_000_000),
    ("model: anthropic.claude-sonnet-5-5", "anthropic", "https://api.anthropic.com", 2_000_000),
    ("model: claude-haiku-4-5", "anthropic", "https://api.anthropic.com", 1_000_000),
    (
      "model: bedrock/us.anthropic.claude-sonnet-5-5", "bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com",
      2_200_000
    ),
    (
      "model: bedrock/converse/us.anthropic.claude-sonnet-5-5, aws_region_name: us-west-2", "bedrock",
      "https://bedrock-runtime.us-west-2.amazonaws.com", 2_200_000
    ),
    (
      "model: bedrock/us-gov-east-1/anthropic.claude-sonnet-5-5", "bedrock",
      "https://bedrock-runtime.us-gov-east-1.amazonaws.com", 2_400_000
    ),
    (
      "model: us.amazon.nova-pro-v1:0", "bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com", 800_000
    ),
  ])
  func findsServersAndPrices(_ parameters: String, _ provider: String, _ base: String, _ input: Int64) throws {
    let (found, warnings) = try one(
      parameters,
      [
        "ANTHROPIC_API_KEY": "k", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s",
      ])
    let deployment = try #require(found, "\(warnings)")
    #expect(deployment.endpoint.provider == provider)
    #expect(deployment.endpoint.base.description == base)
    #expect(deployment.endpoint.credential != .none)
    guard case .known(let price) = deployment.price else {
      Issue.record("no price")
      return
    }
    #expect(price.base.input == Money(picoUSD: input))
    #expect(deployment.traits.isKnown)
  }

  @Test func saysWhatIsMissing() throws {
    #expect(try one("model: anthropic/claude-sonnet-5-5").1.first?.contains("ANTHROPIC_API_KEY is not set") == true)
    #expect(try one("model: bedrock/amazon.nova-pro-v1:0").1.first?.contains("aws_region_name is missing") == true)
    let keyless = try one("model: bedrock/amazon.nova-pro-v1:0, aws_region_name: us-east-1")
    #expect(keyless.0 == nil)
    #expect(keyless.1.first?.contains("no credentials") == true)
  }

  @Test func aServerOfOnesOwnNeedsNoKeyAndCostsNothing() throws {
    let found = try #require(
      try one("model: anthropic/qwen, api_base: 'http://127.0.0.1:8080'", ["ANTHROPIC_API_KEY": "k"]).0)
    #expect(found.endpoint.credential == .none)
    #expect(found.price == .free)
  }
}
