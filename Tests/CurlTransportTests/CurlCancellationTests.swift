import CurlTransport
import Foundation
import HTTPTransport
import TestHTTPServer
import Testing

struct CurlCancellationTests {
  @Test func cancelBeforeTheHeadClosesTheSocket() async throws {
    try await withServer { _, connection in
      connection.waitForClose()
    } _: { (server, transport) async throws in
      let url = try server.url()
      let task = Task { try await transport.send(HTTPRequest(.get, url)) }
      #expect(try await eventually { server.requests.count == 1 })
      task.cancel()
      #expect(await failure { _ = try await task.value } == .cancelled)
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
    }
  }

  @Test func cancelInTheBodyClosesTheSocket() async throws {
    try await withServer { _, connection in
      try connection.eventStream()
      try connection.send("data: token\n\n")
      connection.waitForClose()
    } _: { (server, transport) async throws in
      let response = try await transport.send(HTTPRequest(.get, try server.url()))
      let body = response.body
      #expect(try await body.next() != nil)
      let task = Task { try await body.next() }
      try await Task.sleep(for: .milliseconds(20))
      #expect(server.connections.allSatisfy { !$0.sawClose })
      task.cancel()
      #expect(await failure { _ = try await task.value } == .cancelled)
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
    }
  }

  @Test func lettingGoOfTheBodyClosesTheSocket() async throws {
    try await withServer { _, connection in
      try connection.eventStream()
      try connection.send("data: token\n\n")
      connection.waitForClose()
    } _: { (server, transport) async throws in
      func peek() async throws -> Int { try await transport.send(HTTPRequest(.get, try server.url())).status }
      #expect(try await peek() == 200)
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
    }
  }

  @Test func cancelWhilePausedClosesTheSocket() async throws {
    var configuration = CurlConfiguration()
    configuration.streamBufferBytes = 1024
    try await withServer(configuration) { _, connection in
      try connection.head(200)
      while true { try connection.send([UInt8](repeating: 0, count: 1 << 16)) }
    } _: { (server, transport) async throws in
      let response = try await transport.send(HTTPRequest(.get, try server.url()))
      try await Task.sleep(for: .milliseconds(50))
      response.body.cancel()
      #expect(await failure { _ = try await response.body.next() } == .cancelled)
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
    }
  }

  @Test func aTaskCancelledBeforehandSendsNothing() async throws {
    try await withServer { _, connection in
      try connection.respond(200)
    } _: { (server, transport) async throws in
      let url = try server.url()
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        _ = try await transport.send(HTTPRequest(.get, url))
      }
      #expect(await failure { try await task.value } == .cancelled)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func cancellingManyAtRandomLeavesNothingBehind() async throws {
    try await withServer { _, connection in
      try connection.eventStream()
      for _ in 0..<200 {
        try connection.send("data: token\n\n")
        usleep(500)
      }
    } _: { (server, transport) async throws in
      let url = try server.url()
      await withTaskGroup(of: Void.self) { group in
        for index in 0..<60 {
          group.addTask {
            let task = Task {
              let response = try await transport.send(HTTPRequest(.get, url))
              for try await _ in response.body {}
            }
            try? await Task.sleep(for: .microseconds(index * 700))
            task.cancel()
            _ = await task.result
          }
        }
      }
      #expect(try await eventually { server.connections.allSatisfy(\.sawClose) })
      let response = try await transport.send(HTTPRequest(.get, url))
      #expect(response.status == 200)
    }
  }
}
