/// Cuts a stream of bytes into lines ended by LF, CRLF or CR, however the bytes are split over reads.
///
/// Bytes are looked at once; a line that lies whole in one read is handed on without being copied.
struct LineSplitter: Sendable {
  /// Which bytes end a line.
  enum Endings: Sendable {
    /// LF, CRLF and CR alone (event streams).
    case any
    /// LF only; a CR before it belongs to the ending (NDJSON).
    case newline
  }

  private let endings: Endings
  private let limit: Int
  private var partial: [UInt8] = []
  private var skipNewline = false

  /// `limit` is the longest line allowed, in bytes.
  init(endings: Endings, limit: Int) {
    self.endings = endings
    self.limit = limit
  }

  /// Feeds bytes; `body` gets each line that is complete, without its ending.
  mutating func push(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>) throws(StreamDecodingError) -> Void
  ) throws(StreamDecodingError) {
    var start = 0
    var index = 0
    if skipNewline, let first = bytes.first {
      skipNewline = false
      if first == 0x0A {
        start = 1
        index = 1
      }
    }
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == 0x0A || (byte == 0x0D && endings == .any) else {
        index += 1
        continue
      }
      try emit(UnsafeBufferPointer(rebasing: bytes[start..<index]), body)
      index += 1
      if byte == 0x0D {
        if index == bytes.count {
          skipNewline = true
        } else if bytes[index] == 0x0A {
          index += 1
        }
      }
      start = index
    }
    if start < bytes.count {
      guard partial.count + bytes.count - start <= limit else { throw .lineTooLong(limit: limit) }
      partial.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
    }
  }

  /// The line cut by the end of the stream; `nil` when the stream ended with a line ending.
  mutating func takePartial() -> [UInt8]? {
    defer { partial = [] }
    return partial.isEmpty ? nil : partial
  }

  private mutating func emit(
    _ tail: UnsafeBufferPointer<UInt8>,
    _ body: (UnsafeBufferPointer<UInt8>) throws(StreamDecodingError) -> Void
  ) throws(StreamDecodingError) {
    guard partial.count + tail.count <= limit else { throw .lineTooLong(limit: limit) }
    if partial.isEmpty { return try body(trimmed(tail)) }
    // Taken out first: `body` may look at nothing of this value while it runs.
    var line = partial
    partial.removeAll(keepingCapacity: true)
    line.append(contentsOf: tail)
    try line.withUnsafeBufferPointer { (whole) throws(StreamDecodingError) in try body(trimmed(whole)) }
  }

  private func trimmed(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    guard endings == .newline, line.last == 0x0D else { return line }
    return UnsafeBufferPointer(rebasing: line.dropLast())
  }
}

/// Why a stream cannot be decoded.
public enum StreamDecodingError: Error, Sendable, Hashable {
  /// A line is longer than allowed, in bytes.
  case lineTooLong(limit: Int)
  /// An event is longer than allowed, in bytes.
  case eventTooLong(limit: Int)
}
