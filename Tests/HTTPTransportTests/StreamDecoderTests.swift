import HTTPTransport
import Testing

/// Cuts `bytes` at random places, the same for the same seed.
func randomPieces(_ bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  var pieces: [[UInt8]] = []
  var start = 0
  while start < bytes.count {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    let end = min(bytes.count, start + Int(state % 9) + 1)
    pieces.append(Array(bytes[start..<end]))
    start = end
  }
  return pieces
}

func decode(_ pieces: [[UInt8]]) throws -> [ServerSentEvent] {
  var decoder = ServerSentEventDecoder()
  var events: [ServerSentEvent] = []
  for piece in pieces { events += try decoder.push(piece) }
  if let last = try decoder.finish() { events.append(last) }
  return events
}

func event(_ data: String, name: String = "", id: String = "", cut: Bool = false) -> ServerSentEvent {
  ServerSentEvent(name: name, data: Array(data.utf8), lastID: id, isCutByEnd: cut)
}

struct ServerSentEventDecoderTests {
  static let cases: [(String, [ServerSentEvent])] = [
    ("data: a\n\n", [event("a")]),
    ("data:a\n\ndata: b\n\n", [event("a"), event("b")]),
    ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", [event("a"), event("b"), event("c")]),
    ("\u{FEFF}data: bom\n\n", [event("bom")]),
    (": keep-alive\n\n:\n\ndata: x\n\n", [event("x")]),
    ("data: one\ndata: two\ndata\ndata:  three\n\n", [event("one\ntwo\n\n three")]),
    ("event: error\nid: 7\ndata: {}\n\ndata: y\n\n", [event("{}", name: "error", id: "7"), event("y", id: "7")]),
    ("event: only\n\ndata: z\n\n", [event("z")]),
    ("data: größe → 🙂\r\n\r\n", [event("größe → 🙂")]),
    ("data: a\n\ndata: cut", [event("a"), event("cut", cut: true)]),
    ("data: a\n\ndata: cut\n", [event("a"), event("cut", cut: true)]),
    ("data: a\n\n: comment", [event("a")]),
    ("retry: 10\nunknown: x\ndata: a\n\n", [event("a")]),
    ("data:\n\n", [event("")]),
    ("", []),
    ("\n\n\n", []),
  ]

  @Test(arguments: cases.indices)
  func survivesEverySplit(_ index: Int) throws {
    let (text, expected) = Self.cases[index]
    let bytes = Array(text.utf8)
    #expect(try decode([bytes]) == expected)
    #expect(try decode(bytes.map { [$0] }) == expected)
    for cut in bytes.indices { #expect(try decode([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected) }
    for seed in 0..<50 { #expect(try decode(randomPieces(bytes, seed: UInt64(seed))) == expected) }
  }

  @Test func countsComments() throws {
    var decoder = ServerSentEventDecoder()
    _ = try decoder.push(Array(": a\n\n: b\n".utf8))
    #expect(decoder.comments == 2)
  }

  @Test func boundsLines() throws {
    var decoder = ServerSentEventDecoder(maxLineBytes: 100)
    _ = try decoder.push(Array(repeating: 0x61, count: 100))
    #expect(throws: StreamDecodingError.lineTooLong(limit: 100)) { try decoder.push([0x61]) }
    var whole = ServerSentEventDecoder(maxLineBytes: 100)
    #expect(throws: StreamDecodingError.lineTooLong(limit: 100)) {
      try whole.push(Array(repeating: 0x61, count: 101) + [0x0A])
    }
  }

  @Test func boundsEvents() throws {
    var decoder = ServerSentEventDecoder(maxLineBytes: 100, maxEventBytes: 50)
    #expect(throws: StreamDecodingError.eventTooLong(limit: 50)) {
      for _ in 0..<10 { _ = try decoder.push(Array("data: 0123456789\n".utf8)) }
    }
  }
}

struct NDJSONDecoderTests {
  @Test func survivesEverySplit() throws {
    let bytes = Array("{\"a\":1}\n\r\n  \n{\"b\":\"é\"}\r\n{\"c\"".utf8)
    let expected = ["{\"a\":1}", "{\"b\":\"é\"}", "{\"c\""]
    for seed in 0..<200 {
      var decoder = NDJSONDecoder()
      var lines: [[UInt8]] = []
      for piece in randomPieces(bytes, seed: UInt64(seed)) { lines += try decoder.push(piece) }
      if let rest = decoder.finish() { lines.append(rest) }
      #expect(lines.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
  }

  @Test func boundsLines() throws {
    var decoder = NDJSONDecoder(maxLineBytes: 8)
    #expect(throws: StreamDecodingError.lineTooLong(limit: 8)) { try decoder.push(Array("123456789".utf8)) }
  }
}
