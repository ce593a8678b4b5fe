import Assistant
import Synchronization

/// Tells the engine what changed in the editor: in order, one thing after the other, without holding up the messages
/// that follow.
///
/// Requests take a `ticket` when they arrive, and wait until what had arrived before them has reached the engine. While
/// the engine is busy, texts of one document that no request waits for are replaced by the newest, so what waits is
/// bounded by the number of documents and requests.
final class EngineQueue: Sendable {
  private enum Work: Sendable {
    /// The text of a document; nil when it was closed.
    case overlay(uri: String, text: String?)
    case filesChanged([String])
    case other(@Sendable () async -> Void)
  }

  private struct Waiter {
    var ticket: Int
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var waiting: [(number: Int, work: Work)] = []
    var last = 0
    var done = 0
    /// The newest number that a request waits for: what came up to it is not touched any more.
    var fixed = 0
    var waiters: [Waiter] = []
    var stopped = false
  }

  private let service: any AssistantService
  private let state = Mutex(State())
  private let signals: AsyncStream<Void>
  private let signal: AsyncStream<Void>.Continuation

  init(service: any AssistantService) {
    self.service = service
    (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Sets the text of a document, or nil to forget it.
  func setOverlay(uri: String, text: String?) {
    add(.overlay(uri: uri, text: text)) { waiting, fixed in
      for index in waiting.indices.reversed() where waiting[index].number > fixed {
        if case .overlay(uri, _) = waiting[index].work {
          waiting[index].work = .overlay(uri: uri, text: text)
          return true
        }
      }
      return false
    }
  }

  /// Tells that files may have changed.
  func filesMayHaveChanged(_ uris: [String]) {
    guard !uris.isEmpty else { return }
    add(.filesChanged(uris)) { waiting, fixed in
      guard let last = waiting.indices.last, waiting[last].number > fixed,
        case .filesChanged(let earlier) = waiting[last].work
      else { return false }
      let known = Set(earlier)
      waiting[last].work = .filesChanged(earlier + uris.filter { !known.contains($0) })
      return true
    }
  }

  /// Does something in its turn.
  func perform(_ body: @escaping @Sendable () async -> Void) {
    add(.other(body)) { _, _ in false }
  }

  /// A ticket for everything that was added until now.
  func ticket() -> Int {
    state.withLock { state in
      state.fixed = state.last
      return state.last
    }
  }

  /// Waits until everything before the ticket was done, or the queue has stopped.
  func wait(for ticket: Int) async {
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        if state.done >= ticket || state.stopped { return true }
        state.waiters.append(Waiter(ticket: ticket, continuation: continuation))
        return false
      }
      if isDone { continuation.resume() }
    }
  }

  /// Works until `stop`. Call once.
  func run() async {
    for await _ in signals {
      while let (number, work) = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
        switch work {
        case .overlay(let uri, let text?): await service.setOverlay(uri: uri, text: text)
        case .overlay(let uri, nil): await service.removeOverlay(uri: uri)
        case .filesChanged(let uris): await service.filesMayHaveChanged(uris: uris)
        case .other(let body): await body()
        }
        finished(number)
      }
    }
  }

  /// Drops what waits.
  func stop() {
    let waiters = state.withLock { state in
      state.stopped = true
      state.waiting = []
      defer { state.waiters = [] }
      return state.waiters
    }
    signal.finish()
    for waiter in waiters { waiter.continuation.resume() }
  }

  private func add(_ work: Work, merge: (inout [(number: Int, work: Work)], Int) -> Bool) {
    state.withLock { state in
      guard !state.stopped, !merge(&state.waiting, state.fixed) else { return }
      state.last += 1
      state.waiting.append((state.last, work))
    }
    signal.yield()
  }

  private func finished(_ number: Int) {
    let ready = state.withLock { state in
      state.done = number
      let ready = state.waiters.filter { $0.ticket <= number }
      state.waiters.removeAll { $0.ticket <= number }
      return ready
    }
    for waiter in ready { waiter.continuation.resume() }
  }
}
