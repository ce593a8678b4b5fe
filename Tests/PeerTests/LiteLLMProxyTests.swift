import CurlTransport
import Ledger
import Providers
import Router
import Testing

/// LiteLLM's proxy as an upstream, in each format that it offers. What it says is its own: nothing here was written to
/// please these tests.
@Suite(
  .serialized,
  .enabled(
    if: PeerServer.python("CICERONE_LITELLM_PYTHON") != nil, "CICERONE_LITELLM_PYTHON names no Python with litellm"))
struct LiteLLMProxyTests {
  /// As in `Tests/Integration/litellm_proxy.py`.
  private static let key = "sk-cicerone-" + "9b1e64d27c3f48a0"
  private static let answer = "The proxy says that the burn is computed [1]."
  private static let pieces = "The upstream answers in pieces: ä ö ü 🛰️ [1]."

  /// How an entry names the proxy: one prefix for each format.
  enum Format: String, CaseIterable {
    case openai
    case proxy = "litellm_proxy"
    case anthropic
    case gemini

    func entry(_ model: String, _ server: PeerServer, key: String = LiteLLMProxyTests.key) -> String {
      "model: \(rawValue)/\(model), api_base: '\(server.base)\(self == .openai ? "/v1" : "")', api_key: '\(key)'"
    }
  }

  private static let server = Result {
    try PeerServer("litellm_proxy.py", python: PeerServer.python("CICERONE_LITELLM_PYTHON") ?? "python3")
  }

  private func ask(_ format: Format, _ model: String, key: String = Self.key) async throws -> Conversation {
    try await Conversation.ask(format.entry(model, Self.server.get(), key: key))
  }

  @Test(arguments: Format.allCases)
  func answersStream(_ format: Format) async throws {
    let conversation = try await ask(format, "streams")
    #expect(conversation.error == nil)
    #expect(conversation.text == Self.pieces)
    #expect(conversation.pieces > 3)
    let report = try #require(conversation.report)
    #expect(report.finishReason == .stop)
    #expect(report.interruption == nil)
    #expect(report.attempts.count == 1)
    let usage = try #require(report.usage)
    #expect(usage.provenance == .provider)
    // LiteLLM gives counts of zero in Gemini's format.
    if format != .gemini {
      #expect(usage.input == 321)
      #expect(usage.output == 45)
    }
  }

  /// LiteLLM answers its mock of Anthropic's format with a whole document, although a stream was asked for.
  @Test(arguments: Format.allCases)
  func mocksAnswer(_ format: Format) async throws {
    let conversation = try await ask(format, "says")
    #expect(conversation.error == nil)
    #expect(conversation.text == Self.answer)
    #expect(conversation.report?.finishReason == .stop)
    if format != .gemini { #expect(conversation.report?.usage?.output ?? 0 > 0) }
    // It runs here, so it costs nothing whatever LiteLLM says that it does.
    #expect(conversation.report?.cost == .zero)
  }

  @Test(arguments: [Format.openai, .proxy])
  func whatFailsHasItsClass(_ format: Format) async throws {
    #expect(try await ask(format, "limited").failure == .rateLimit)
    #expect(try await ask(format, "overlong").failure == .context)
    #expect(try await ask(format, "broken").failure == .server)
    #expect(try await ask(format, "breaks-off").failure == .overloaded)
    #expect(try await ask(format, "nobody").failure == .notFound)
    #expect(try await ask(format, "says", key: "sk-somebody-else").failure == .authentication)
  }

  /// LiteLLM does not mock failures in Anthropic's format; in Gemini's some become others on its way.
  @Test(arguments: [Format.anthropic, .gemini])
  func whatItCanFailWithHasItsClass(_ format: Format) async throws {
    #expect(try await ask(format, "limited").failure == .rateLimit)
    #expect(try await ask(format, "broken").failure == .server)
    #expect(try await ask(format, "nobody").failure == .notFound)
    #expect(try await ask(format, "says", key: "sk-somebody-else").failure == .authentication)
    if format == .anthropic { #expect(try await ask(format, "overlong").failure == .context) }
  }

  @Test func failuresDoNotShowTheKey() async throws {
    let conversation = try await ask(.proxy, "says", key: "sk-somebody-else")
    let error = try #require(conversation.error)
    #expect(!error.message.contains("somebody"))
    #expect(error.hint != nil)
    #expect(error.cause?.status == 400)
  }

  @Test func itsModelsAreListed() async throws {
    let router = try Conversation.router(Format.proxy.entry("says", Self.server.get()))
    let deployment = try #require(router.deployments.first)
    let definition = try #require(ProviderRegistry.standard[deployment.endpoint.provider])
    let models = try await definition.models(at: deployment.endpoint, transport: CurlTransport())
    #expect(Set(models.map(\.id)).isSuperset(of: ["says", "limited", "streams"]))
  }
}
