import CurlTransport
import Foundation
import HTTPTransport
import Ledger
import TestHTTPServer

@testable import Providers

/// A file beside the tests.
func fixture(_ name: String) throws -> [UInt8] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
  return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
}

/// One `data:` event for each text, and the marker at the end.
func stream(_ objects: String..., done: Bool = true) -> String {
  objects.map { "data: \($0)\n\n" }.joined() + (done ? "data: [DONE]\n\n" : "")
}

/// A chunk with a text delta.
func chunk(_ text: String, finish: String? = nil) -> String {
  let reason = finish.map { "\"\($0)\"" } ?? "null"
  return #"{"choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":\#(reason)}]}"#
}

let question = ChatRequest(
  model: "m", messages: [ChatMessage(.system, "Answer."), ChatMessage(.user, "What?")], maxOutputTokens: 64,
  estimatedInputTokens: 10)

func makeDecoder(_ provider: String = "openai") -> OpenAIChatDecoder {
  OpenAIChatDecoder(question, classifier: ErrorClassifier(provider: provider, secrets: []))
}

/// Everything that comes of pieces of bytes.
func decode(_ pieces: [[UInt8]], provider: String = "openai") -> (events: [ChatEvent], error: ProviderError?) {
  var decoder = makeDecoder(provider)
  var events: [ChatEvent] = []
  for piece in pieces {
    let (more, error) = decoder.push(piece)
    events += more
    if let error { return (events, error) }
  }
  let (more, error) = decoder.end()
  return (events + more, error)
}

func decode(_ text: String, provider: String = "openai") -> (events: [ChatEvent], error: ProviderError?) {
  decode([Array(text.utf8)], provider: provider)
}

extension [ChatEvent] {
  var text: String { map { if case .text(let text) = $0 { text } else { "" } }.joined() }
  var reasoning: String { map { if case .reasoning(let text) = $0 { text } else { "" } }.joined() }
  var usage: TokenUsage? { lazy.compactMap { if case .usage(let usage) = $0 { usage } else { nil } }.first }
  var finish: FinishReason? { lazy.compactMap { if case .finished(let reason) = $0 { reason } else { nil } }.first }
  var calls: [ToolCall] { compactMap { if case .toolCall(let call) = $0 { call } else { nil } } }
}

/// Runs `body` with a provider whose server answers by `handler`.
func withProvider<Result>(
  key: String? = "sk-test-key", _ handler: @escaping TestHTTPServer.Handler,
  _ body: (TestHTTPServer, HTTPChatProvider) async throws -> Result
) async throws -> Result {
  let server = try TestHTTPServer(handler)
  let transport = CurlTransport()
  defer {
    transport.shutDown()
    server.stop()
  }
  let endpoint = Endpoint(
    provider: "openai", base: try HTTPURL(server.base + "/v1"),
    credential: key.flatMap(Secret.init).map(Credential.key) ?? .none,
    timeouts: HTTPTimeouts(firstByte: .seconds(20), idle: .milliseconds(700)))
  return try await body(server, HTTPChatProvider(endpoint, format: OpenAIChatFormat(), transport: transport))
}

/// All events of a stream, and how it failed.
func collect(_ provider: HTTPChatProvider, _ request: ChatRequest = question) async -> ([ChatEvent], ProviderError?) {
  var events: [ChatEvent] = []
  do throws(ProviderError) {
    for try await event in try await provider.stream(request) { events.append(event) }
    return (events, nil)
  } catch {
    return (events, error)
  }
}

/// The models that the server of a provider lists.
func models(of provider: HTTPChatProvider) async throws(ProviderError) -> [ListedModel] {
  let transport = CurlTransport()
  defer { transport.shutDown() }
  return try await ProviderDefinition.openAI.models(at: provider.endpoint, transport: transport)
}

/// All events of an answer at `endpoint`, and how it failed.
func ask(
  _ endpoint: Endpoint, _ format: any ChatFormat, _ request: ChatRequest = question
) async throws -> ([ChatEvent], ProviderError?) {
  let transport = CurlTransport()
  defer { transport.shutDown() }
  return await collect(HTTPChatProvider(endpoint, format: format, transport: transport), request)
}
