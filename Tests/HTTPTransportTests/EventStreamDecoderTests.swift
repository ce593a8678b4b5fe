import HTTPTransport
import SeededInput
import Testing

struct EventStreamDecoderTests {
  static let event =
    "0000009400000057b4ab9aee0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e742d74797065"
    + "0700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e74656e74426c6f636b496e64"
    + "6578223a302c2264656c7461223a7b2274657874223a224869227d7d1f944657"
  static let exception =
    "00000090000000618e91a9b70f3a657863657074696f6e2d747970650700137468726f74746c696e67457863657074696f6e0d3a636f6e74656e"
    + "742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e7b226d65737361"
    + "6765223a22546f6f206d616e79207265717565737473227de67f8005"
  static let empty = "000000100000000005c248eb7d98c8ff"

  @Test func readsTheVectors() throws {
    let (messages, error) = decode([bytes(Self.event) + bytes(Self.empty) + bytes(Self.exception)])
    #expect(error == nil)
    try #require(messages.count == 3)
    #expect(messages[0].text(":event-type") == "contentBlockDelta")
    #expect(messages[0].text(":content-type") == "application/json")
    #expect(messages[0].text(":message-type") == "event")
    #expect(messages[0].payload == Array(#"{"contentBlockIndex":0,"delta":{"text":"Hi"}}"#.utf8))
    #expect(messages[1] == EventStreamMessage())
    #expect(messages[2].text(":exception-type") == "throttlingException")
    #expect(messages[2].payload == Array(#"{"message":"Too many requests"}"#.utf8))
  }

  @Test func givesTheSameAtEverySplit() {
    let all = bytes(Self.event) + bytes(Self.empty) + bytes(Self.exception) + bytes(Self.event)
    let expected = decode([all]).messages
    #expect(expected.count == 4)
    #expect(decode(all.map { [$0] }).messages == expected)
    for seed in 0..<200 {
      var generator = SeededGenerator(seed: UInt64(seed))
      var pieces: [[UInt8]] = []
      var rest = all[...]
      while !rest.isEmpty {
        let count = Int.random(in: 0...50, using: &generator)
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(decode(pieces).messages == expected, "seed \(seed)")
    }
  }

  @Test func believesNothingThatIsDamaged() {
    let frame = bytes(Self.event)
    for index in frame.indices {
      for bit in [0, 3, 7] {
        var damaged = bytes(Self.empty) + frame
        damaged[16 + index] ^= 1 << bit
        let (messages, error) = decode([damaged])
        #expect(messages.count == 1, "what came before it counts")
        #expect(error == .checksum, "byte \(index)")
        // However it comes, and whatever follows.
        let (slow, slowError) = decode(damaged.map { [$0] } + [frame])
        #expect(slow.count == 1)
        #expect(slowError == .checksum)
      }
    }
  }

  @Test func saysWhetherItStandsWithinAMessage() throws {
    var decoder = EventStreamDecoder()
    #expect(!decoder.isWithinMessage)
    try decoder.push(Array(bytes(Self.event).dropLast())) { _ in Issue.record("too early") }
    #expect(decoder.isWithinMessage)
    var count = 0
    try decoder.push([bytes(Self.event).last ?? 0]) { _ in count += 1 }
    #expect(count == 1)
    #expect(!decoder.isWithinMessage)
  }

  @Test func readsHeadersOfEveryType() {
    var headers: [UInt8] = []
    func add(_ name: String, _ rest: [UInt8]) { headers += [UInt8(name.utf8.count)] + Array(name.utf8) + rest }
    add("yes", [0])
    add("no", [1])
    add("byte", [2, 0xFE])
    add("short", [3, 0x80, 0x00])
    add("int", [4, 0xFF, 0xFF, 0xFF, 0xFD])
    add("long", [5, 0x7F] + Array(repeating: 0xFF, count: 7))
    add("bytes", [6, 0, 3, 1, 2, 255])
    add("text", [7, 0, 3] + Array("é!".utf8))
    add("time", [8, 0, 0, 0, 0, 0, 0, 3, 0xE8])
    add("uuid", [9] + Array(0..<16))
    add("", [7, 0, 0])
    let (messages, error) = decode([frame(headers, [9])])
    #expect(error == nil)
    let expected: [(String, EventStreamMessage.Value)] = [
      ("yes", .bool(true)), ("no", .bool(false)), ("byte", .integer(-2)), ("short", .integer(-32768)),
      ("int", .integer(-3)), ("long", .integer(.max)), ("bytes", .bytes([1, 2, 255])), ("text", .string("é!")),
      ("time", .timestamp(1000)), ("uuid", .uuid(Array(0..<16))), ("", .string("")),
    ]
    #expect(messages.first?.headers == expected.map { EventStreamMessage.Header(name: $0.0, value: $0.1) })
    #expect(messages.first?.payload == [9])
    #expect(messages.first?.text("bytes") == nil)
  }

  @Test(
    arguments: [
      [1], [1, 0x61], [1, 0x61, 10], [1, 0x61, 4, 0, 0], [1, 0x61, 7, 0, 5, 0x61], [1, 0x61, 6, 255, 255],
      [1, 0xFF, 0],
      [1, 0x61, 7, 0, 1, 0xC3], [1, 0x61, 9, 0],
    ] as [[UInt8]])
  func refusesHeadersThatDoNotFill(_ headers: [UInt8]) {
    #expect(decode([frame(headers, [])]).error == .malformed)
  }

  @Test func isBounded() {
    // Twelve bytes suffice to refuse: nothing is collected that would be too long.
    #expect(decode([prelude(total: 16 + (24 << 20) + 1, headers: 0)]).error == .tooLong(limit: 24 << 20))
    #expect(decode([prelude(total: 1 << 20, headers: (128 << 10) + 1)]).error == .tooLong(limit: 128 << 10))
    #expect(decode([prelude(total: 0xFFFF_FFFF, headers: 0)]).error == .tooLong(limit: 24 << 20))
    #expect(decode([prelude(total: 15, headers: 0)]).error == .malformed)
    #expect(decode([prelude(total: 0, headers: 0)]).error == .malformed)
    #expect(decode([prelude(total: 20, headers: 5)]).error == .malformed)
    #expect(decode([prelude(total: 16 + (24 << 20), headers: 0)]).error == nil)
    var small = EventStreamDecoder(maxHeaderBytes: 8, maxPayloadBytes: 4)
    #expect(throws: EventStreamError.tooLong(limit: 4)) { try small.push(frame([], [1, 2, 3, 4, 5])) { _ in } }
    // And it stays refused.
    #expect(throws: EventStreamError.tooLong(limit: 4)) { try small.push(frame([], [1])) { _ in } }
  }

  // MARK: Means

  private func decode(_ pieces: [[UInt8]]) -> (messages: [EventStreamMessage], error: EventStreamError?) {
    var decoder = EventStreamDecoder()
    var messages: [EventStreamMessage] = []
    do throws(EventStreamError) {
      for piece in pieces { try decoder.push(piece) { messages.append($0) } }
      return (messages, nil)
    } catch {
      return (messages, error)
    }
  }

  private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  private func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }

  private func prelude(total: Int, headers: Int) -> [UInt8] {
    let lengths = word(total) + word(headers)
    return lengths + word(checksum(lengths))
  }

  private func frame(_ headers: [UInt8], _ payload: [UInt8]) -> [UInt8] {
    let bytes = prelude(total: 16 + headers.count + payload.count, headers: headers.count) + headers + payload
    return bytes + word(checksum(bytes))
  }

  /// Bit by bit, as the definition has it.
  private func checksum(_ bytes: [UInt8]) -> Int {
    var value: UInt32 = ~0
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return Int(~value)
  }
}
