/// A push decoder for newline-delimited JSON: hands out lines, parses nothing.
public struct NDJSONDecoder: Sendable {
  private var lines: LineSplitter

  /// `maxLineBytes` bounds a line.
  public init(maxLineBytes: Int = 4 << 20) { lines = LineSplitter(endings: .newline, limit: maxLineBytes) }

  /// Feeds bytes; the lines they complete, blank ones left out.
  public mutating func push(_ bytes: [UInt8]) throws(StreamDecodingError) -> [[UInt8]] {
    var complete: [[UInt8]] = []
    try bytes.withUnsafeBufferPointer { (buffer) throws(StreamDecodingError) in
      try lines.push(buffer) { (line) throws(StreamDecodingError) in
        if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { complete.append(Array(line)) }
      }
    }
    return complete
  }

  /// The stream ended: the line it did not end, which may be cut short.
  public mutating func finish() -> [UInt8]? { lines.takePartial() }
}
