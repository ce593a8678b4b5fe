/// Why bytes of the input are no frame. None of these ends the connection.
public enum FramingError: Error, Sendable, Hashable {
  /// A line of the header is no `name: value`, or bytes stand where a header was expected.
  case malformedHeader
  /// The header ended without `Content-Length`.
  case missingContentLength
  /// `Content-Length` is no number, or is beyond what can be skipped.
  case invalidContentLength
  /// The header is longer than the limit.
  case headerTooLarge
  /// The body is longer than the limit, and is skipped: its length in bytes.
  case messageTooLarge(Int)
  /// `Content-Type` asks for an encoding other than UTF-8; the body is skipped.
  case unsupportedCharset(String)

  /// What the peer is told.
  var response: ResponseError {
    switch self {
    case .malformedHeader: .parseError("The header of a message is malformed.")
    case .missingContentLength: .parseError("The header of a message has no Content-Length.")
    case .invalidContentLength: .parseError("The Content-Length of a message is not usable.")
    case .headerTooLarge: .parseError("The header of a message is too long.")
    case .messageTooLarge(let size): .invalidRequest("A message of \(size) bytes is too large.")
    case .unsupportedCharset(let name): .parseError("Messages must be UTF-8, not '\(name)'.")
    }
  }
}
