import CCurl
import HTTPTransport

/// The loop of the curl thread. Made, run and destroyed on that thread: nothing here is shared.
final class CurlLoop {
  private let configuration: CurlConfiguration
  private let mailbox: CurlMailbox
  private let multi: UnsafeMutableRawPointer
  private let sockets: CurlSockets
  private var events: [CurlSockets.Event] = []
  private var transfers: [UInt64: CurlTransfer] = [:]
  private var idsByHandle: [UnsafeMutableRawPointer: UInt64] = [:]
  private var waiting: [CurlExchange] = []
  private var spareHandles: [UnsafeMutableRawPointer] = []
  /// No deadline is earlier; `nil` when there is none.
  private var nextCheck: ContinuousClock.Instant?
  private let pass = LoopPass()
  private var now: ContinuousClock.Instant { pass.now }

  init?(configuration: CurlConfiguration, mailbox: CurlMailbox) {
    guard let bell = Bell(), let multi = curl_multi_init() else { return nil }
    self.configuration = configuration
    self.mailbox = mailbox
    self.multi = multi
    sockets = CurlSockets(bell)
    guard sockets.attach(to: multi) else { return nil }
    cicerone_curl_set_multi_long(multi, CURLMOPT_MAXCONNECTS, configuration.maxIdleConnections)
    mailbox.open(bell)
  }

  deinit {
    for easy in spareHandles { curl_easy_cleanup(easy) }
    curl_multi_cleanup(multi)
  }

  /// Runs until told to stop; every exchange has ended then.
  func run() {
    var running = true
    while running {
      pass.now = .now
      for command in mailbox.drain() {
        switch command {
        case .start(let exchange): waiting.append(exchange)
        case .resume(let id): resume(id)
        case .cancel(let id): cancel(id)
        case .stop: running = false
        }
      }
      guard running else { break }
      startWaiting()
      // Not by the pass's clock: what was just started is due at once.
      if let timer = sockets.timer, timer <= .now {
        sockets.clearTimer()
        advance(CURL_SOCKET_TIMEOUT, 0)
      }
      takeCompleted()
      checkDeadlines()
      // Room was made: look at what waits before sleeping.
      if !waiting.isEmpty, transfers.count < configuration.maxConcurrentRequests { continue }
      sockets.wait(milliseconds: pollMilliseconds, &events)
      pass.now = .now
      for event in events { advance(event.socket, event.flags) }
    }
    stop()
  }

  /// Lets libcurl work on a socket, or on what its timer was set for.
  private func advance(_ socket: curl_socket_t, _ flags: Int32) {
    var count: Int32 = 0
    curl_multi_socket_action(multi, socket, flags, &count)
    // What is complete already ends at once, so that its reader is not woken twice.
    takeCompleted()
    wakeReaders()
  }

  private func wakeReaders() {
    for exchange in pass.takeTouched() where exchange.wake() { resume(exchange.id) }
  }

  private var pollMilliseconds: Int32 {
    guard let next = [nextCheck, sockets.timer].compactMap({ $0 }).min() else { return 60_000 }
    let left = ContinuousClock.now.duration(to: next).wholeMilliseconds
    return Int32(clamping: min(60_000, max(0, left)))
  }

  private func startWaiting() {
    while !waiting.isEmpty, transfers.count < configuration.maxConcurrentRequests {
      start(waiting.removeFirst())
    }
  }

  private func start(_ exchange: CurlExchange) {
    guard let easy = spareHandles.popLast() ?? curl_easy_init() else {
      exchange.finish(.failure(.connect("libcurl is out of memory")))
      return
    }
    do {
      let transfer = try CurlTransfer(exchange, easy: easy, configuration: configuration, pass: pass)
      transfers[exchange.id] = transfer
      idsByHandle[easy] = exchange.id
      curl_multi_add_handle(multi, easy)
      schedule(transfer)
    } catch {
      recycle(easy)
      exchange.finish(.failure(error))
    }
  }

  private func resume(_ id: UInt64) {
    guard let transfer = transfers[id] else { return }
    transfer.clock.isPaused = false
    transfer.clock.lastByte = now
    schedule(transfer)
    // May hand over bytes held back, and pause again, before it returns.
    curl_easy_pause(transfer.easy, 0)
    wakeReaders()
  }

  private func cancel(_ id: UInt64) {
    if let transfer = remove(id) {
      transfer.exchange.finish(.failure(.cancelled))
    } else {
      waiting.removeAll { $0.id == id }
    }
  }

  /// Takes a transfer out; libcurl closes its connection if the response was not read to its end.
  @discardableResult
  private func remove(_ id: UInt64) -> CurlTransfer? {
    guard let transfer = transfers.removeValue(forKey: id) else { return nil }
    idsByHandle[transfer.easy] = nil
    curl_multi_remove_handle(multi, transfer.easy)
    recycle(transfer.easy)
    return transfer
  }

  private func recycle(_ easy: UnsafeMutableRawPointer) {
    guard spareHandles.count < 16 else { return curl_easy_cleanup(easy) }
    // Forgets the request, headers and keys included.
    curl_easy_reset(easy)
    spareHandles.append(easy)
  }

  private func takeCompleted() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let id = idsByHandle[easy], let transfer = transfers[id]
      else { continue }
      complete(transfer, message.pointee.data.result)
    }
  }

  private func complete(_ transfer: CurlTransfer, _ code: CURLcode) {
    let exchange = transfer.exchange
    if code != CURLE_OK, HTTPTransportError.isStaleConnection(code), !transfer.hasRetried, !transfer.hasResponse,
      transfer.reusedConnection
    {
      transfer.hasRetried = true
      transfer.clock = TransferClock(exchange.request.timeouts, start: now)
      curl_multi_remove_handle(multi, transfer.easy)
      cicerone_curl_set_long(transfer.easy, CURLOPT_FRESH_CONNECT, 1)
      curl_multi_add_handle(multi, transfer.easy)
      schedule(transfer)
      return
    }
    transfer.noteConnection()
    let end: Result<Void, HTTPTransportError> =
      if code == CURLE_OK {
        .success(())
      } else {
        .failure(
          transfer.abortReason
            ?? .from(
              code, text: transfer.describe(code), connected: transfer.clock.connected != nil,
              hasHead: transfer.hasHead, headerLimit: exchange.request.limits.headerBytes))
      }
    remove(exchange.id)
    exchange.finish(end)
  }

  private func schedule(_ transfer: CurlTransfer) {
    guard case .wait(let until?) = transfer.clock.verdict(at: now) else { return nextCheck = now }
    nextCheck = min(nextCheck ?? until, until)
  }

  /// Deadlines only move later between two looks, so nothing is due before `nextCheck`.
  private func checkDeadlines() {
    guard let due = nextCheck, due <= ContinuousClock.now else { return }
    pass.now = .now
    nextCheck = nil
    for (id, transfer) in transfers {
      transfer.noteConnection()
      switch transfer.clock.verdict(at: now) {
      case .expired(let phase):
        remove(id)
        transfer.exchange.finish(.failure(.timeout(phase)))
      case .wait(let until?): nextCheck = min(nextCheck ?? until, until)
      case .wait(nil): break
      }
    }
  }

  private func stop() {
    for command in mailbox.close() {
      if case .start(let exchange) = command { waiting.append(exchange) }
    }
    for exchange in waiting { exchange.finish(.failure(.shutDown)) }
    for id in Array(transfers.keys) { remove(id)?.exchange.finish(.failure(.shutDown)) }
  }
}
