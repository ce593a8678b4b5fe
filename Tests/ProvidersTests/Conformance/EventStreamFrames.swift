import Foundation

/// Writes messages of `application/vnd.amazon.eventstream`, by other means than the decoder reads them.
enum EventStreamFrames {
  /// A message with text headers.
  static func frame(_ headers: KeyValuePairs<String, String>, _ payload: [UInt8]) -> [UInt8] {
    var block: [UInt8] = []
    for (name, value) in headers {
      block += [UInt8(name.utf8.count)] + Array(name.utf8) + [7]
      block += [UInt8(value.utf8.count >> 8), UInt8(value.utf8.count & 255)] + Array(value.utf8)
    }
    return frame(headerBytes: block, payload)
  }

  /// A message with headers as they are.
  static func frame(headerBytes: [UInt8], _ payload: [UInt8]) -> [UInt8] {
    var bytes = word(16 + headerBytes.count + payload.count) + word(headerBytes.count)
    bytes += word(checksum(bytes))
    bytes += headerBytes + payload
    return bytes + word(checksum(bytes))
  }

  /// An event of that type.
  static func event(_ type: String, _ payload: [UInt8]) -> [UInt8] {
    frame([":event-type": type, ":content-type": "application/json", ":message-type": "event"], payload)
  }

  /// An exception of that type.
  static func exception(_ type: String, _ message: String) -> [UInt8] {
    frame(
      [":exception-type": type, ":content-type": "application/json", ":message-type": "exception"],
      Array(jsonText(["message": message]).utf8))
  }

  static func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }

  /// Bit by bit, as the definition has it.
  static func checksum(_ bytes: [UInt8]) -> Int {
    var value: UInt32 = ~0
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return Int(~value)
  }
}
