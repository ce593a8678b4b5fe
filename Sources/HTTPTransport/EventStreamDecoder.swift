/// A push decoder for `application/vnd.amazon.eventstream`. Feed it reads split anywhere; it is pure and bounded, and
/// believes no length before its checksum.
public struct EventStreamDecoder: Sendable {
  private let maxHeaderBytes: Int
  private let maxPayloadBytes: Int
  private var buffer: [UInt8] = []
  /// The lengths of the message at the start of ``buffer``, once they are known to be right.
  private var lengths: (total: Int, headers: Int)?
  private var failure: EventStreamError?

  /// Lengths and their checksum before the headers, the message's checksum after the payload.
  private static let preludeBytes = 12
  private static let overheadBytes = 16

  /// `maxHeaderBytes` and `maxPayloadBytes` bound a message; the defaults are the format's own.
  public init(maxHeaderBytes: Int = 128 << 10, maxPayloadBytes: Int = 24 << 20) {
    self.maxHeaderBytes = maxHeaderBytes
    self.maxPayloadBytes = maxPayloadBytes
  }

  /// Whether the stream, if it ended here, would end within a message.
  public var isWithinMessage: Bool { !buffer.isEmpty }

  /// Feeds bytes; `body` gets each complete message. After an error nothing more is read.
  public mutating func push(
    _ bytes: [UInt8], _ body: (EventStreamMessage) -> Void
  ) throws(EventStreamError) {
    if let failure { throw failure }
    buffer += bytes
    var start = 0
    do throws(EventStreamError) {
      while let message = try next(from: start) {
        body(message.value)
        start = message.end
      }
    } catch {
      failure = error
      buffer = []
      throw error
    }
    if start > 0 { buffer.removeSubrange(..<start) }
  }

  private mutating func next(
    from start: Int
  ) throws(EventStreamError) -> (value: EventStreamMessage, end: Int)? {
    let available = buffer.count - start
    guard available >= Self.preludeBytes else { return nil }
    if lengths == nil { lengths = try prelude(at: start) }
    guard let (total, headerBytes) = lengths, available >= total else { return nil }
    let end = start + total
    guard checksum(start..<end - 4) == word(end - 4) else { throw .checksum }
    let payloadStart = start + Self.preludeBytes + headerBytes
    let headers = try Self.headers(buffer[start + Self.preludeBytes..<payloadStart])
    lengths = nil
    return (EventStreamMessage(headers: headers, payload: Array(buffer[payloadStart..<end - 4])), end)
  }

  private func prelude(at start: Int) throws(EventStreamError) -> (total: Int, headers: Int) {
    guard checksum(start..<start + 8) == word(start + 8) else { throw .checksum }
    let total = Int(word(start))
    let headers = Int(word(start + 4))
    guard headers <= maxHeaderBytes else { throw .tooLong(limit: maxHeaderBytes) }
    guard total >= Self.overheadBytes, headers <= total - Self.overheadBytes else { throw .malformed }
    guard total - Self.overheadBytes - headers <= maxPayloadBytes else { throw .tooLong(limit: maxPayloadBytes) }
    return (total, headers)
  }

  private func word(_ offset: Int) -> UInt32 { buffer[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }

  private func checksum(_ range: Range<Int>) -> UInt32 {
    buffer.withUnsafeBufferPointer { CRC32.checksum(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  private static func headers(
    _ bytes: ArraySlice<UInt8>
  ) throws(EventStreamError) -> [EventStreamMessage.Header] {
    var reader = HeaderReader(rest: bytes)
    var headers: [EventStreamMessage.Header] = []
    while !reader.rest.isEmpty {
      let nameBytes = Int(try reader.integer(bytes: 1) & 0xFF)
      let name = try reader.text(nameBytes)
      headers.append(EventStreamMessage.Header(name: name, value: try reader.value()))
    }
    return headers
  }
}

/// Takes headers apart.
private struct HeaderReader {
  var rest: ArraySlice<UInt8>

  mutating func take(_ count: Int) throws(EventStreamError) -> ArraySlice<UInt8> {
    guard rest.count >= count else { throw .malformed }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// A signed number, big end first.
  mutating func integer(bytes count: Int) throws(EventStreamError) -> Int64 {
    let bytes = try take(count)
    let start: Int64 = (bytes.first ?? 0) & 0x80 == 0 ? 0 : -1
    return bytes.reduce(start) { $0 << 8 | Int64($1) }
  }

  mutating func text(_ count: Int) throws(EventStreamError) -> String {
    guard let text = String(validating: try take(count), as: UTF8.self) else { throw .malformed }
    return text
  }

  mutating func value() throws(EventStreamError) -> EventStreamMessage.Value {
    switch try integer(bytes: 1) {
    case 0: return .bool(true)
    case 1: return .bool(false)
    case 2: return .integer(try integer(bytes: 1))
    case 3: return .integer(try integer(bytes: 2))
    case 4: return .integer(try integer(bytes: 4))
    case 5: return .integer(try integer(bytes: 8))
    case 6: return .bytes(Array(try take(Int(try integer(bytes: 2) & 0xFFFF))))
    case 7: return .string(try text(Int(try integer(bytes: 2) & 0xFFFF)))
    case 8: return .timestamp(try integer(bytes: 8))
    case 9: return .uuid(Array(try take(16)))
    default: throw .malformed
    }
  }
}
