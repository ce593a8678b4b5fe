import CurlTransport
import Foundation
import HTTPTransport
import Synchronization
import TestHTTPServer
import Testing

struct CurlTransportTests {
  @Test func sendsAndReceives() async throws {
    try await withServer { request, connection in
      try connection.respond(201, ["X-Reply": " spaced "], body: "got \(request.body.count)")
    } _: { (server, transport) async throws in
      let secret = try #require(Secret("k-1"))
      let response = try await transport.send(
        HTTPRequest(
          .post, try server.url("/v1/x?y=z"),
          headers: [
            HTTPRequestHeader("Content-Type", "application/json"), HTTPRequestHeader("X-Empty", ""),
            HTTPRequestHeader("Authorization", prefix: "Bearer ", secret),
          ], body: Array(repeating: 0x61, count: 3_000_000)))
      #expect(response.status == 201)
      #expect(response.headers["x-reply"] == "spaced")
      #expect(try await response.text() == "got 3000000")
      let request = try #require(server.requests.first)
      #expect(request.method == "POST")
      #expect(request.target == "/v1/x?y=z")
      #expect(request.headers["authorization"] == "Bearer k-1")
      #expect(request.headers["content-type"] == "application/json")
      #expect(request.headers["x-empty"]?.isEmpty == true)
      #expect(request.headers["user-agent"] == "cicerone")
      #expect(request.headers["expect"] == nil)
    }
  }

  @Test func emptyPostAndGet() async throws {
    try await withServer { request, connection in
      try connection.respond(200, body: "\(request.method) \(request.headers["content-length"] ?? "-")")
    } _: { (server, transport) async throws in
      #expect(try await transport.send(HTTPRequest(.post, try server.url())).text() == "POST 0")
      #expect(try await transport.send(HTTPRequest(.get, try server.url())).text() == "GET -")
    }
  }

  @Test func bytesArriveAsTheyAreSent() async throws {
    let semaphore = DispatchSemaphore(value: 0)
    try await withServer { _, connection in
      try connection.eventStream()
      try connection.send("first")
      semaphore.wait()
      try connection.send("second")
    } _: { (server, transport) async throws in
      let response = try await transport.send(HTTPRequest(.get, try server.url()))
      // The server sends no more before this was read: a transport that collects would hang here.
      #expect(try await response.body.next() == Array("first".utf8))
      semaphore.signal()
      #expect(try await response.body.next() == Array("second".utf8))
      #expect(try await response.body.next() == nil)
    }
  }

  @Test func skipsInformationalResponsesAndTrailers() async throws {
    try await withServer { _, connection in
      try connection.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
      try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n")
      try connection.send("5\r\nhello\r\n0\r\nTrailer: t\r\n\r\n")
    } _: { (server, transport) async throws in
      let response = try await transport.send(HTTPRequest(.get, try server.url()))
      #expect(response.status == 200)
      #expect(response.headers["link"] == nil)
      #expect(response.headers["a"] == "b")
      #expect(try await response.text() == "hello")
    }
  }

  @Test(arguments: [HTTPRequest.Method.get, .post])
  func neverFollowsRedirects(_ method: HTTPRequest.Method) async throws {
    let other = try TestHTTPServer { _, connection in try connection.respond(200) }
    defer { other.stop() }
    let target = other.base
    try await withServer { _, connection in
      try connection.respond(307, ["Location": target])
    } _: { (server, transport) async throws in
      let secret = try #require(Secret("k"))
      let response = try await transport.send(
        HTTPRequest(method, try server.url(), headers: [HTTPRequestHeader("Authorization", secret)]))
      #expect(response.status == 307)
      #expect(other.requests.isEmpty)
    }
  }

  @Test func reusesConnections() async throws {
    try await withServer { _, connection in
      connection.keepsAlive = true
      try connection.respond(200, body: "ok")
    } _: { (server, transport) async throws in
      for _ in 0..<5 { #expect(try await transport.send(HTTPRequest(.get, try server.url())).text() == "ok") }
      #expect(server.connections.count == 1)
      #expect(server.requests.count == 5)
    }
  }

  @Test func repeatsOnceOnAFreshConnectionWhenAReusedOneDied() async throws {
    let count = Atomic(0)
    try await withServer { _, connection in
      // The second request reaches the reused connection and is dropped there unanswered.
      if count.add(1, ordering: .relaxed).newValue == 2 {
        connection.keepsAlive = false
        return connection.reset()
      }
      connection.keepsAlive = true
      try connection.respond(200, body: "ok")
    } _: { (server, transport) async throws in
      for _ in 0..<2 {
        #expect(try await transport.send(HTTPRequest(.post, try server.url(), body: [1])).text() == "ok")
      }
      #expect(server.requests.count == 3)
      #expect(server.connections.count == 2)
    }
  }

  @Test func doesNotRepeatOnAConnectionThatWasFresh() async throws {
    try await withServer { _, connection in
      connection.reset()
    } _: { (server, transport) async throws in
      let error = await failure { _ = try await transport.send(HTTPRequest(.post, try server.url(), body: [1])) }
      guard case .reset = error else { return #expect(Bool(false), "\(String(describing: error))") }
      #expect(server.requests.count == 1)
      #expect(error?.mayHaveReachedServer == true)
    }
  }

  @Test func twoHundredStreamsAtOnce() async throws {
    let arrived = Atomic(0)
    try await withServer { _, connection in
      try connection.eventStream()
      arrived.add(1, ordering: .relaxed)
      // Every stream is open before the first one goes on.
      while arrived.load(ordering: .relaxed) < 200 { usleep(1000) }
      for index in 0..<20 { try connection.send("data: \(index)\n\n") }
    } _: { (server, transport) async throws in
      let url = try server.url()
      let total = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<200 {
          group.addTask {
            let response = try await transport.send(HTTPRequest(.get, url))
            var decoder = ServerSentEventDecoder()
            var events = 0
            for try await bytes in response.body { events += try decoder.push(bytes).count }
            return events
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(total == 4000)
    }
  }

  @Test func moreRequestsThanAllowedWaitTheirTurn() async throws {
    var configuration = CurlConfiguration()
    configuration.maxConcurrentRequests = 2
    let running = Atomic(0)
    let most = Atomic(0)
    try await withServer(configuration) { _, connection in
      most.max(running.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
      usleep(5000)
      running.subtract(1, ordering: .relaxed)
      try connection.respond(200, body: "ok")
    } _: { (server, transport) async throws in
      let url = try server.url()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<12 { group.addTask { _ = try await transport.send(HTTPRequest(.get, url)).text() } }
        try await group.waitForAll()
      }
      #expect(server.requests.count == 12)
      #expect(most.load(ordering: .relaxed) <= 2)
    }
  }

  @Test func aSlowReaderSlowsTheServerDown() async throws {
    var configuration = CurlConfiguration()
    configuration.streamBufferBytes = 64 << 10
    let sent = Atomic(0)
    try await withServer(configuration) { _, connection in
      try connection.head(200)
      let block = [UInt8](repeating: 0x61, count: 64 << 10)
      for _ in 0..<1024 {
        try connection.send(block)
        sent.add(block.count, ordering: .relaxed)
      }
    } _: { (server, transport) async throws in
      let response = try await transport.send(
        HTTPRequest(.get, try server.url(), limits: HTTPLimits(bodyBytes: 1 << 30)))
      // What is in flight is bounded by the sockets' buffers: wait until the server stands still.
      var before = -1
      while before != sent.load(ordering: .relaxed) {
        before = sent.load(ordering: .relaxed)
        try await Task.sleep(for: .milliseconds(200))
      }
      #expect(before < 32 << 20)
      var total = 0
      for try await bytes in response.body { total += bytes.count }
      #expect(total == 64 << 20)
    }
  }

  @Test func aDroppedTransportDoesNotCutAStreamBeingRead() async throws {
    let server = try TestHTTPServer { _, connection in
      try connection.head(200)
      for _ in 0..<50 {
        try connection.send("x")
        usleep(1000)
      }
    }
    defer { server.stop() }
    let response = try await CurlTransport().send(HTTPRequest(.get, try server.url()))
    #expect(try await response.text().utf8.count == 50)
  }

  @Test func shutDownEndsEverything() async throws {
    try await withServer { _, connection in
      try connection.head(200)
      connection.waitForClose()
    } _: { (server, transport) async throws in
      let response = try await transport.send(HTTPRequest(.get, try server.url()))
      transport.shutDown()
      #expect(await failure { _ = try await response.body.next() } == .shutDown)
      #expect(await failure { _ = try await transport.send(HTTPRequest(.get, try server.url())) } == .shutDown)
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
    }
  }
}
