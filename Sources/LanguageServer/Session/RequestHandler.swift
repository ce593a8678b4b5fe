import Assistant
import JSONRPC
import Synchronization
import Workspace

/// How a request is run beside others.
enum Scheduling: Sendable {
  /// In its turn among the notifications, which wait meanwhile: only for what changes the state and never waits.
  case ordered
  /// At once, without waiting for changes that the engine has not taken yet.
  case immediate
  /// After the changes that came before it; several at a time.
  case query
  /// As `query`, but may ask a model: few at a time.
  case model
  /// As `query`, for what mainly waits.
  case waiting
}

/// A request that this server answers. Each has a file of its own and one line in `MethodRegistry`.
protocol RequestHandler: SendableMetatype {
  associatedtype Params: Decodable & Sendable
  associatedtype Result: Encodable & Sendable

  /// The name of the method.
  static var method: String { get }
  /// How it is run beside others.
  static var scheduling: Scheduling { get }
  /// What is done, for a progress bar.
  static var title: String { get }

  /// Answers. Throws `EngineError` or `ResponseError`; anything else is told to the client as a fault of ours.
  static func handle(_ params: Params, in context: RequestContext) async throws -> Result
  /// Called after the reply was sent.
  static func didReply(in context: RequestContext)
}

extension RequestHandler {
  static func didReply(in context: RequestContext) {}
}

/// What a handler works with.
struct RequestContext: Sendable {
  let session: LanguageServerSession
  /// The progress bar, where the client asked for one.
  let workDone: WorkDoneProgress?
  /// Where pieces of the result go, where the client asked for them.
  let partialResults: PartialResults?

  var service: any AssistantService { session.service }
  var encoding: PositionEncoding { session.state.withLock(\.encoding) }
}

/// The parameters of methods that need none; whatever comes is not looked at.
struct NoParams: Sendable, Decodable {
  init(from decoder: any Decoder) throws {}
}

/// The result of methods that have no value: `null`.
struct NoResult: Sendable, Encodable {
  func encode(to encoder: any Encoder) throws {
    var single = encoder.singleValueContainer()
    try single.encodeNil()
  }
}

/// A handler whose types are hidden.
struct AnyRequestHandler: Sendable {
  let method: String
  let scheduling: Scheduling
  let title: String
  let handle: @Sendable (RawJSON?, RequestContext) async throws -> [UInt8]
  let didReply: @Sendable (RequestContext) -> Void

  init<Handler: RequestHandler>(_ handler: Handler.Type) {
    method = Handler.method
    scheduling = Handler.scheduling
    title = Handler.title
    didReply = { Handler.didReply(in: $0) }
    handle = { params, context in
      let decoded: Handler.Params
      do {
        // Absent parameters are those of an empty object: whether that is enough is for the type to say.
        decoded = try (params ?? RawJSON(Array("{}".utf8))).decode(Handler.Params.self)
      } catch {
        throw ResponseError(undecodable: error)
      }
      return try RawJSON.encode(try await Handler.handle(decoded, in: context))
    }
  }
}
