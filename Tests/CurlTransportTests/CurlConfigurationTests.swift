import CurlTransport
import HTTPTransport
import TestHTTPServer
import Testing

struct CurlConfigurationTests {
  @Test func readsTheEnvironment() throws {
    let configuration = CurlConfiguration(environment: [
      "SSL_CERT_FILE": "/a.pem", "SSL_CERT_DIR": "/certs", "http_proxy": "http://p:1", "HTTPS_PROXY": "http://q:2",
      "NO_PROXY": "example.com",
    ])
    #expect(configuration.certificateFile == "/a.pem")
    #expect(configuration.certificateDirectory == "/certs")
    #expect(configuration.proxies[.http] == Secret("http://p:1"))
    #expect(configuration.proxies[.https] == Secret("http://q:2"))
    #expect(configuration.proxyExceptions == "example.com")
    // A CGI server would set this one from a request header.
    #expect(CurlConfiguration(environment: ["HTTP_PROXY": "http://p:1"]).proxies.isEmpty)
    #expect(CurlConfiguration(environment: ["all_proxy": "http://p:1"]).proxies.count == 2)
  }

  @Test func goesThroughTheProxyButNotForLoopback() async throws {
    let proxy = try TestHTTPServer { request, connection in try connection.respond(200, body: request.target) }
    defer { proxy.stop() }
    let configuration = CurlConfiguration(environment: ["http_proxy": proxy.base, "no_proxy": "direct.invalid"])
    try await withServer(configuration) { _, connection in
      try connection.respond(200, body: "direct")
    } _: { (server, transport) async throws in
      let far = try await transport.send(HTTPRequest(.get, try HTTPURL("http://somewhere.invalid/x")))
      #expect(try await far.text() == "http://somewhere.invalid/x")
      #expect(try await transport.send(HTTPRequest(.get, try server.url())).text() == "direct")
      let excepted = await failure {
        _ = try await transport.send(HTTPRequest(.get, try HTTPURL("http://direct.invalid/")))
      }
      guard case .resolve = excepted else { return #expect(Bool(false), "\(String(describing: excepted))") }
      #expect(proxy.requests.count == 1)
    }
  }

  @Test func aMissingCertificateFileIsATLSError() async throws {
    let configuration = CurlConfiguration(environment: ["SSL_CERT_FILE": "/nonexistent.pem"])
    try await withServer(configuration) { _, _ in
    } _: { (server, transport) async throws in
      let error = await failure {
        _ = try await transport.send(HTTPRequest(.get, try HTTPURL("https://127.0.0.1:\(server.port)/")))
      }
      guard case .tls = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }
  }
}
