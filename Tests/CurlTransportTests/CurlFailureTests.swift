import CurlTransport
import Foundation
import HTTPTransport
import TestHTTPServer
import Testing

struct CurlFailureTests {
  @Test func nobodyListens() async throws {
    let server = try TestHTTPServer { _, _ in }
    let url = try server.url()
    server.stop()
    let transport = CurlTransport()
    let error = await failure { _ = try await transport.send(HTTPRequest(.get, url)) }
    guard case .connect = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(error?.mayHaveReachedServer == false)
  }

  @Test func unknownName() async throws {
    let transport = CurlTransport()
    let error = await failure {
      _ = try await transport.send(HTTPRequest(.get, try HTTPURL("http://nowhere.invalid/")))
    }
    guard case .resolve = error else { return #expect(Bool(false), "\(String(describing: error))") }
  }

  @Test func tlsAgainstPlainText() async throws {
    try await withServer { _, _ in
    } _: { (server, transport) async throws in
      let plain = try TestHTTPServer { _, connection in try connection.respond(200) }
      defer { plain.stop() }
      // The client's hello is not a request: the server closes, and the handshake fails.
      let error = await failure {
        _ = try await transport.send(
          HTTPRequest(
            .get, try HTTPURL("https://127.0.0.1:\(plain.port)/"), timeouts: HTTPTimeouts(connect: .milliseconds(300))))
      }
      #expect(error?.mayHaveReachedServer == false, "\(String(describing: error))")
    }
  }

  @Test func noFirstByte() async throws {
    try await withServer { _, connection in
      connection.waitForClose()
    } _: { (server, transport) async throws in
      let error = await failure {
        _ = try await transport.send(
          HTTPRequest(.get, try server.url(), timeouts: HTTPTimeouts(firstByte: .milliseconds(80))))
      }
      #expect(error == .timeout(.firstByte))
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
    }
  }

  @Test func noConnection() async throws {
    // A listener that accepts nothing more: with its queue full, further connections stay unanswered.
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, size)
        listen(listener, 0)
        getsockname(listener, $0, &size)
      }
    }
    let fillers = (0..<4).map { _ in
      let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(filler, $0, size) }
      }
      return filler
    }
    defer { for descriptor in fillers + [listener] { close(descriptor) } }
    let port = UInt16(bigEndian: address.sin_port)
    let transport = CurlTransport()
    let error = await failure {
      _ = try await transport.send(
        HTTPRequest(
          .get, try HTTPURL("http://127.0.0.1:\(port)/"), timeouts: HTTPTimeouts(connect: .milliseconds(150))))
    }
    #expect(error == .timeout(.connect))
  }

  @Test func stallsMidway() async throws {
    try await withServer { _, connection in
      try connection.eventStream()
      try connection.send("data: a\n\n")
      connection.waitForClose()
    } _: { (server, transport) async throws in
      let response = try await transport.send(
        HTTPRequest(.get, try server.url(), timeouts: HTTPTimeouts(idle: .milliseconds(100))))
      #expect(try await response.body.next() != nil)
      #expect(await failure { _ = try await response.body.next() } == .timeout(.idle))
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
    }
  }

  @Test func keepAlivesHoldAStreamOpenLongerThanTheIdleTimeout() async throws {
    try await withServer { _, connection in
      try connection.eventStream()
      for _ in 0..<20 {
        try connection.send(": keep-alive\n\n")
        usleep(50_000)
      }
      try connection.send("data: end\n\n")
    } _: { (server, transport) async throws in
      let response = try await transport.send(
        HTTPRequest(.get, try server.url(), timeouts: HTTPTimeouts(idle: .milliseconds(500))))
      #expect(try await response.text().hasSuffix("data: end\n\n"))
    }
  }

  @Test func aSlowReaderIsNotAnIdleServer() async throws {
    var configuration = CurlConfiguration()
    configuration.streamBufferBytes = 1024
    try await withServer(configuration) { _, connection in
      try connection.head(200, length: 4 << 20)
      try connection.send([UInt8](repeating: 0x61, count: 4 << 20))
    } _: { (server, transport) async throws in
      let response = try await transport.send(
        HTTPRequest(.get, try server.url(), timeouts: HTTPTimeouts(idle: .milliseconds(100))))
      try await Task.sleep(for: .milliseconds(400))
      #expect(try await response.text().utf8.count == 4 << 20)
    }
  }

  @Test func totalTime() async throws {
    try await withServer { _, connection in
      try connection.eventStream()
      while true {
        try connection.send("x")
        usleep(5000)
      }
    } _: { (server, transport) async throws in
      let response = try await transport.send(
        HTTPRequest(.get, try server.url(), timeouts: HTTPTimeouts(total: .milliseconds(200))))
      #expect(await failure { _ = try await response.text() } == .timeout(.total))
    }
  }

  @Test func announcedLengthCutShort() async throws {
    try await withServer { _, connection in
      try connection.head(200, length: 100)
      try connection.send("half")
    } _: { (server, transport) async throws in
      let response = try await transport.send(HTTPRequest(.get, try server.url()))
      let error = await failure { _ = try await response.text() }
      guard case .truncated = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }
  }

  @Test func chunkedCutShortAndMalformed() async throws {
    try await withServer { request, connection in
      try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
      if request.target == "/bad" { try connection.send("zz\r\n") }
    } _: { (server, transport) async throws in
      for path in ["/", "/bad"] {
        let response = try await transport.send(HTTPRequest(.get, try server.url(path)))
        // What arrived can be read before the failure shows.
        #expect(try await response.body.next() == Array("hello".utf8))
        let error = await failure { _ = try await response.body.next() }
        #expect(error?.mayHaveReachedServer == true, "\(String(describing: error))")
      }
    }
  }

  @Test func notHTTPAtAll() async throws {
    try await withServer { _, connection in
      try connection.send("SSH-2.0-OpenSSH_9.2\r\n\r\n")
    } _: { (server, transport) async throws in
      let error = await failure { _ = try await transport.send(HTTPRequest(.get, try server.url())) }
      guard case .malformed = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }
  }

  @Test func tooManyHeaders() async throws {
    try await withServer { request, connection in
      if request.target == "/line" {
        try connection.send("HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 2_000_000) + "\r\n\r\n")
      } else {
        try connection.send("HTTP/1.1 200 OK\r\n")
        for index in 0..<100_000 { try connection.send("X-\(index): aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n") }
      }
      connection.waitForClose()
    } _: { (server, transport) async throws in
      for path in ["/line", "/many"] {
        let error = await failure { _ = try await transport.send(HTTPRequest(.get, try server.url(path))) }
        #expect(error == .headersTooLarge(limit: 64 << 10), "\(path)")
      }
    }
  }

  @Test func tooLargeABody() async throws {
    try await withServer { _, connection in
      try connection.head(200)
      while true { try connection.send([UInt8](repeating: 0, count: 1 << 16)) }
    } _: { (server, transport) async throws in
      let response = try await transport.send(
        HTTPRequest(.get, try server.url(), limits: HTTPLimits(bodyBytes: 1 << 20)))
      #expect(await failure { _ = try await response.text() } == .bodyTooLarge(limit: 1 << 20))
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
    }
  }

  @Test func aHeaderThatCouldBreakOutIsNotSent() async throws {
    try await withServer { _, connection in
      try connection.respond(200)
    } _: { (server, transport) async throws in
      let error = await failure {
        _ = try await transport.send(
          HTTPRequest(.get, try server.url(), headers: [HTTPRequestHeader("A", "b\r\nHost: other")]))
      }
      guard case .invalidRequest = error else { return #expect(Bool(false), "\(String(describing: error))") }
      #expect(server.requests.isEmpty)
    }
  }
}
