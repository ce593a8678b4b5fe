import Synchronization

/// A request of the peer that is being worked on.
///
/// Several may want to end it: the handler with a result, the peer with a cancellation, the connection when it closes.
/// The first wins and there is exactly one reply; what the others say is dropped.
public final class IncomingRequest: Sendable {
  /// How a request ended.
  public enum Ending: Sendable {
    /// The handler answered.
    case replied
    /// The peer cancelled it.
    case cancelled
    /// The connection closed: there is no one to answer.
    case abandoned
  }

  private enum State {
    case pending(hooks: [@Sendable (Ending) -> Void])
    case ended(Ending)
  }

  /// The request's identity.
  public let id: RequestID
  /// The name of the method.
  public let method: String
  /// The parameters, where there are any.
  public let params: RawJSON?

  private let state = Mutex(State.pending(hooks: []))
  /// Takes the request out of the table of those that are pending.
  private let forget: @Sendable (IncomingRequest) -> Void
  private let send: @Sendable ([UInt8]) -> Void

  init(
    id: RequestID, method: String, params: RawJSON?, forget: @escaping @Sendable (IncomingRequest) -> Void,
    send: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.id = id
    self.method = method
    self.params = params
    self.forget = forget
    self.send = send
  }

  /// Whether it still has to be answered.
  public var isPending: Bool {
    state.withLock { state in
      if case .pending = state { return true }
      return false
    }
  }

  /// Calls `hook` when the request ends, *before* its reply is enqueued; at once when it has ended.
  ///
  /// This is the place to end progress, which must not follow the reply. The hook may run on any thread and must not
  /// block.
  public func onEnd(_ hook: @escaping @Sendable (Ending) -> Void) {
    let ending = state.withLock { state -> Ending? in
      switch state {
      case .pending(let hooks):
        state = .pending(hooks: hooks + [hook])
        return nil
      case .ended(let ending):
        return ending
      }
    }
    if let ending { hook(ending) }
  }

  /// Answers with a value that is JSON already.
  public func reply(encoded result: [UInt8]) {
    end(.replied, MessageWriter.result(id: id, result))
  }

  /// Answers with an error.
  public func reply(error: ResponseError) {
    end(.replied, MessageWriter.error(id: id, error))
  }

  func cancel() {
    end(.cancelled, MessageWriter.error(id: id, .requestCancelled))
  }

  func abandon() {
    end(.abandoned, nil)
  }

  private func end(_ ending: Ending, _ body: @autoclosure () -> [UInt8]?) {
    let hooks = state.withLock { state -> [@Sendable (Ending) -> Void]? in
      guard case .pending(let hooks) = state else { return nil }
      state = .ended(ending)
      return hooks
    }
    guard let hooks else { return }
    forget(self)
    for hook in hooks { hook(ending) }
    if let body = body() { send(body) }
  }
}
