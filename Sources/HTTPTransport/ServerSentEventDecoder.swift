/// One server-sent event.
public struct ServerSentEvent: Sendable, Hashable {
  /// The `event` field; empty when there was none (a plain message).
  public var name: String
  /// The `data` lines joined by LF, as bytes: UTF-8 is checked by whoever parses them.
  public var data: [UInt8]
  /// The last `id` field seen so far.
  public var lastID: String
  /// The stream ended before the blank line that should end the event.
  public var isCutByEnd: Bool

  /// Makes an event.
  public init(name: String = "", data: [UInt8], lastID: String = "", isCutByEnd: Bool = false) {
    self.name = name
    self.data = data
    self.lastID = lastID
    self.isCutByEnd = isCutByEnd
  }
}

/// A push decoder for `text/event-stream`. Feed it reads split anywhere; it is pure and bounded.
public struct ServerSentEventDecoder: Sendable {
  private var lines: LineSplitter
  private var assembly: Assembly

  /// Comment lines seen: keep-alives.
  public var comments: Int { assembly.comments }

  /// `maxLineBytes` bounds a line, `maxEventBytes` the data of an event.
  public init(maxLineBytes: Int = 4 << 20, maxEventBytes: Int = 8 << 20) {
    lines = LineSplitter(endings: .any, limit: maxLineBytes)
    assembly = Assembly(limit: maxEventBytes)
  }

  /// Feeds bytes; `body` gets each complete event.
  public mutating func push(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (ServerSentEvent) -> Void
  ) throws(StreamDecodingError) {
    try lines.push(bytes) { (line) throws(StreamDecodingError) in
      if let event = try assembly.take(line) { body(event) }
    }
  }

  /// Feeds bytes; the events they complete.
  public mutating func push(_ bytes: [UInt8]) throws(StreamDecodingError) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    try bytes.withUnsafeBufferPointer { (buffer) throws(StreamDecodingError) in
      try push(buffer) { events.append($0) }
    }
    return events
  }

  /// The stream ended: the event it cut short, if that has data.
  public mutating func finish() throws(StreamDecodingError) -> ServerSentEvent? {
    if let rest = lines.takePartial() {
      _ = try rest.withUnsafeBufferPointer { (line) throws(StreamDecodingError) in try assembly.take(line) }
    }
    var event = assembly.dispatch()
    event?.isCutByEnd = true
    return event
  }
}

/// Collects the lines of one event.
private struct Assembly: Sendable {
  let limit: Int
  var comments = 0
  private var name = ""
  private var data: [UInt8] = []
  private var hasData = false
  private var lastID = ""
  private var isFirstLine = true

  init(limit: Int) { self.limit = limit }

  /// Takes a line; the event, when the line was the blank one that ends it.
  mutating func take(_ whole: UnsafeBufferPointer<UInt8>) throws(StreamDecodingError) -> ServerSentEvent? {
    var line = whole
    if isFirstLine {
      isFirstLine = false
      if line.count >= 3, line[0] == 0xEF, line[1] == 0xBB, line[2] == 0xBF {
        line = UnsafeBufferPointer(rebasing: line.dropFirst(3))
      }
    }
    if line.isEmpty { return dispatch() }
    guard let colon = line.firstIndex(of: 0x3A) else {
      // A field name alone: `data` then adds an empty line.
      try field(line, UnsafeBufferPointer(rebasing: line[line.endIndex...]))
      return nil
    }
    if colon == 0 {
      comments += 1
      return nil
    }
    var start = colon + 1
    if start < line.count, line[start] == 0x20 { start += 1 }
    try field(UnsafeBufferPointer(rebasing: line[..<colon]), UnsafeBufferPointer(rebasing: line[start...]))
    return nil
  }

  /// What was collected, if it has data; collecting begins anew.
  mutating func dispatch() -> ServerSentEvent? {
    defer {
      name = ""
      data = []
      hasData = false
    }
    return hasData ? ServerSentEvent(name: name, data: data, lastID: lastID) : nil
  }

  private mutating func field(
    _ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
  ) throws(StreamDecodingError) {
    if key.elementsEqual("data".utf8) {
      guard data.count + value.count + 1 <= limit else { throw .eventTooLong(limit: limit) }
      if hasData { data.append(0x0A) }
      data.append(contentsOf: value)
      hasData = true
    } else if key.elementsEqual("event".utf8) {
      name = String(decoding: value, as: UTF8.self)
    } else if key.elementsEqual("id".utf8), !value.contains(0) {
      lastID = String(decoding: value, as: UTF8.self)
    }
  }
}
