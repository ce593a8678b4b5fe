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
    var headWaiter: HeadWaiter?
    var bodyWaiter: BodyWaiter?
  }

  private typealias HeadWaiter = CheckedContinuation<Result<Head, HTTPTransportError>, Never>
  private typealias BodyWaiter = CheckedContinuation<Result<[UInt8]?, HTTPTransportError>, Never>
  private typealias HeadDelivery = (waiter: HeadWaiter, value: Head)
  private typealias BodyDelivery = (waiter: BodyWaiter, bytes: [UInt8])

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
      await withCheckedContinuation { (waiter: HeadWaiter) in
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
      await withCheckedContinuation { (waiter: BodyWaiter) in
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

  /// The head has arrived. The reader learns of it by ``wake()``.
  func deliver(_ head: Head) { state.withLock { $0.head = head } }

  /// Body bytes have arrived. The reader learns of them by ``wake()``.
  func offer(_ bytes: UnsafeBufferPointer<UInt8>) -> Acceptance {
    state.withLock { state in
      guard state.end == nil else { return .abandoned }
      guard state.buffer.count < bufferBytes else {
        state.isPaused = true
        return .full
      }
      state.buffer.append(contentsOf: bytes)
      return .taken
    }
  }

  /// Lets the reader go on with all that has arrived: once for a whole read, since waking a thread costs more than
  /// anything else that is done for a piece of an answer. True when the transfer is paused and has room again.
  func wake() -> Bool {
    let (head, body, resumes) = state.withLock { state -> (HeadDelivery?, BodyDelivery?, Bool) in
      var head: HeadDelivery?
      if let waiter = state.headWaiter, let value = state.head {
        head = (waiter, value)
        state.headWaiter = nil
      }
      guard let waiter = state.bodyWaiter, !state.buffer.isEmpty else { return (head, nil, false) }
      defer {
        state.bodyWaiter = nil
        state.buffer = []
        state.isPaused = false
      }
      return (head, (waiter, state.buffer), state.isPaused)
    }
    if let head { head.waiter.resume(returning: .success(head.value)) }
    if let body { body.waiter.resume(returning: .success(body.bytes)) }
    return resumes
  }

  /// The response ended. What is buffered can still be read, unless `keepsBuffer` is false. False when it had ended.
  @discardableResult
  func finish(_ end: Result<Void, HTTPTransportError>, keepsBuffer: Bool = true) -> Bool {
    let (isFirst, head, headWaiter, body, bodyWaiter) = state.withLock {
      state -> (Bool, Head?, HeadWaiter?, [UInt8], BodyWaiter?) in
      let isFirst = state.end == nil
      if isFirst { state.end = end }
      if !keepsBuffer { state.buffer = [] }
      defer {
        state.headWaiter = nil
        if state.bodyWaiter != nil { state.buffer = [] }
        state.bodyWaiter = nil
      }
      return (isFirst, state.head, state.headWaiter, state.bodyWaiter == nil ? [] : state.buffer, state.bodyWaiter)
    }
    headWaiter?.resume(
      returning: head.map { .success($0) } ?? end.flatMap { .failure(.malformed("no status line")) })
    // The end is told when what came before it has been read.
    bodyWaiter?.resume(returning: body.isEmpty ? end.map { nil } : .success(body))
    return isFirst
  }
}

extension Result where Success == Void {
  /// The same end, for a reader that expects bytes.
  fileprivate func map(_ nothing: () -> [UInt8]?) -> Result<[UInt8]?, Failure> { map { _ in nothing() } }
}
