import FoundationEssentials

/// A message whose envelope was read; what it carries is still bytes.
enum MessageEnvelope: Sendable {
  /// A call that must be answered.
  case request(id: RequestID, method: String, params: RawJSON?)
  /// A call that must not be answered.
  case notification(method: String, params: RawJSON?)
  /// An answer to a call of ours; without id where the peer could not read ours.
  case response(id: RequestID?, Result<RawJSON, ResponseError>)
  /// Something else. `isCall` says whether it has a method, so that it cannot be a broken answer.
  case invalid(id: RequestID?, ResponseError, isCall: Bool)
  /// Several messages that are answered together (JSON-RPC 2.0 section 6).
  case batch([MessageEnvelope])

  /// Reads a message. Throws where the bytes are no JSON.
  static func parse(_ body: [UInt8], depthLimit: Int) throws(JSONSyntaxError) -> MessageEnvelope {
    var body = body
    let scanned = body.withUnsafeBufferPointer { bytes -> Result<JSONOutline, JSONSyntaxError> in
      do throws(JSONSyntaxError) {
        return .success(try JSONScanner.scan(bytes, depthLimit: depthLimit))
      } catch {
        return .failure(error)
      }
    }
    let outline = try scanned.get()
    // Half a surrogate pair is legal JSON and no Unicode. U+FFFD stands for it: like it, one UTF-16 unit, so the
    // positions that an editor counts do not shift.
    for offset in outline.loneSurrogates { body.replaceSubrange(offset..<(offset + 6), with: Array("\\uFFFD".utf8)) }
    switch outline.root {
    case .object:
      return object(body, outline)
    case .array:
      return try batch(body, outline, depthLimit: depthLimit)
    case .other:
      return .invalid(id: nil, .invalidRequest("A message must be an object."), isCall: true)
    }
  }

  private static func batch(
    _ body: [UInt8], _ outline: JSONOutline, depthLimit: Int
  ) throws(JSONSyntaxError) -> MessageEnvelope {
    guard !outline.elements.isEmpty else {
      return .invalid(id: nil, .invalidRequest("A batch must not be empty."), isCall: true)
    }
    guard outline.elements.count <= JSONScanner.elementLimit else {
      let limit = JSONScanner.elementLimit
      return .invalid(id: nil, .invalidRequest("A batch holds at most \(limit) messages."), isCall: true)
    }
    var messages: [MessageEnvelope] = []
    for range in outline.elements {
      if body[range.lowerBound] == UInt8(ascii: "{") {
        messages.append(try parse(Array(body[range]), depthLimit: depthLimit))
      } else {
        messages.append(.invalid(id: nil, .invalidRequest("A message must be an object."), isCall: true))
      }
    }
    return .batch(messages)
  }

  private static func object(_ body: [UInt8], _ outline: JSONOutline) -> MessageEnvelope {
    var members: [String: Range<Int>] = [:]
    var repeated: Set<String> = []
    for (key, value) in outline.members {
      guard let name = string(body, key) else { continue }
      if members.updateValue(value, forKey: name) != nil { repeated.insert(name) }
    }
    let isCall = members["method"] != nil
    func invalid(_ id: RequestID?, _ text: String) -> MessageEnvelope {
      .invalid(id: id, .invalidRequest(text), isCall: isCall)
    }
    if repeated.contains("id") { return invalid(nil, "The message has more than one 'id'.") }
    var id: RequestID?
    if let range = members["id"], !isNull(body, range) {
      guard let value = requestID(body, range) else { return invalid(nil, "'id' must be an integer or a string.") }
      id = value
    }
    for name in ["jsonrpc", "method", "params", "result", "error"] where repeated.contains(name) {
      return invalid(id, "The message has more than one '\(name)'.")
    }
    if outline.isTooDeep { return invalid(id, "The message is nested too deeply.") }
    guard let version = members["jsonrpc"], string(body, version) == "2.0" else {
      return invalid(id, "'jsonrpc' must be \"2.0\".")
    }
    guard let methodRange = members["method"] else { return response(body, members, id) }
    guard let method = string(body, methodRange) else { return invalid(id, "'method' must be a string.") }
    var params: RawJSON?
    if let range = members["params"], !isNull(body, range) {
      guard body[range.lowerBound] == UInt8(ascii: "{") || body[range.lowerBound] == UInt8(ascii: "[") else {
        return invalid(id, "'params' must be an object or an array.")
      }
      params = RawJSON(body, range)
    }
    if let id { return .request(id: id, method: method, params: params) }
    if members["id"] != nil { return invalid(nil, "'id' must not be null.") }
    return .notification(method: method, params: params)
  }

  private static func response(_ body: [UInt8], _ members: [String: Range<Int>], _ id: RequestID?) -> MessageEnvelope {
    if let range = members["error"], !isNull(body, range) {
      let error = try? RawJSON(body, range).decode(ResponseError.self)
      return .response(
        id: id, .failure(error ?? ResponseError(code: ResponseError.Code.internalError, message: "unreadable error")))
    }
    if let range = members["result"] { return .response(id: id, .success(RawJSON(body, range))) }
    return .invalid(id: id, .invalidRequest("The message has no 'method'."), isCall: false)
  }

  private static func isNull(_ body: [UInt8], _ range: Range<Int>) -> Bool {
    body[range.lowerBound] == UInt8(ascii: "n")
  }

  private static func requestID(_ body: [UInt8], _ range: Range<Int>) -> RequestID? {
    if let text = string(body, range) { return .string(text) }
    let text = String(decoding: body[range], as: UTF8.self)
    if let whole = Int64(text) { return .integer(whole) }
    // `1.0` and `1e3` are integers to JSON, and to clients whose language has no other numbers.
    return Double(text).flatMap { Int64(exactly: $0) }.map { .integer($0) }
  }

  /// The text of a string value; nil for another value.
  private static func string(_ body: [UInt8], _ range: Range<Int>) -> String? {
    guard body[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
    let inside = body[(range.lowerBound + 1)..<(range.upperBound - 1)]
    guard inside.contains(UInt8(ascii: "\\")) else { return String(decoding: inside, as: UTF8.self) }
    return try? RawJSON(body, range).decode(String.self)
  }
}
