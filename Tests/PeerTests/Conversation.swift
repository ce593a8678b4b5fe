import Configuration
import CurlTransport
import HTTPTransport
import Ledger
import Providers
import Router

/// What came of a question.
struct Conversation {
  var text = ""
  var pieces = 0
  var report: RouteReport?
  var error: RouteError?

  /// The class of the provider's failure, if there was one.
  var failure: ProviderError.Kind? { error?.cause?.kind ?? report?.interruption?.kind }

  /// Asks the model of one entry, written as a user writes it into the configuration.
  static func ask(
    _ parameters: String, _ question: String = "What does the burn compute?", environment: [String: String] = [:],
    maxOutputTokens: Int = 40, transport: CurlTransport = CurlTransport()
  ) async throws -> Conversation {
    let router = try router(parameters, environment: environment, transport: transport)
    var conversation = Conversation()
    do {
      for try await event in router.stream(request(question, maxOutputTokens: maxOutputTokens)) {
        switch event {
        case .text(let text):
          conversation.text += text
          conversation.pieces += 1
        case .finished(let report): conversation.report = report
        default: break
        }
      }
    } catch {
      conversation.error = error
    }
    return conversation
  }

  /// A router over the deployment of one entry, which does not repeat what failed.
  static func router(
    _ parameters: String, environment: [String: String] = [:], transport: CurlTransport = CurlTransport()
  ) throws -> ModelRouter {
    let yaml = """
      model_list: [{model_name: peer, litellm_params: {\(parameters)}}]
      router_settings: {num_retries: 0}
      """
    let configuration = try Configuration(yaml: Array(yaml.utf8), environment: environment)
    let built = DeploymentBuilder(environment: environment).deployments(of: configuration)
    return ModelRouter(
      deployments: built.deployments, transport: transport,
      policy: RoutingPolicy(configuration.router, configuration.litellm, configuration.settings))
  }

  static func request(_ question: String, maxOutputTokens: Int = 40) -> RoutedRequest {
    RoutedRequest(
      model: "peer", messages: [ChatMessage(.system, "Answer in one sentence."), ChatMessage(.user, question)],
      estimatedInputTokens: question.utf8.count + 50, maxOutputTokens: maxOutputTokens, temperature: 0)
  }
}
