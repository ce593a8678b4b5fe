import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A real HTTP/1.1 server on a loopback port of its own, scripted by a closure.
///
/// Every connection has a thread; the closure writes raw bytes, so anything a server may do wrong can be shown.
public final class TestHTTPServer: Sendable {
  /// Answers one request; runs on the connection's thread and may block.
  public typealias Handler = @Sendable (TestRequest, TestConnection) throws -> Void

  private struct State {
    var requests: [TestRequest] = []
    var connections: [TestConnection] = []
    var isStopped = false
  }

  /// The port on 127.0.0.1.
  public let port: Int
  private let listener: Int32
  private let state = Mutex(State())
  private let handler: Handler

  /// Why no server could be started.
  public struct Failure: Error {
    /// The call that failed and `errno`.
    public let description: String
  }

  /// Listens at once; connections made before the closure runs wait.
  public init(_ handler: @escaping Handler) throws {
    self.handler = handler
    #if os(Linux)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    listener = socket(AF_INET, kind, 0)
    guard listener >= 0 else { throw Failure(description: "socket \(errno)") }
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 512) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard status else { throw Failure(description: "bind \(errno)") }
    port = Int(UInt16(bigEndian: address.sin_port))
    let thread = Thread { [self] in acceptLoop() }
    thread.start()
  }

  /// `http://127.0.0.1:PORT`.
  public var base: String { "http://127.0.0.1:\(port)" }
  /// The requests received so far, in order of arrival.
  public var requests: [TestRequest] { state.withLock { $0.requests } }
  /// The connections accepted so far.
  public var connections: [TestConnection] { state.withLock { $0.connections } }

  /// Stops listening and cuts every connection.
  public func stop() {
    let open = state.withLock { state -> [TestConnection]? in
      guard !state.isStopped else { return nil }
      state.isStopped = true
      return state.connections
    }
    guard let open else { return }
    shutdown(listener, Int32(SHUT_RDWR))
    for connection in open { connection.abandon() }
  }

  private func acceptLoop() {
    while true {
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else { break }
      let connection = TestConnection(descriptor)
      let isStopped = state.withLock { state in
        state.connections.append(connection)
        return state.isStopped
      }
      if isStopped { connection.abandon() }
      let thread = Thread { [self] in serve(connection) }
      thread.start()
    }
    close(listener)
  }

  private func serve(_ connection: TestConnection) {
    while let request = connection.readRequest() {
      state.withLock { $0.requests.append(request) }
      do { try handler(request, connection) } catch { break }
      guard connection.keepsAlive else { break }
    }
    connection.finish()
  }
}

/// A request as received.
public struct TestRequest: Sendable {
  /// `GET`, `POST`.
  public let method: String
  /// The target with its query.
  public let target: String
  /// Names in lower case.
  public let headers: [String: String]
  /// As sent.
  public let body: [UInt8]

  /// The body as JSON.
  public var json: [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
  }
}
