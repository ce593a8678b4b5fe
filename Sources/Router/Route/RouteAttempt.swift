import Ledger
import Providers

/// One request on its way to one deployment, up to its first token.
struct RouteAttempt: Sendable {
  /// What opening it gave.
  enum Opening: Sendable {
    /// An answer that has begun: its events up to the first that is shown, or up to its end.
    case opened(ChatStream, [ChatEvent])
    /// A failure, with what it used as far as that was said.
    case failed(ProviderError, TokenUsage?)
  }

  /// What reaches the route while it waits for the first token. Each names an attempt by its number.
  enum Signal: Sendable {
    /// See ``RouteAttempt/opening``.
    case ended(Int)
    /// It took too long.
    case timedOut(Int)
    /// It is time to ask another one.
    case hedge(Int)
  }

  /// Its number in the report.
  let number: Int
  /// Its number in the state machine.
  let candidate: Int
  let deployment: Deployment
  let lease: Lease
  let opening: Task<Opening, Never>
  let inputTokens: Int
  /// Alarms to be cancelled when it ends.
  var alarms: [UInt64] = []
  /// How long its first token may take.
  var timeLimit: Duration?
  /// Whether that is over.
  var hasTimedOut = false

  /// Sends `request`; `ended` is called when there is something to look at.
  static func open(
    _ provider: any ChatProvider, _ request: ChatRequest, ended: @escaping @Sendable () -> Void
  ) -> Task<Opening, Never> {
    let operation = { @Sendable in
      let opening = await read(provider, request)
      ended()
      return opening
    }
    // On this thread up to where it waits for the server: handing it to another costs more than making the request.
    if #available(macOS 26.0, *) { return Task.immediate(operation: operation) }
    return Task(operation: operation)
  }

  private static func read(_ provider: any ChatProvider, _ request: ChatRequest) async -> Opening {
    var events: [ChatEvent] = []
    do throws(ProviderError) {
      let stream = try await provider.stream(request)
      while let event = try await stream.next() {
        events.append(event)
        if event.isDelta { break }
        if case .finished = event { break }
      }
      return .opened(stream, events)
    } catch {
      return .failed(error, usage(events))
    }
  }

  private static func usage(_ events: [ChatEvent]) -> TokenUsage? {
    for case .usage(let usage) in events.reversed() { return usage }
    return nil
  }

  /// Cancels it, and finds out what it used. Begins at once, whenever the result is asked for.
  func abandon() -> Task<(usage: TokenUsage?, error: ProviderError?), Never> {
    opening.cancel()
    let task = Task { [opening] in
      switch await opening.value {
      case .failed(let error, let usage): return (usage: usage, error: Optional(error))
      case .opened(let stream, let events):
        return await RouteAttempt.close(stream, after: events)
      }
    }
    return task
  }

  /// Reads what a cancelled stream still says.
  private static func close(
    _ stream: ChatStream, after events: [ChatEvent]
  ) async -> (usage: TokenUsage?, error: ProviderError?) {
    let rest = Task { () -> (usage: TokenUsage?, error: ProviderError?) in
      var usage = usage(events)
      do throws(ProviderError) {
        // Cancelled before it begins: a stream that works on regardless is not read to its end.
        for _ in 0..<1000 {
          guard let event = try await stream.next() else { break }
          if case .usage(let last) = event { usage = last }
          if case .finished = event { break }
        }
        return (usage, nil)
      } catch {
        return (usage, error)
      }
    }
    rest.cancel()
    return await rest.value
  }
}
