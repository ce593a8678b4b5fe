import HTTPTransport
import Providers

extension Deployment {
  /// Who answers for it.
  func provider(transport: any HTTPTransport, registry: ProviderRegistry = .standard) -> any ChatProvider {
    registry[endpoint.provider]?.chatProvider(
      model: model, traits: traits, endpoint: endpoint, transport: transport)
      ?? UnansweredProvider(provider: endpoint.provider)
  }

  /// What an entry's `extra_body` cannot set: how much is answered, and how often, is what money was reserved for.
  private static let bounded: Set = [
    "max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "inferenceConfig", "n", "best_of",
    "models", "stream", "service_tier",
  ]

  /// `request` as this deployment is asked it.
  func chatRequest(_ request: RoutedRequest, maxOutputTokens: Int) -> ChatRequest {
    ChatRequest(
      model: model, messages: request.messages, traits: traits, maxOutputTokens: maxOutputTokens,
      temperature: request.temperature ?? defaults.temperature, topP: defaults.topP, seed: defaults.seed,
      stop: request.stop.isEmpty ? defaults.stop : request.stop, reasoning: request.reasoning ?? defaults.reasoning,
      cachesPrompt: defaults.cachesPrompt,
      extraBody: defaults.extraBody.filter { !Deployment.bounded.contains($0.key) },
      estimatedInputTokens: request.estimatedInputTokens)
  }
}

/// Stands for a provider that does not chat: deployments of it are not made from configurations.
private struct UnansweredProvider: ChatProvider {
  let provider: String

  func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream {
    throw ProviderError(.badRequest, provider: provider, message: "\(provider) does not chat")
  }
}
