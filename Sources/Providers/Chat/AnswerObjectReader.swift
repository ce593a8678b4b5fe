import HTTPTransport

/// Takes the bytes of an answer apart, whichever of its forms a server chose: server-sent events, JSON objects one after
/// another, a list of them, or one alone.
struct AnswerObjectReader {
  /// What was completed.
  enum Piece {
    /// An event.
    case event(ServerSentEvent)
    /// The text of an object.
    case object([UInt8])
  }

  private enum Form {
    case unknown
    case events
    case objects
  }

  private var form = Form.unknown
  private var sse = ServerSentEventDecoder()
  private var objects = JSONObjectSplitter()

  /// Feeds bytes; what they complete, and what is wrong after that, for the user.
  mutating func push(_ bytes: [UInt8]) -> (pieces: [Piece], failure: String?) {
    var bytes = bytes
    if form == .unknown {
      guard let first = bytes.firstIndex(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) else { return ([], nil) }
      form = bytes[first] == 0x7B || bytes[first] == 0x5B ? .objects : .events
      bytes.removeFirst(first)
    }
    if form == .objects {
      let (texts, failure) = objects.push(bytes)
      return (texts.map(Piece.object), failure)
    }
    do {
      return (try sse.push(bytes).map(Piece.event), nil)
    } catch {
      return ([], "an event of the answer is too long")
    }
  }

  /// The bytes ended: the event they did not end.
  mutating func finish() -> ServerSentEvent? {
    guard form == .events, let event = try? sse.finish() else { return nil }
    return event
  }
}

/// Cuts a JSON text into its objects: those of a list, or those that follow each other. Parses nothing else.
struct JSONObjectSplitter {
  private var buffer: [UInt8] = []
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  /// The longest object, in bytes.
  static let maxBytes = 16 << 20

  /// Feeds bytes; the objects they complete, and what is wrong after that.
  mutating func push(_ bytes: [UInt8]) -> (objects: [[UInt8]], failure: String?) {
    var complete: [[UInt8]] = []
    var start = 0
    for (index, byte) in bytes.enumerated() {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == 0x5C {
          isEscaped = true
        } else if byte == 0x22 {
          isInString = false
        }
        continue
      }
      switch byte {
      case 0x22 where depth > 0: isInString = true
      case 0x7B:
        if depth == 0 { start = index }
        depth += 1
      case 0x5B where depth > 0: depth += 1
      case 0x7D where depth > 0, 0x5D where depth > 0:
        depth -= 1
        if depth == 0 {
          complete.append(buffer + bytes[start...index])
          buffer = []
        }
      case 0x5B, 0x5D, 0x2C, 0x20, 0x0A, 0x0D, 0x09: continue
      default: if depth == 0 { return (complete, "the answer is not a list of JSON objects") }
      }
    }
    if depth > 0 {
      buffer += bytes[start...]
      if buffer.count > Self.maxBytes { return (complete, "an object of the answer is too long") }
    }
    return (complete, nil)
  }
}
