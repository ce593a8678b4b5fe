import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A JSON-RPC 2.0 connection over two descriptors, framed as LSP frames it.
///
/// One thread reads and one writes; `run` hands out calls in their order of arrival. What needs no handler is answered
/// here: broken frames and messages, replies to our own requests, and `$/cancelRequest`, which therefore overtakes
/// everything that waits.
public final class Connection: Sendable {
  /// Limits on what a peer can make us hold.
  public struct Limits: Sendable {
    /// What the framing accepts.
    public var frame = FrameParser.Limits()
    /// Levels of nesting in a message.
    public var depth = 512
    /// Messages that wait for the handler before reading stops.
    public var waitingMessages = 4_096
    /// Bytes of messages that wait for the handler before reading stops.
    public var waitingBytes = 256 << 20
    /// Requests that are not answered yet; more are refused.
    public var pendingRequests = 1_024
    /// Bytes waiting to be written above which `hasRoom` is false.
    public var softOutput = 1 << 20
    /// Bytes waiting to be written above which reading stops.
    public var hardOutput = 256 << 20

    /// The limits that are meant for editors.
    public init() {}
  }

  private struct Pending {
    var requests: [RequestID: IncomingRequest] = [:]
    var closed = false
  }

  private let limits: Limits
  private let log: DiagnosticSink
  private let uncancellable: Set<String>
  private let reader: FrameReader
  private let writer: FrameWriter
  private let inbox: Inbox
  private let pending = Mutex(Pending())
  private let outgoing = OutgoingRequests()

  /// Makes a connection; nothing is read before `run`. The descriptors stay the caller's and are not closed.
  ///
  /// - Parameters:
  ///   - uncancellable: methods for which `$/cancelRequest` is ignored, because their effect cannot be taken back.
  ///   - log: gets a line for each oddity of the peer.
  public init(
    input: CInt, output: CInt, limits: Limits = Limits(), uncancellable: Set<String> = [],
    log: @escaping DiagnosticSink = { _, _ in }
  ) {
    self.limits = limits
    self.log = log
    self.uncancellable = uncancellable
    let reader = FrameReader(input: input, limits: limits.frame)
    let inbox = Inbox(countLimit: limits.waitingMessages, byteLimit: limits.waitingBytes)
    self.reader = reader
    self.inbox = inbox
    writer = FrameWriter(output: output, softLimit: limits.softOutput, hardLimit: limits.hardOutput) {
      log(.warning, "The client does not take messages any more.")
      reader.stop()
      inbox.finish()
    }
  }

  /// Reads until the input ends, the peer is gone, `receive` answers false, or `stop` is called.
  ///
  /// `receive` gets one message at a time, in order: it must hand long work to a task of its own. Messages that came
  /// before the end of the input are still delivered. Call once.
  public func run(onInputEnd: @escaping @Sendable () -> Void = {}, _ receive: (IncomingMessage) async -> Bool) async {
    // A peer that is gone must show as an error of write(2), not as the end of this process.
    signal(SIGPIPE, SIG_IGN)
    writer.start()
    reader.start(
      receive: { [self] in received($0) },
      onEnd: { [inbox] in
        inbox.finish()
        onInputEnd()
      })
    for await (message, size) in inbox.messages {
      let goesOn = await receive(message)
      inbox.handled(size: size)
      if !goesOn { break }
    }
    stop()
  }

  /// Ends `run` after the message that is being handled.
  public func stop() {
    reader.stop()
    inbox.finish()
  }

  /// Ends every request without a reply and every wait for a reply, then writes what is enqueued for at most `timeout`.
  public func close(timeout: Duration) async {
    stop()
    let abandoned = pending.withLock { pending in
      pending.closed = true
      return pending.requests.values
    }
    for request in abandoned { request.abandon() }
    outgoing.close()
    writer.close()
    let timer = Task { [writer] in
      try await Task.sleep(for: timeout)
      writer.abandon()
    }
    await withCheckedContinuation { continuation in writer.onEnd { continuation.resume() } }
    timer.cancel()
  }

  /// Whether the peer takes what is sent. Progress should wait while it does not; replies never do.
  public var hasRoom: Bool { writer.hasRoom }

  /// The requests that are not answered yet.
  public var pendingRequests: [IncomingRequest] { pending.withLock { Array($0.requests.values) } }

  /// Sends a notification; its parameters are JSON already.
  public func notify(_ method: String, encoded params: [UInt8]?) {
    send(MessageWriter.call(id: nil, method: method, params: params))
  }

  /// Sends a notification. What cannot be encoded is logged and not sent.
  public func notify(_ method: String, _ params: some Encodable) {
    do {
      notify(method, encoded: try RawJSON.encode(params))
    } catch {
      log(.error, "The parameters of '\(method)' cannot be encoded: \(error)")
    }
  }

  /// Sends a request and waits for its answer. When the calling task is cancelled, the peer is told, and the error has
  /// the code of a cancelled request.
  public func request(_ method: String, _ params: some Encodable & Sendable) async throws(ResponseError) -> RawJSON {
    let encoded: [UInt8]
    do {
      encoded = try RawJSON.encode(params)
    } catch {
      throw .internalError("The parameters of '\(method)' cannot be encoded: \(error)")
    }
    let id = outgoing.nextID()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard outgoing.add(id, continuation) else {
          continuation.resume(returning: .failure(.connectionClosed))
          return
        }
        send(MessageWriter.call(id: id, method: method, params: encoded))
        // A cancellation that came before `add` found nothing to end.
        if Task.isCancelled { cancelOutgoing(id) }
      }
    } onCancel: {
      cancelOutgoing(id)
    }
    return try result.get()
  }

  private func cancelOutgoing(_ id: Int64) {
    if outgoing.resolve(id, .failure(.requestCancelled)) {
      notify("$/cancelRequest", encoded: Array(#"{"id":\#(id)}"#.utf8))
    }
  }

  private func send(_ body: [UInt8]) {
    writer.enqueue(MessageWriter.frame(body))
  }
}

// What happens on the reader's thread.
extension Connection {
  /// Takes a frame; answers where its body stopped being JSON.
  private func received(_ event: FrameParser.Event) -> Int? {
    writer.waitBelowHardLimit()
    switch event {
    case .failure(let error):
      log(.warning, "Input that is no message: \(error)")
      send(MessageWriter.error(id: nil, error.response))
      return nil
    case .message(let body):
      do {
        dispatch(try MessageEnvelope.parse(body, depthLimit: limits.depth), size: body.count, batch: nil)
        return nil
      } catch {
        log(.warning, "A message of \(body.count) bytes is no JSON at byte \(error.offset).")
        send(MessageWriter.error(id: nil, .parseError("The message is not JSON: fault at byte \(error.offset).")))
        return error.offset
      }
    }
  }

  private func dispatch(_ message: MessageEnvelope, size: Int, batch: BatchReply?) {
    let sendReply: @Sendable ([UInt8]) -> Void = { [self] body in
      if let batch { batch.add(body) } else { send(body) }
    }
    switch message {
    case .request(let id, let method, let params):
      let request = IncomingRequest(
        id: id, method: method, params: params, forget: { [self] in forget($0) }, send: sendReply)
      if let refusal = register(request) {
        sendReply(MessageWriter.error(id: id, refusal))
      } else {
        inbox.add(.request(request), size: size)
      }
    case .notification("$/cancelRequest", let params):
      cancel(params)
    case .notification(let method, let params):
      inbox.add(.notification(method: method, params: params), size: size)
    case .response(let id, let result):
      answered(id, result)
    case .invalid(let id, let error, let isCall):
      // Within a batch every element that was counted must be answered.
      refuse(id, error, mayBeAnswer: !isCall && batch == nil, sendReply)
    case .batch(let messages):
      let count = messages.count { $0.needsReply }
      let group = count > 0 ? BatchReply(count: count, send: { [self] in send($0) }) : nil
      for message in messages { dispatch(message, size: size / messages.count, batch: group) }
    }
  }

  /// Makes the request one that is pending, or says why it cannot be.
  private func register(_ request: IncomingRequest) -> ResponseError? {
    pending.withLock { pending in
      if pending.closed { return .connectionClosed }
      if pending.requests[request.id] != nil {
        return .invalidRequest("A request with id \(request.id) is being worked on.")
      }
      if pending.requests.count >= limits.pendingRequests {
        return .requestFailed("More than \(limits.pendingRequests) requests are being worked on.")
      }
      pending.requests[request.id] = request
      return nil
    }
  }

  private func forget(_ request: IncomingRequest) {
    pending.withLock { pending in
      if pending.requests[request.id] === request { pending.requests[request.id] = nil }
    }
  }

  private func cancel(_ params: RawJSON?) {
    struct Params: Decodable { var id: RequestID }
    guard let id = try? params?.decode(Params.self).id else {
      log(.warning, "A '$/cancelRequest' names no request.")
      return
    }
    guard let request = pending.withLock({ $0.requests[id] }), !uncancellable.contains(request.method) else { return }
    request.cancel()
  }

  private func answered(_ id: RequestID?, _ result: Result<RawJSON, ResponseError>) {
    if case .integer(let number)? = id, outgoing.resolve(number, result) { return }
    log(.debug, "An answer to no request of ours: \(id?.description ?? "null")")
  }

  /// Answers a message that is no call. An answer without a result ends our request instead.
  private func refuse(
    _ id: RequestID?, _ error: ResponseError, mayBeAnswer: Bool, _ sendReply: ([UInt8]) -> Void
  ) {
    log(.warning, "A message is no request: \(error.message)")
    if mayBeAnswer, case .integer(let number)? = id, outgoing.resolve(number, .failure(error)) { return }
    // The reply to a pending request must stay the only one with its id.
    let isTaken = id.map { id in pending.withLock { $0.requests[id] != nil } } ?? false
    sendReply(MessageWriter.error(id: isTaken ? nil : id, error))
  }
}

extension MessageEnvelope {
  /// Whether this adds a reply to those of its batch.
  fileprivate var needsReply: Bool {
    switch self {
    case .request, .invalid: true
    case .notification, .response, .batch: false
    }
  }
}
