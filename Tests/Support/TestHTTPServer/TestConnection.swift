import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One accepted connection, for the closure that answers on it.
public final class TestConnection: Sendable {
  private struct State {
    var keepsAlive = false
    var sawClose = false
    var isClosed = false
    var pending: [UInt8] = []
  }

  private let descriptor: Int32
  private let state = Mutex(State())

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
  }

  /// Whether another request may follow; false unless set.
  public var keepsAlive: Bool {
    get { state.withLock { $0.keepsAlive } }
    set { state.withLock { $0.keepsAlive = newValue } }
  }

  /// Whether the client was seen closing its end.
  public var sawClose: Bool { state.withLock { $0.sawClose } }

  /// The client is gone.
  public struct Gone: Error {}

  /// Writes bytes as they are.
  public func send(_ bytes: some Sequence<UInt8>) throws {
    let all = Array(bytes)
    var offset = 0
    while offset < all.count {
      let count = all[offset...].withUnsafeBytes { rest in
        systemSend(descriptor, rest)
      }
      guard count > 0 else {
        state.withLock { $0.sawClose = true }
        throw Gone()
      }
      offset += count
    }
  }

  /// Writes text as it is.
  public func send(_ text: String) throws { try send(text.utf8) }

  /// Writes `bytes` in pieces, each in a segment of its own as far as the system allows.
  public func send(_ bytes: [UInt8], pieces: [Int]) throws {
    var start = 0
    for size in pieces where start < bytes.count {
      let end = min(bytes.count, start + max(1, size))
      try send(bytes[start..<end])
      start = end
    }
    try send(bytes[start...])
  }

  /// Writes a head; with `length` the body is delimited by it, otherwise by the end of the connection.
  public func head(_ status: Int, _ headers: [String: String] = [:], length: Int? = nil) throws {
    var text = "HTTP/1.1 \(status) Status\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if let length { text += "Content-Length: \(length)\r\n" } else { text += "Connection: close\r\n" }
    try send(text + "\r\n")
  }

  /// Writes a whole response.
  public func respond(_ status: Int, _ headers: [String: String] = [:], body: String = "") throws {
    try head(status, headers, length: body.utf8.count)
    try send(body)
  }

  /// Writes the head of an event stream that ends with the connection.
  public func eventStream() throws { try head(200, ["Content-Type": "text/event-stream"]) }

  /// Waits until the client closes its end; false when it has not after `seconds`.
  @discardableResult
  public func waitForClose(seconds: Double = 20) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline {
      var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&poller, 1, 50) > 0 else {
        if state.withLock({ $0.isClosed }) { return false }
        continue
      }
      var byte: UInt8 = 0
      if recv(descriptor, &byte, 1, 0) <= 0 {
        state.withLock { $0.sawClose = true }
        return true
      }
      state.withLock { $0.pending.append(byte) }
    }
    return false
  }

  /// Ends the connection with a reset instead of an orderly close.
  public func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout.size(ofValue: option)))
    finish()
  }

  /// Cuts the connection from another thread; the serving thread closes it.
  func abandon() {
    state.withLock { state in
      if !state.isClosed { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  /// Closes at once, in the middle of whatever was announced.
  public func finishNow() { finish() }

  /// Closes once.
  func finish() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      close(descriptor)
    }
  }

  /// Reads one request; `nil` when the client closed or sent nonsense.
  func readRequest() -> TestRequest? {
    var buffer = state.withLock { state in
      defer { state.pending = [] }
      return state.pending
    }
    func fill() -> Bool {
      var chunk = [UInt8](repeating: 0, count: 65536)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else {
        state.withLock { $0.sawClose = true }
        return false
      }
      buffer.append(contentsOf: chunk[..<count])
      return true
    }
    if state.withLock({ $0.isClosed }) { return nil }
    let blank = Array("\r\n\r\n".utf8)
    var end: Int?
    while end == nil {
      if buffer.count >= 4 {
        end = (0...(buffer.count - 4)).first { buffer[$0..<($0 + 4)].elementsEqual(blank) }
      }
      if end == nil, !fill() { return nil }
    }
    guard let end else { return nil }
    let lines = String(decoding: buffer[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    let length = Int(headers["content-length"] ?? "0") ?? 0
    while buffer.count < end + 4 + length {
      guard fill() else { return nil }
    }
    let body = Array(buffer[(end + 4)..<(end + 4 + length)])
    state.withLock { $0.pending = Array(buffer[(end + 4 + length)...]) }
    return TestRequest(method: String(words[0]), target: String(words[1]), headers: headers, body: body)
  }
}

/// The system's `send`, under a name that the methods above do not hide; a closed peer is an error, not a signal.
private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  #if os(Linux)
    return send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
  #else
    return send(descriptor, bytes.baseAddress, bytes.count, 0)
  #endif
}
