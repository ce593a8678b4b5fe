/// Cuts a stream of bytes into messages, as LSP frames them: a header in HTTP's form, an empty line, a body.
///
/// Pure: bytes go in at any split, events come out. Broken input never ends the stream: one error is reported, then
/// everything up to the next line that ends in `Content-Length: digits` is passed over. Memory is bounded by one
/// message of the allowed size.
public struct FrameParser: Sendable {
  /// What the stream held.
  public enum Event: Sendable, Equatable {
    /// The body of a frame.
    case message([UInt8])
    /// Bytes that are no frame; reported once for each stretch of them.
    case failure(FramingError)
  }

  /// How much is accepted.
  public struct Limits: Sendable {
    /// Bytes of a header, with its line ends.
    public var header: Int
    /// Bytes of a body. A longer one is skipped.
    public var message: Int
    /// Bytes of a body that is skipped by its length; what claims to be longer is taken for garbage.
    public var skippable: Int

    /// Sets limits.
    public init(header: Int = 8 << 10, message: Int = 64 << 20, skippable: Int = 1 << 30) {
      self.header = header
      self.message = message
      self.skippable = max(skippable, message)
    }
  }

  private enum State {
    /// Reading header lines.
    case header
    /// Reading a body of which this much is missing.
    case body(missing: Int)
    /// Passing over a body that is not wanted.
    case skipping(missing: Int)
  }

  private let limits: Limits
  private var state = State.header
  /// The line being read, without what went before it.
  private var line: [UInt8] = []
  private var headerSize = 0
  private var length: Int?
  private var charset: String?
  /// Whether a failure was reported and no good header has begun since.
  private var recovering = false
  private var body: [UInt8] = []

  /// What is kept of an endless line: enough to hold a header that is glued to its end.
  private static let keptTail = 256
  /// Bytes that are read again after a body which was no JSON.
  private static let rereadLimit = 64 << 10
  /// How often bytes are read again within bytes that are read again.
  private static let rereadNesting = 16

  /// Starts at the beginning of a stream.
  public init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Takes the next bytes, and gives what they complete to `receive`.
  ///
  /// `receive` answers with the offset at which a body stopped being JSON, or nil. A body that is not JSON may be a
  /// body whose length was wrong: its last bytes are then read again, so that the frame behind it is not lost.
  public mutating func push(_ input: UnsafeRawBufferPointer, _ receive: (Event) -> Int?) {
    consume(input, nesting: 0, receive)
  }

  private mutating func consume(
    _ input: UnsafeRawBufferPointer, nesting: Int, _ receive: (Event) -> Int?
  ) {
    var index = 0
    while index < input.count {
      switch state {
      case .header:
        let rest = UnsafeRawBufferPointer(rebasing: input[index...])
        if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          line.append(contentsOf: rest[..<end])
          index += end + 1
          endLine(receive)
        } else {
          line.append(contentsOf: rest)
          index = input.count
          boundLine(receive)
        }
      case .body(let missing):
        let count = min(missing, input.count - index)
        body.append(contentsOf: input[index..<(index + count)])
        index += count
        state = .body(missing: missing - count)
      case .skipping(let missing):
        let count = min(missing, input.count - index)
        index += count
        state = missing == count ? .header : .skipping(missing: missing - count)
      }
      if case .body(missing: 0) = state {
        let reread = endBody(receive)
        // Bytes read again may hold a broken frame in their turn; each is shorter, but the stack is no place for them.
        if nesting < Self.rereadNesting { reread.withUnsafeBytes { consume($0, nesting: nesting + 1, receive) } }
      }
    }
  }

  /// Gives out a body; returns what of it must be read again.
  private mutating func endBody(_ receive: (Event) -> Int?) -> [UInt8] {
    let message = body
    body = []
    state = .header
    guard let broken = receive(.message(message)), broken < message.count else { return [] }
    // From the beginning of the line on: the header of the next frame may be glued to the text before the fault.
    let start = message[..<max(broken, 0)].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    recovering = true
    return Array(message[max(start, message.count - Self.rereadLimit)...])
  }

  private mutating func endLine(_ receive: (Event) -> Int?) {
    headerSize += line.count + 1
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    defer { line.removeAll(keepingCapacity: true) }
    if line.isEmpty {
      endHeader(receive)
      return
    }
    if headerSize > limits.header, !recovering { fail(.headerTooLarge, receive) }
    switch HeaderLine(line) {
    case .length(let value, let glued):
      if glued { fail(.malformedHeader, receive) }
      if let length, length != value { fail(.invalidContentLength, receive) }
      if recovering {
        recovering = false
        charset = nil
        headerSize = line.count + 1
      }
      length = value
    case .type(let name):
      charset = name ?? charset
    case .other:
      break
    case .badLength:
      fail(.invalidContentLength, receive)
    case .malformed:
      fail(.malformedHeader, receive)
    }
  }

  /// Ends the header at its empty line.
  private mutating func endHeader(_ receive: (Event) -> Int?) {
    guard let length else {
      // RFC 7230 3.5: empty lines before a header are passed over.
      if !recovering, headerSize > 2 { fail(.missingContentLength, receive) }
      headerSize = 0
      return
    }
    let charset = charset
    self.length = nil
    self.charset = nil
    headerSize = 0
    if length > limits.skippable {
      fail(.invalidContentLength, receive)
    } else if length > limits.message {
      _ = receive(.failure(.messageTooLarge(length)))
      state = .skipping(missing: length)
    } else if let charset, charset != "utf-8", charset != "utf8" {
      _ = receive(.failure(.unsupportedCharset(charset)))
      if length > 0 { state = .skipping(missing: length) }
    } else {
      body.reserveCapacity(min(length, 1 << 20))
      state = .body(missing: length)
    }
  }

  /// Keeps a line without end from growing without end.
  private mutating func boundLine(_ receive: (Event) -> Int?) {
    guard line.count > limits.header else { return }
    fail(.headerTooLarge, receive)
    line.removeFirst(line.count - min(Self.keptTail, limits.header))
  }

  /// Gives up the header being read; reports it unless that was done for this stretch already.
  private mutating func fail(_ error: FramingError, _ receive: (Event) -> Int?) {
    length = nil
    charset = nil
    if !recovering { _ = receive(.failure(error)) }
    recovering = true
  }
}
