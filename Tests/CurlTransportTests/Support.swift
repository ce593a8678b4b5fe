import CurlTransport
import HTTPTransport
import TestHTTPServer

/// Runs `body` with a server and a transport that are both gone afterwards.
func withServer<Result>(
  _ configuration: CurlConfiguration = CurlConfiguration(), _ handler: @escaping TestHTTPServer.Handler,
  _ body: (TestHTTPServer, CurlTransport) async throws -> Result
) async throws -> Result {
  let server = try TestHTTPServer(handler)
  let transport = CurlTransport(configuration)
  defer {
    transport.shutDown()
    server.stop()
  }
  return try await body(server, transport)
}

extension TestHTTPServer {
  func url(_ path: String = "/") throws -> HTTPURL { try HTTPURL(base + path) }
}

extension HTTPResponse {
  func text() async throws -> String {
    String(decoding: try await body.collect(upTo: 64 << 20).bytes, as: UTF8.self)
  }
}

/// What `body` throws, if it is a transport error.
func failure(_ body: () async throws -> Void) async -> HTTPTransportError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? HTTPTransportError
  }
}

/// Waits for something that must come true; gives up after 20 s.
func eventually(_ condition: () -> Bool) async throws -> Bool {
  for _ in 0..<2000 {
    if condition() { return true }
    try await Task.sleep(for: .milliseconds(10))
  }
  return condition()
}
