import HTTPTransport
import Testing

struct HTTPURLTests {
  @Test func takesItApart() throws {
    let url = try HTTPURL("HTTPS://API.Example.com:8443/v1/x?a=b#c")
    #expect(url.scheme == .https)
    #expect(url.host == "api.example.com")
    #expect(url.port == 8443)
    #expect(url.path == "/v1/x")
    #expect(url.query == "a=b")
    #expect(url.description == "https://api.example.com:8443/v1/x?a=b")
    #expect(try HTTPURL("http://[::1]:80/v1").description == "http://[::1]/v1")
  }

  @Test(arguments: [
    "", "localhost", "ftp://a/", "file:///etc/passwd", "http://", "http://u:p@host/", "http://a\\b/", "http://a b/",
    "http://a:0/", "http://a:65536/", "http://a:/", "http://a:1x/", "http://[::1/", "http://[localhost]/",
    "http://ä/", "http://a%2eb/", "http://a\r\nb/",
  ])
  func refuses(_ text: String) {
    #expect(throws: HTTPURL.Invalid.self) { try HTTPURL(text) }
  }

  @Test func knowsLoopback() throws {
    for text in [
      "http://localhost:1/", "http://127.0.0.1", "http://127.255.3.4/x", "https://[::1]:9/", "http://LOCALHOST",
    ] {
      #expect(try HTTPURL(text).isLoopback, "\(text)")
    }
    for text in [
      "http://127.1", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://128.0.0.1",
      "http://127.0.0.256", "http://127.0.0", "http://0.0.0.0", "http://[::2]", "http://127.0.0.1.",
    ] {
      #expect(try !HTTPURL(text).isLoopback, "\(text)")
    }
  }

  @Test func appends() throws {
    #expect(try HTTPURL("http://a/v1//").appending("models").description == "http://a/v1/models")
    #expect(try HTTPURL("http://a?x=1").appending("/v1").description == "http://a/v1")
  }
}
