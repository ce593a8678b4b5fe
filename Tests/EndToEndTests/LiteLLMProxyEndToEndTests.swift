import Foundation
import Testing

/// The built program with LiteLLM's proxy as its provider, in each format that the proxy offers.
@Suite(
  .serialized, .enabled(if: LiteLLMProxy.python != nil, "CICERONE_LITELLM_PYTHON names no Python with litellm"))
struct LiteLLMProxyEndToEndTests {
  @Test func theCommandAsksThroughTheProxy() async throws {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    let proxy = try await LiteLLMProxy.start()
    let file = try scratch.configuration(
      """
      model_list:
        - {model_name: as-openai, litellm_params: {model: openai/streams, api_base: '\(proxy.base)/v1', api_key: os.environ/PROXY_KEY}}
        - {model_name: as-proxy, litellm_params: {model: litellm_proxy/streams, api_base: '\(proxy.base)', api_key: os.environ/PROXY_KEY}}
        - {model_name: as-anthropic, litellm_params: {model: anthropic/streams, api_base: '\(proxy.base)', api_key: os.environ/PROXY_KEY}}
        - {model_name: as-gemini, litellm_params: {model: gemini/streams, api_base: '\(proxy.base)', api_key: os.environ/PROXY_KEY}}
        - {model_name: refused, litellm_params: {model: litellm_proxy/says, api_base: '\(proxy.base)', api_key: sk-wrong}}
      """)
    let question = "how does raiseApoapsis compute the burn?"
    for name in ["as-openai", "as-proxy", "as-anthropic", "as-gemini"] {
      let result = try await scratch.ask(
        question, ["PROXY_KEY": LiteLLMProxy.key], options: ["--config", file, "--model", name, "--json"])
      #expect(result.ending == .exited(0), "\(result.errors)")
      let answer = try JSON(parsing: result.output)
      #expect(answer["model"] == .string(name), "\(answer)")
      #expect(answer["answer"] == "The upstream answers in pieces: ä ö ü 🛰️ [1].")
      #expect(answer["degraded"] == nil)
      #expect(answer["citations"]?.items.first?["verified"] == true)
    }
    let refused = try await scratch.ask(
      question, ["PROXY_KEY": LiteLLMProxy.key], options: ["--config", file, "--model", "refused", "--json"])
    let answer = try JSON(parsing: refused.output)
    #expect(answer["model"] == "extractive")
    #expect(answer["degraded"]?["reason"]?.text?.contains("key") == true, "\(answer)")
  }
}
