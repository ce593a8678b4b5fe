import JSONRPC

/// What the client can do, as far as this server asks.
///
/// Read with `Lenient` throughout: a member of an unexpected shape counts as absent, so that no client is turned away
/// for what it says about features that are not used here.
struct ClientCapabilities: Sendable, Decodable {
  struct General: Sendable, Decodable {
    @Lenient var positionEncodings: [String]?
  }
  struct Dynamic: Sendable, Decodable {
    @Lenient var dynamicRegistration: Bool?
    @Lenient var relativePatternSupport: Bool?
  }
  struct WorkspaceFeatures: Sendable, Decodable {
    @Lenient var configuration: Bool?
    @Lenient var didChangeConfiguration: Dynamic?
    @Lenient var didChangeWatchedFiles: Dynamic?
    @Lenient var workspaceFolders: Bool?
  }
  struct Window: Sendable, Decodable {
    @Lenient var workDoneProgress: Bool?
  }

  @Lenient var general: General?
  @Lenient var workspace: WorkspaceFeatures?
  @Lenient var window: Window?
  @Lenient var experimental: JSONValue?

  /// A client that can do nothing.
  init() {}

  /// Whether the client knows the notifications of `rag/`: `experimental.rag` is there and is not `false`.
  var knowsRag: Bool {
    switch experimental?["rag"] {
    case nil, .null?, .bool(false)?: false
    default: true
    }
  }
}

/// An optional member that counts as absent when it cannot be read.
@propertyWrapper
struct Lenient<Value: Decodable & Sendable>: Sendable, Decodable {
  var wrappedValue: Value?

  init(wrappedValue: Value? = nil) {
    self.wrappedValue = wrappedValue
  }

  init(from decoder: any Decoder) throws {
    wrappedValue = try? decoder.singleValueContainer().decode(Value.self)
  }
}

extension KeyedDecodingContainer {
  /// Lets a `Lenient` member be absent.
  func decode<Value>(_ type: Lenient<Value>.Type, forKey key: Key) throws -> Lenient<Value> {
    ((try? decodeIfPresent(type, forKey: key)) ?? nil) ?? Lenient()
  }
}
