import JSONRPC

/// A notification that this server takes. They are handled in the order of arrival, one at a time, and must not wait.
protocol NotificationHandler: SendableMetatype {
  associatedtype Params: Decodable & Sendable

  /// The name of the method.
  static var method: String { get }
  /// Whether the user must be told when it cannot be read, because what they see would not be what is searched.
  static var isVital: Bool { get }

  /// Takes it.
  static func handle(_ params: Params, in session: LanguageServerSession)
}

extension NotificationHandler {
  static var isVital: Bool { false }
}

/// A handler whose type is hidden.
struct AnyNotificationHandler: Sendable {
  let method: String
  let isVital: Bool
  let handle: @Sendable (RawJSON?, LanguageServerSession) throws -> Void

  init<Handler: NotificationHandler>(_ handler: Handler.Type) {
    method = Handler.method
    isVital = Handler.isVital
    handle = { params, session in
      Handler.handle(try (params ?? RawJSON(Array("{}".utf8))).decode(Handler.Params.self), in: session)
    }
  }
}
