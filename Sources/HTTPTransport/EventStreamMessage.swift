/// One message of an `application/vnd.amazon.eventstream`.
public struct EventStreamMessage: Sendable, Hashable {
  /// What a header holds.
  public enum Value: Sendable, Hashable {
    /// True or false.
    case bool(Bool)
    /// One, two, four or eight bytes, signed.
    case integer(Int64)
    /// Any bytes.
    case bytes([UInt8])
    /// Text.
    case string(String)
    /// Milliseconds since 1970.
    case timestamp(Int64)
    /// Sixteen bytes.
    case uuid([UInt8])
  }

  /// A header.
  public struct Header: Sendable, Hashable {
    /// Its name; those of the protocol begin with a colon.
    public var name: String
    /// What it holds.
    public var value: Value

    /// Makes a header.
    public init(name: String, value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// In order.
  public var headers: [Header]
  /// The rest.
  public var payload: [UInt8]

  /// Makes a message.
  public init(headers: [Header] = [], payload: [UInt8] = []) {
    self.headers = headers
    self.payload = payload
  }

  /// The text of the first header of that name.
  public func text(_ name: String) -> String? {
    guard case .string(let text)? = headers.first(where: { $0.name == name })?.value else { return nil }
    return text
  }
}

/// Why an `application/vnd.amazon.eventstream` cannot be read on.
public enum EventStreamError: Error, Sendable, Hashable {
  /// The checksum of the lengths, or of the whole message, is another.
  case checksum
  /// A message is longer than allowed, in bytes.
  case tooLong(limit: Int)
  /// Lengths contradict each other, or headers do not fill their space.
  case malformed
}
