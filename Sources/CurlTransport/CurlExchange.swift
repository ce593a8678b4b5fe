import HTTPTransport
import Synchronization

/// One request and its response, between the curl thread (which writes) and one reader.
final class CurlExchange: Sendable {
  /// Status and headers.
  struct Head: Sendable {
    var status: Int
    var headers: HTTPHeaders
  }

  /// What the curl thread has to do with bytes it offered.
  enum Acceptance {
    /// They were taken.
    case taken
    /// Not taken: offer them again after a resume.
    case full
    /// Nobody reads any more.
    case abandoned
  }

  private struct State {
    var head: Head?
    var buffer: [UInt8] = []
    var isPaused = false
    /// Set once: `.success` at the regular end.
    var end: Result<Void, HTTPTransportError>?
    var headWaiter: CheckedContinuation<Result<Head, HTTPTransportError>, Never>?
    var bodyWaiter: CheckedContinuation<Result<[UInt8]?, HTTPTransportError>, Never>?
  }

  let id: UInt64
  let request: HTTPRequest
  private let bufferBytes: Int
  private let mailbox: CurlMailbox
  private let state = Mutex(State())

  init(_ request: HTTPRequest, bufferBytes: Int, mailbox: CurlMailbox) {
    id = mailbox.makeID()
    self.request = request
    self.bufferBytes = bufferBytes
    self.mailbox = mailbox
  }

  // MARK: The reader's side

  /// Waits for the head.
  func head() async throws(HTTPTransportError) -> Head {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (waiter: CheckedContinuation<Result<Head, HTTPTransportError>, Never>) in
        let ready: Result<Head, HTTPTransportError>? = state.withLock { state in
          if let head = state.head { return .success(head) }
          if case .failure(let error) = state.end { return .failure(error) }
          state.headWaiter = waiter
          return nil
        }
        if let ready { waiter.resume(returning: ready) }
      }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }

  /// Waits for body bytes.
  func next() async throws(HTTPTransportError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (waiter: CheckedContinuation<Result<[UInt8]?, HTTPTransportError>, Never>) in
        let (ready, resumes) = state.withLock { state -> (Result<[UInt8]?, HTTPTransportError>?, Bool) in
          if !state.buffer.isEmpty {
            defer {
              state.buffer = []
              state.isPaused = false
            }
            return (.success(state.buffer), state.isPaused)
          }
          if let end = state.end { return (end.map { nil }, false) }
          guard state.bodyWaiter == nil else {
            return (.failure(.invalidRequest("a body has one reader at a time")), false)
          }
          state.bodyWaiter = waiter
          return (nil, false)
        }
        if resumes { mailbox.post(.resume(id)) }
        if let ready { waiter.resume(returning: ready) }
      }
    } onCancel: {
      cancel()
    }
    return try result.get()
  }

  /// Gives the response up: what waits is released at once, then the curl thread closes the connection.
  func cancel() {
    if finish(.failure(.cancelled), keepsBuffer: false) { mailbox.post(.cancel(id)) }
  }

  // MARK: The curl thread's side

  /// The head has arrived.
  func deliver(_ head: Head) {
    let waiter = state.withLock { state in
      state.head = head
      defer { state.headWaiter = nil }
      return state.headWaiter
    }
    waiter?.resume(returning: .success(head))
  }

  /// Body bytes have arrived.
  func offer(_ bytes: UnsafeBufferPointer<UInt8>) -> Acceptance {
    let (acceptance, waiter) = state.withLock {
      state -> (Acceptance, CheckedContinuation<Result<[UInt8]?, HTTPTransportError>, Never>?) in
      guard state.end == nil else { return (.abandoned, nil) }
      if let waiter = state.bodyWaiter {
        state.bodyWaiter = nil
        return (.taken, waiter)
      }
      guard state.buffer.count < bufferBytes else {
        state.isPaused = true
        return (.full, nil)
      }
      state.buffer.append(contentsOf: bytes)
      return (.taken, nil)
    }
    waiter?.resume(returning: .success(Array(bytes)))
    return acceptance
  }

  /// The response ended. What is buffered can still be read, unless `keepsBuffer` is false. False when it had ended.
  @discardableResult
  func finish(_ end: Result<Void, HTTPTransportError>, keepsBuffer: Bool = true) -> Bool {
    let (isFirst, headWaiter, bodyWaiter) = state.withLock { state in
      let isFirst = state.end == nil
      if isFirst { state.end = end }
      if !keepsBuffer { state.buffer = [] }
      defer {
        state.headWaiter = nil
        state.bodyWaiter = nil
      }
      return (isFirst, state.headWaiter, state.bodyWaiter)
    }
    headWaiter?.resume(
      returning: end.flatMap { .failure(.malformed("no status line")) })
    bodyWaiter?.resume(returning: end.map { nil })
    return isFirst
  }
}

extension Result where Success == Void {
  /// The same end, for a reader that expects bytes.
  fileprivate func map(_ nothing: () -> [UInt8]?) -> Result<[UInt8]?, Failure> { map { _ in nothing() } }
}
