/// Writes the envelopes of messages. What they carry is encoded before.
enum MessageWriter {
  /// A reply with a result, `null` where there is no value.
  static func result(id: RequestID, _ result: [UInt8]) -> [UInt8] {
    head(id) + Array(#","result":"#.utf8) + result + [UInt8(ascii: "}")]
  }

  /// A reply with an error; without id where the request's could not be read.
  static func error(id: RequestID?, _ error: ResponseError) -> [UInt8] {
    let encoded =
      (try? RawJSON.encode(error))
      ?? Array(#"{"code":\#(error.code),"message":"The details of this error cannot be written."}"#.utf8)
    return head(id) + Array(#","error":"#.utf8) + encoded + [UInt8(ascii: "}")]
  }

  /// A call; without id a notification.
  static func call(id: Int64?, method: String, params: [UInt8]?) -> [UInt8] {
    var bytes = Array(#"{"jsonrpc":"2.0","#.utf8)
    if let id { bytes += Array(#""id":\#(id),"#.utf8) }
    bytes += Array(#""method":"#.utf8)
    bytes += quoted(method)
    if let params { bytes += Array(#","params":"#.utf8) + params }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  /// Several replies in one message.
  static func batch(_ replies: [[UInt8]]) -> [UInt8] {
    [UInt8(ascii: "[")] + replies.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
  }

  /// Puts a body into a frame.
  static func frame(_ body: [UInt8]) -> [UInt8] {
    Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
  }

  private static func head(_ id: RequestID?) -> [UInt8] {
    var bytes = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
    switch id {
    case .integer(let number): bytes += Array("\(number)".utf8)
    case .string(let text): bytes += quoted(text)
    case nil: bytes += Array("null".utf8)
    }
    return bytes
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> [UInt8] {
    let hex = Array("0123456789abcdef".utf8)
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: bytes += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
    return bytes
  }
}
