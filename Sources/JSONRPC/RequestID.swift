/// The identity of a request: a reply carries the same value with the same type.
///
/// Integer 1 and string "1" are different identities, as JSON-RPC has it.
public enum RequestID: Hashable, Sendable, Codable, CustomStringConvertible {
  /// An identity that was written as a number.
  case integer(Int64)
  /// An identity that was written as a string.
  case string(String)

  /// Reads an integer or a string; anything else throws `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .string(text)
    } else {
      self = .integer(try container.decode(Int64.self))
    }
  }

  /// Writes the value with the type that it has.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .integer(let number): try container.encode(number)
    case .string(let text): try container.encode(text)
    }
  }

  /// The value as it stands in JSON, without escapes: for logs.
  public var description: String {
    switch self {
    case .integer(let number): "\(number)"
    case .string(let text): "\"\(text)\""
    }
  }
}
