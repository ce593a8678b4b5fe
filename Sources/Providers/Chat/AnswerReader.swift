import HTTPTransport

/// Takes an answer apart that is a stream of events, or one JSON document: which of them shows at the first byte that is
/// not blank, since servers and proxies that do not stream answer so whatever was asked. Pure and bounded.
struct AnswerReader: Sendable {
  /// What the bytes are.
  private enum Form {
    case unknown
    case events
    case document
  }

  /// What is wrong with the bytes.
  struct Malformed: Error, Equatable {
    /// For the user.
    let message: String
  }

  /// A part of the answer.
  enum Piece: Sendable {
    /// An event.
    case event(ServerSentEvent)
    /// The whole answer.
    case document(JSONTree)
  }

  private var form = Form.unknown
  private var sse = ServerSentEventDecoder()
  private var collected: [UInt8] = []

  /// The longest document, in bytes.
  private static let maxDocumentBytes = 16 << 20

  /// Feeds bytes; the events they complete.
  mutating func push(_ bytes: [UInt8]) throws(Malformed) -> [ServerSentEvent] {
    var bytes = bytes
    if form == .unknown {
      // Blanks before the answer mean nothing, however many come.
      guard let first = bytes.firstIndex(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) else { return [] }
      form = bytes[first] == 0x7B || bytes[first] == 0x5B ? .document : .events
      bytes.removeFirst(first)
    }
    if form == .document {
      collected += bytes
      if collected.count > Self.maxDocumentBytes { throw Malformed(message: "the answer is too long") }
      return []
    }
    do {
      return try sse.push(bytes)
    } catch {
      throw Malformed(message: "an event of the answer is too long")
    }
  }

  /// The bytes ended: the document, or an event that the end cut.
  mutating func end() throws(Malformed) -> Piece? {
    switch form {
    case .unknown: return nil
    case .events: return (try? sse.finish()).map(Piece.event)
    case .document:
      guard let tree = try? JSONTree(parsing: collected) else { throw Malformed(message: "the answer is not JSON") }
      return .document(tree)
    }
  }
}
