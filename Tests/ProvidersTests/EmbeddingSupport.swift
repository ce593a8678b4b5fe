import CurlTransport
import Foundation
import HTTPTransport
import TestHTTPServer

@testable import Providers

/// An endpoint that is never reached, for pure tests.
func endpoint(
  _ provider: String = "openai", _ base: String = "https://example.com/v1", credential: Credential = .none
) throws -> Endpoint {
  Endpoint(provider: provider, base: try HTTPURL(base), credential: credential)
}

func key(_ text: String = "sk-test-key") -> Credential { Secret(text).map(Credential.key) ?? .none }

func embedding(
  _ texts: [String], _ purpose: EmbeddingRequest.Purpose = .passage, model: String = "m", dimensions: Int? = nil
)
  -> EmbeddingRequest
{
  EmbeddingRequest(model: model, texts: texts, purpose: purpose, dimensions: dimensions)
}

extension HTTPRequest {
  /// The body as text.
  var text: String { String(decoding: body, as: UTF8.self) }

  /// The line of a header.
  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name }.flatMap { try? $0.withLine { $0 } }
  }
}

/// The same members in whatever order.
func sameJSON(_ left: String, _ right: String) throws -> Bool {
  try JSONTree(parsing: Array(left.utf8)) == JSONTree(parsing: Array(right.utf8))
}

func json(_ text: String) throws -> JSONTree { try JSONTree(parsing: Array(text.utf8)) }

/// Runs `body` with a server and a connection to it.
func withServer<Result>(
  _ handler: @escaping TestHTTPServer.Handler,
  _ body: (TestHTTPServer, CurlTransport, Endpoint) async throws -> Result
) async throws -> Result {
  let server = try TestHTTPServer(handler)
  let transport = CurlTransport()
  defer {
    transport.shutDown()
    server.stop()
  }
  let endpoint = Endpoint(
    provider: "openai", base: try HTTPURL(server.base + "/v1"), credential: key(),
    timeouts: HTTPTimeouts(firstByte: .seconds(20), idle: .seconds(20)))
  return try await body(server, transport, endpoint)
}

/// How a call failed.
func failure<Value>(_ body: () async throws(ProviderError) -> Value) async -> ProviderError? {
  do throws(ProviderError) {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}
