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
    fields.first { HTTPHeaders.isSame($0.name, name) }?.value
  }

  /// Whether two names are the same but for the case of ASCII letters.
  public static func isSame(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
    return zip(left.utf8, right.utf8).allSatisfy { lower($0) == lower($1) }
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
    guard !name.isEmpty, name.utf8.allSatisfy(HTTPRequestHeader.isToken) else {
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

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    // ! # $ % & ' * + - . ^ _ ` | ~
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: false
    }
  }
}
