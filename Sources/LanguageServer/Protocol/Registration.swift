/// `client/registerCapability`, for the features that have no static form.
struct RegistrationParams: Sendable, Encodable {
  struct Registration: Sendable, Encodable {
    var id: String
    var method: String
    var registerOptions: Options
  }
  struct Options: Sendable, Encodable {
    var watchers: [Watcher]?
    var section: String?
  }
  struct Watcher: Sendable, Encodable {
    var globPattern: Pattern
  }
  enum Pattern: Sendable, Encodable {
    case anywhere(String)
    case relative(baseUri: String, pattern: String)

    private enum Key: String, CodingKey { case baseUri, pattern }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .anywhere(let pattern):
        var single = encoder.singleValueContainer()
        try single.encode(pattern)
      case .relative(let baseUri, let pattern):
        var keyed = encoder.container(keyedBy: Key.self)
        try keyed.encode(baseUri, forKey: .baseUri)
        try keyed.encode(pattern, forKey: .pattern)
      }
    }
  }
  var registrations: [Registration]
}

/// `client/unregisterCapability`.
struct UnregistrationParams: Sendable, Encodable {
  struct Unregistration: Sendable, Encodable {
    var id: String
    var method: String
  }
  /// The misspelling is LSP's.
  var unregisterations: [Unregistration]
}

/// `workspace/configuration`.
struct ConfigurationParams: Sendable, Encodable {
  struct Item: Sendable, Encodable {
    var section: String
  }
  var items: [Item]
}

/// `window/showMessage` and `window/logMessage`.
struct MessageParams: Sendable, Encodable {
  /// 1 error, 2 warning, 3 info, 4 log.
  var type: Int
  var message: String
}

/// `$/logTrace`.
struct LogTraceParams: Sendable, Encodable {
  var message: String
  var verbose: String?
}
