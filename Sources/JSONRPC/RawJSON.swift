import FoundationEssentials

/// A stretch of a message that is known to be one well-formed JSON value, decoded only when its type is known.
public struct RawJSON: Sendable {
  /// The bytes of the whole message; shared, never copied.
  let bytes: [UInt8]
  /// Where the value stands in `bytes`.
  let range: Range<Int>

  /// A value that was written elsewhere; it is not checked.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    self.range = bytes.indices
  }

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    self.range = range
  }

  /// The value's text.
  public var utf8: ArraySlice<UInt8> { bytes[range] }

  /// Reads the value; throws `DecodingError` where it does not fit `type`.
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    let data = bytes.withUnsafeBufferPointer { Data($0[range]) }
    return try JSONDecoder().decode(type, from: data)
  }

  /// Writes `value`. Members are sorted, so that equal values give equal bytes.
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value))
  }
}
