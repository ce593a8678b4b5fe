import Foundation
import HTTPTransport
import Ledger
import TestHTTPServer
import Testing

@testable import Providers

/// How the servers of one format say what servers say: a normal answer, the failures, the end. One value a format, each
/// in a file of its own and listed in ``all``; `ConformanceTests` then demands the same of every one.
struct ProviderFake: Sendable, CustomTestStringConvertible {
  /// Every format.
  static let all: [ProviderFake] = [openAI, azure, responses, anthropic, bedrock, gemini, geminiList, ollama]

  /// Its name in the output of tests.
  var name: String
  /// The provider in whose name it speaks.
  var provider: String
  var format: any ChatFormat
  var model = "m"
  /// What the endpoint's base has after the server's address.
  var basePath = ""
  var credential: Credential
  var values: [String: String] = [:]
  /// What must never be shown: a part of the credential.
  var secretText = "sk-conformance-key"
  /// Whether a request showed the credential as the format demands.
  var showsCredential: @Sendable (TestRequest) -> Bool
  /// The headers of a success.
  var headers: [String: String] = ["Content-Type": "text/event-stream"]

  // MARK: Frames: what is sent, one after the other

  /// What comes before any text: some formats already say what the input was.
  var opening: @Sendable (TokenUsage?) -> [UInt8] = { _ in [] }
  /// A piece of the answer.
  var text: @Sendable (String) -> [UInt8]
  /// A piece of what the model thinks, where the format has it.
  var reasoning: (@Sendable (String) -> [UInt8])?
  /// The end: why, what was used (if that is said), and the marker.
  var closing: @Sendable (FinishReason, TokenUsage?) -> [UInt8]
  /// Something that only keeps the connection alive, where the format has it.
  var keepAlive: [UInt8]?
  /// An error in the midst of the answer, where the format has it.
  var streamError: (@Sendable (FakeFailure) -> [UInt8]?)
  /// Bytes that are no answer in this format.
  var garbage: [UInt8] = Array("data: <html>no answer</html>\n\n".utf8)
  /// The same answer as one document, where servers send that too: text, usage.
  var document: (@Sendable (String, TokenUsage) -> [UInt8])?

  // MARK: Failures and accounts

  /// A response that is no success, with a message that says `message`.
  var failure: @Sendable (FakeFailure, _ message: String) -> FakeResponse
  /// What of a usage the format can say: some have no caches, or do not tell reasoning from the rest.
  var conveyed: @Sendable (TokenUsage) -> TokenUsage = { $0 }
  /// Which ends the format can say.
  var finishes: [FinishReason] = [.stop, .length, .contentFilter]

  var testDescription: String { name }
}

/// A response that is no success.
struct FakeResponse: Sendable {
  var status: Int
  var headers: [String: String] = [:]
  var body: String
}

/// What goes wrong at providers.
enum FakeFailure: Sendable, CaseIterable {
  case badRequest, authentication, permission, notFound, context, rateLimit, overloaded, server

  var kind: ProviderError.Kind {
    switch self {
    case .badRequest: .badRequest
    case .authentication: .authentication
    case .permission: .permission
    case .notFound: .notFound
    case .context: .context
    case .rateLimit: .rateLimit
    case .overloaded: .overloaded
    case .server: .server
    }
  }
}

extension ProviderFake {
  /// A whole answer.
  func answer(_ pieces: [String], usage: TokenUsage?, finish: FinishReason = .stop) -> [UInt8] {
    opening(usage) + pieces.flatMap(text) + closing(finish, usage)
  }

  /// An endpoint at a server of these tests.
  func endpoint(_ server: String) throws -> Endpoint {
    Endpoint(
      provider: provider, base: try HTTPURL(server + basePath), credential: credential, values: values,
      timeouts: HTTPTimeouts(firstByte: .seconds(20), idle: .milliseconds(700)))
  }

  /// The common question, for this format's model.
  var request: ChatRequest {
    var request = question
    request.model = model
    return request
  }

  /// What comes of pieces of the body of a success.
  func decode(_ pieces: [[UInt8]]) throws -> (events: [ChatEvent], error: ProviderError?) {
    var headers = HTTPHeaders()
    for (name, value) in self.headers { headers.append(name: name, value: value) }
    var decoder = format.exchange(request, at: try endpoint("http://127.0.0.1:1")).decoder(headers)
    return decodeAll(&decoder, pieces)
  }
}

/// A JSON text of `value`.
func jsonText(_ value: Any) -> String {
  guard let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed]) else {
    return "null"
  }
  return String(decoding: data, as: UTF8.self)
}

/// Everything that a decoder makes of pieces of bytes.
func decodeAll(_ decoder: inout any ChatDecoder, _ pieces: [[UInt8]]) -> (events: [ChatEvent], error: ProviderError?) {
  var events: [ChatEvent] = []
  for piece in pieces {
    let (more, error) = decoder.push(piece)
    events += more
    if let error { return (events, error) }
  }
  let (more, error) = decoder.end()
  return (events + more, error)
}
