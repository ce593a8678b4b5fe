/// Response headers in order of arrival; names compare without case.
public struct HTTPHeaders: Sendable, Hashable {
  /// Name and value of each line, as received but for the white space around the value.
  public private(set) var fields: [Field] = []

  /// One line.
  public struct Field: Sendable, Hashable {
    /// As the server wrote it.
    public let name: String
    /// Without surrounding white space.
    public let value: String
  }

  /// No headers.
  public init() {}

  /// The given headers.
  public init(_ pairs: KeyValuePairs<String, String>) {
    for (name, value) in pairs { append(name: name, value: value) }
  }

  /// Adds a line.
  public mutating func append(name: String, value: String) { fields.append(Field(name: name, value: value)) }

  /// The first value of that name.
  public subscript(name: String) -> String? {
    let wanted = name.lowercased()
    return fields.first { $0.name.lowercased() == wanted }?.value
  }
}

/// A header of a request; a secret value stays a ``Secret`` until it is written to the socket.
public struct HTTPRequestHeader: Sendable, Hashable {
  /// What is sent.
  public enum Value: Sendable, Hashable {
    /// Sent as it is.
    case plain(String)
    /// `prefix` followed by the secret: `Bearer •••`.
    case secret(prefix: String, Secret)
  }

  /// A token of RFC 9110.
  public let name: String
  /// What is sent.
  public let value: Value

  /// A header anyone may read.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = .plain(value)
  }

  /// A header that carries a credential.
  public init(_ name: String, prefix: String = "", _ secret: Secret) {
    self.name = name
    value = .secret(prefix: prefix, secret)
  }

  /// Lends the whole line `Name: value`; throws when name or value could break out of the line.
  public func withLine<Result>(_ body: (String) -> Result) throws(HTTPTransportError) -> Result {
    let isToken = { (byte: UInt8) in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
    guard !name.isEmpty, name.utf8.allSatisfy(isToken) else {
      throw .invalidRequest("a header name is empty or not a token")
    }
    let line =
      switch value {
      case .plain(let text): text
      case .secret(let prefix, let secret): secret.withExposedText { prefix + $0 }
      }
    guard line.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
      throw .invalidRequest("the value of the header \(name) holds a control character")
    }
    return body(line.isEmpty ? name + ";" : name + ": " + line)
  }
}
