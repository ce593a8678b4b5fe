import HTTPTransport
import TestHTTPServer

@testable import Providers

extension ProviderFake {
  /// Chat completions at one of Azure's deployments.
  static let azure: ProviderFake = {
    var fake = openAI
    fake.name = "Azure OpenAI chat"
    fake.provider = "azure"
    fake.format = OpenAIChatFormat(OpenAIQuirks(address: .azure))
    fake.basePath = ""
    fake.values = ["api_version": "2024-10-21"]
    fake.showsCredential = {
      $0.headers["api-key"] == "sk-conformance-key" && $0.headers["authorization"] == nil
        && $0.target == "/openai/deployments/m/chat/completions?api-version=2024-10-21"
    }
    // What was filtered of the prompt comes first, without any choice.
    let filtered = "{\"id\":\"\",\"object\":\"\",\"model\":\"\",\"choices\":[],\"prompt_filter_results\":[]}"
    fake.opening = { _ in Array("data: \(filtered)\n\n".utf8) }
    return fake
  }()
}
