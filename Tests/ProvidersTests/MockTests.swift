import HTTPTransport
import Ledger
import Testing

@testable import Providers

struct MockTests {
  private struct NoTransport: HTTPTransport {
    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse { throw .shutDown }
  }

  private func provider(_ values: [String: String], _ definition: ProviderDefinition = .mock) throws -> any ChatProvider
  {
    let endpoint = try definition.endpoint(ProviderSettings(values: values))
    #expect(endpoint.provider == "mock")
    return try #require(
      definition.chatProvider(model: "m", traits: ModelTraits(), endpoint: endpoint, transport: NoTransport()))
  }

  private func events(_ provider: any ChatProvider) async -> ([ChatEvent], ProviderError?) {
    var events: [ChatEvent] = []
    do throws(ProviderError) {
      for try await event in try await provider.stream(question) { events.append(event) }
      return (events, nil)
    } catch {
      return (events, error)
    }
  }

  @Test func saysItsScriptWordByWord() async throws {
    for definition in [ProviderDefinition.mock, .openAI, .gemini] {
      let (found, error) = await events(try provider(["mock_response": "One  two\nthree."], definition))
      #expect(error == nil)
      #expect(found.filter(\.isDelta) == [.text("One"), .text("  two"), .text("\nthree.")])
      #expect(found.finish == .stop)
      #expect(found.usage?.provenance == .estimated)
    }
    #expect(await !events(try provider([:])).0.text.isEmpty)
  }

  @Test func reportsTheCountersOfItsScript() async throws {
    let (found, _) = await events(
      try provider(["mock_response": "a", "mock_usage": #"{"prompt_tokens":100,"completion_tokens":7}"#]))
    #expect(found.usage == TokenUsage(input: 100, output: 7, provenance: .provider))
  }

  @Test(arguments: [
    (["mock_error": "rate_limit"], ProviderError.Kind.rateLimit), (["mock_error": "rateLimit"], .rateLimit),
    (["mock_error": "context"], .context), (["mock_error": "nonsense"], .server),
    (["mock_response": "litellm.RateLimitError"], .rateLimit),
    (["mock_response": "litellm.ContextWindowExceededError"], .context),
  ])
  func failsAtOnce(_ values: [String: String], _ kind: ProviderError.Kind) async throws {
    let (found, error) = await events(try provider(values))
    #expect(found.isEmpty)
    #expect(error?.kind == kind)
    #expect(error?.mayBeCharged == false)
  }

  @Test func failsAfterWhatItSays() async throws {
    let (found, error) = await events(try provider(["mock_response": "a b", "mock_error": "overloaded"]))
    #expect(found.text == "a b")
    #expect(found.usage != nil)
    #expect(found.finish == nil)
    #expect(error?.kind == .overloaded)
    #expect(error?.mayBeCharged == true)
  }

  @Test func cancellingEndsAPause() async throws {
    let slow = try provider(["mock_response": "a b", "mock_delay_ms": "600000"])
    let task = Task { await events(slow).1 }
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
  }

  @Test func scriptsThatDifferAreServersThatDiffer() throws {
    func base(_ text: String) throws -> HTTPURL {
      try ProviderDefinition.mock.endpoint(ProviderSettings(values: ["mock_response": text])).base
    }
    #expect(try base("a") == base("a"))
    #expect(try base("a") != base("b"))
    #expect(try base("a").isLoopback)
  }
}
