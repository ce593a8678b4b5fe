public import Assistant
public import JSONRPC
import Synchronization

/// A session with one editor: from the first byte of its input to the end of the process.
///
/// Messages are handled in order by one loop, which never waits for the engine. What changes the state is handed to
/// `EngineQueue`; requests run in tasks of their own.
public final class LanguageServerSession: Sendable {
  /// What can be set from outside; the defaults are meant for editors.
  public struct Options: Sendable {
    /// Requests at a time that may ask a model.
    public var concurrentModelRequests = 4
    /// Searches at a time.
    public var concurrentQueries = 16
    /// How long pieces of an answer are gathered.
    public var partialResultInterval = Duration.milliseconds(40)
    /// How often it is looked whether the editor is alive.
    public var parentCheckInterval = Duration.seconds(1)
    /// How long the end may take: the output, and then the engine.
    public var closeTimeout = Duration.milliseconds(500)
    /// How long the engine may take to close its files.
    public var engineTimeout = Duration.seconds(2)
    /// Limits of the connection.
    public var limits = Connection.Limits()

    /// The defaults.
    public init() {}
  }

  let service: any AssistantService
  let serverVersion: String
  let options: Options
  let log: DiagnosticSink
  let connection: Connection
  let engineQueue: EngineQueue
  let state = Mutex(SessionState())
  let documents = Mutex(DocumentManager())
  let statusNotifier: StatusNotifier
  let indexingReporter: IndexingReporter
  /// Where settings of the client come from.
  public enum SettingsSource: Sendable, Hashable {
    /// `initializationOptions`, once.
    case initializationOptions
    /// The section `cicerone` of its settings, whenever they change: each time all of it.
    case section
  }

  /// Takes the section `cicerone` of the client's settings, and its `initializationOptions`.
  let onConfiguration: @Sendable (SettingsSource, JSONValue) async -> Void

  private let running = Mutex<[ObjectIdentifier: IncomingRequest]>([:])
  private let tasks = Mutex<(next: Int, tasks: [Int: Task<Void, Never>])>((0, [:]))
  private let modelLimiter: TaskLimiter
  private let queryLimiter: TaskLimiter
  private let waitingLimiter = TaskLimiter(limit: 64)

  /// Makes a session; nothing is read or started before `run`.
  ///
  /// - Parameters:
  ///   - service: the engine; it is shut down when the session ends.
  ///   - serverVersion: told to the client.
  ///   - input: where the client's messages come from, such as 0. Not closed.
  ///   - output: where messages to the client go, such as 1. Not closed, and nothing else may be written to it.
  ///   - onConfiguration: takes the client's settings, in order of arrival.
  public init(
    service: any AssistantService, serverVersion: String, input: CInt, output: CInt, options: Options = Options(),
    log: @escaping DiagnosticSink = StandardErrorLog.sink(minimum: .info),
    onConfiguration: @escaping @Sendable (SettingsSource, JSONValue) async -> Void = { _, _ in }
  ) {
    self.service = service
    self.serverVersion = serverVersion
    self.options = options
    self.log = log
    self.onConfiguration = onConfiguration
    connection = Connection(
      input: input, output: output, limits: options.limits,
      uncancellable: [InitializeRequest.method, ShutdownRequest.method], log: log)
    engineQueue = EngineQueue(service: service)
    statusNotifier = StatusNotifier(service: service, connection: connection)
    indexingReporter = IndexingReporter(connection: connection)
    modelLimiter = TaskLimiter(limit: options.concurrentModelRequests)
    queryLimiter = TaskLimiter(limit: options.concurrentQueries)
  }

  /// Serves the client until `exit`, the end of the input or the death of the client. Answers the exit code of the
  /// process: 0 after `shutdown`, else 1. Call once.
  public func run() async -> Int32 {
    spawn { [engineQueue] in await engineQueue.run() }
    await connection.run { await receive($0) }
    engineQueue.stop()
    await connection.close(timeout: options.closeTimeout)
    let service = service
    let unfinished = tasks.withLock { Array($0.tasks.values) }
    for task in unfinished { task.cancel() }
    // The engine is safe against being killed at any moment: so its closing is polite, and has a limit.
    await Self.wait(atMost: options.engineTimeout) {
      for task in unfinished { await task.value }
      await service.shutdown()
    }
    return state.withLock { $0.phase } == .shutDown ? 0 : 1
  }

  /// Runs something that ends with the session at the latest.
  func spawn(_ body: @escaping @Sendable () async -> Void) {
    tasks.withLock { tasks in
      tasks.next += 1
      let number = tasks.next
      tasks.tasks[number] = Task { [self] in
        await body()
        self.tasks.withLock { $0.tasks[number] = nil }
      }
    }
  }

  /// Waits for `body`, or until the time is up; then `body` is left to itself.
  private static func wait(atMost limit: Duration, for body: @escaping @Sendable () async -> Void) async {
    let (ends, end) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let work = Task {
      await body()
      end.finish()
    }
    let timer = Task {
      try await Task.sleep(for: limit)
      end.finish()
    }
    for await _ in ends {}
    timer.cancel()
    work.cancel()
  }
}

// Dispatch.
extension LanguageServerSession {
  /// Takes a message; false ends the session.
  private func receive(_ message: IncomingMessage) async -> Bool {
    switch message {
    case .request(let request):
      // It may have been cancelled while it waited.
      if request.isPending { await receive(request) }
      return true
    case .notification("exit", _):
      return false
    case .notification(let method, let params):
      receive(method, params)
      return true
    }
  }

  private func receive(_ method: String, _ params: RawJSON?) {
    guard state.withLock({ $0.phase }) == .running else {
      log(.debug, "'\(method)' is dropped: the session is not running.")
      return
    }
    guard let handler = MethodRegistry.notifications[method] else {
      if !method.hasPrefix("$/") { log(.info, "The notification '\(method)' is not known.") }
      return
    }
    do {
      try handler.handle(params, self)
    } catch {
      let text = "'\(method)' cannot be read. \(ResponseError(undecodable: error).message)"
      log(.warning, text)
      if handler.isVital { warnUser(text) }
    }
  }

  private func receive(_ request: IncomingRequest) async {
    switch state.withLock({ $0.phase }) {
    case .uninitialized where request.method != InitializeRequest.method:
      request.reply(error: .serverNotInitialized)
      return
    case .running where request.method == InitializeRequest.method:
      request.reply(error: .invalidRequest("The session is initialized already."))
      return
    case .shutDown:
      request.reply(error: .invalidRequest("The session was shut down."))
      return
    default:
      break
    }
    do {
      let call: ExecuteCommand.Resolved
      if request.method == ExecuteCommand.method {
        call = try ExecuteCommand.resolve(request.params)
      } else if let handler = MethodRegistry.requests[request.method] {
        call = .init(handler: handler, params: request.params, tokens: try Self.tokens(request.params, handler))
      } else {
        throw ResponseError.methodNotFound(request.method)
      }
      if call.handler.scheduling == .ordered {
        await answer(request, call, RequestContext(session: self, workDone: nil, partialResults: nil))
      } else {
        start(request, call)
      }
    } catch {
      request.reply(error: ResponseError(thrown: error, method: request.method))
    }
  }

  private static func tokens(_ params: RawJSON?, _ handler: AnyRequestHandler) throws(ResponseError) -> ProgressTokens {
    guard let params, handler.scheduling != .ordered, params.utf8.first == UInt8(ascii: "{") else {
      return ProgressTokens()
    }
    do {
      return try params.decode(ProgressTokens.self)
    } catch {
      throw ResponseError(undecodable: error)
    }
  }

  /// Runs a request beside others.
  private func start(_ request: IncomingRequest, _ call: ExecuteCommand.Resolved) {
    let workDone = call.tokens.workDoneToken.map { WorkDoneProgress(token: $0, connection: connection) }
    let partialResults = call.tokens.partialResultToken.map {
      PartialResults(token: $0, connection: connection, interval: options.partialResultInterval)
    }
    let context = RequestContext(session: self, workDone: workDone, partialResults: partialResults)
    // What came before the request must have reached the engine; what comes after need not.
    let ticket = call.handler.scheduling == .immediate ? nil : engineQueue.ticket()
    let key = ObjectIdentifier(request)
    running.withLock { $0[key] = request }
    tasks.withLock { tasks in
      tasks.next += 1
      let number = tasks.next
      let task = Task { [self] in
        // Not before its end is prepared below, while the lock is held: a quick reply would overtake its progress.
        self.tasks.withLock { _ in }
        workDone?.begin(title: call.handler.title)
        await answer(request, call, context, after: ticket)
        self.tasks.withLock { $0.tasks[number] = nil }
      }
      tasks.tasks[number] = task
      request.onEnd { [self] ending in
        if case .replied = ending { partialResults?.end(drop: false) } else { partialResults?.end(drop: true) }
        workDone?.end()
        task.cancel()
        running.withLock { $0[key] = nil }
      }
    }
  }

  /// Runs a handler when it is its turn, and replies.
  private func answer(
    _ request: IncomingRequest, _ call: ExecuteCommand.Resolved, _ context: RequestContext, after ticket: Int? = nil
  ) async {
    let handler = call.handler
    let started = ContinuousClock.now
    do {
      if let ticket { await engineQueue.wait(for: ticket) }
      try Task.checkCancellation()
      let work: () async throws -> [UInt8] = { try await handler.handle(call.params, context) }
      let result =
        switch handler.scheduling {
        case .ordered, .immediate: try await work()
        case .query: try await queryLimiter.run(work)
        case .model: try await modelLimiter.run(work)
        case .waiting: try await waitingLimiter.run(work)
        }
      request.reply(encoded: result)
      handler.didReply(context)
    } catch {
      let response = ResponseError(thrown: error, method: request.method)
      if response.code == ResponseError.Code.internalError { log(.error, response.message) }
      request.reply(error: response)
    }
    trace(request, started)
  }

  /// Ends every running request with an error, because the session ends. The client did not cancel, so the code is not
  /// that of a cancelled request.
  func endRunningRequests() {
    let requests = running.withLock { Array($0.values) }
    for request in requests {
      request.reply(error: ResponseError(EngineError(.cancelled, "The session is being shut down.")))
    }
  }

  private func trace(_ request: IncomingRequest, _ started: ContinuousClock.Instant) {
    let level = state.withLock { $0.trace }
    guard level != .off else { return }
    let took = ContinuousClock.now - started
    connection.notify(
      "$/logTrace",
      LogTraceParams(
        message: "'\(request.method)' (\(request.id)) took \(took).",
        verbose: level == .verbose ? request.params.map { String(decoding: $0.utf8, as: UTF8.self) } : nil))
  }
}
