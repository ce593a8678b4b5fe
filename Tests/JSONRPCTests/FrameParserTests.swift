import SeededInput
import Testing

@testable import JSONRPC

/// Feeds the parser in the given pieces; bodies that are no JSON are reported as the connection does.
private func parse(_ pieces: [[UInt8]], limits: FrameParser.Limits = .init()) -> [String] {
  var parser = FrameParser(limits: limits)
  var events: [String] = []
  for piece in pieces {
    piece.withUnsafeBytes { bytes in
      parser.push(bytes) { event in
        switch event {
        case .failure(let error):
          events.append("failure \(error)")
          return nil
        case .message(let body):
          do {
            _ = try body.withUnsafeBufferPointer { bytes throws(JSONSyntaxError) in
              try JSONScanner.scan(bytes, depthLimit: 512)
            }
            events.append(String(decoding: body, as: UTF8.self))
            return nil
          } catch {
            events.append("no JSON")
            return (error as? JSONSyntaxError)?.offset
          }
        }
      }
    }
  }
  return events
}

/// Checks that every split gives the same events.
private func expectEvents(
  _ text: String, _ expected: [String], limits: FrameParser.Limits = .init(),
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let bytes = Array(text.utf8)
  #expect(parse([bytes], limits: limits) == expected, sourceLocation: sourceLocation)
  #expect(parse(bytes.map { [$0] }, limits: limits) == expected, sourceLocation: sourceLocation)
  var generator = SeededGenerator(seed: UInt64(bytes.count))
  for _ in 0..<50 {
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...min(40, rest.count), using: &generator)
      pieces.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    #expect(parse(pieces, limits: limits) == expected, sourceLocation: sourceLocation)
  }
}

@Suite struct FrameParserTests {
  @Test func framesFollowEachOther() {
    expectEvents("Content-Length: 2\r\n\r\n{}Content-Length: 7\r\n\r\n{\"a\":1}", ["{}", "{\"a\":1}"])
  }

  @Test func headersInAnyCaseAndOrder() {
    let types = ["", "; charset=utf-8", "; charset=utf8", "; charset=\"UTF-8\"", ";charset = utf-8"]
    for type in types {
      expectEvents("content-length: 2\r\nContent-Type: application/vscode-jsonrpc\(type)\r\n\r\n{}", ["{}"])
      expectEvents("CONTENT-TYPE: application/vscode-jsonrpc\(type)\r\nCONTENT-LENGTH:2  \r\n\r\n{}", ["{}"])
    }
    expectEvents("X-Other: y\r\nContent-Length : 02\r\n\r\n{}", ["{}"])
    expectEvents("\r\n\r\nContent-Length: 2\n\n{}", ["{}"])
    expectEvents("X-Content-Length: 9\r\nContent-Length: 2\r\n\r\n{}", ["{}"])
  }

  @Test func anotherCharsetIsAnErrorAndTheBodyIsSkipped() {
    expectEvents(
      "Content-Type: a; charset=latin1\r\nContent-Length: 4\r\n\r\n{\"\"}Content-Length: 2\r\n\r\n[]",
      ["failure unsupportedCharset(\"latin1\")", "[]"])
  }

  @Test(arguments: [
    ("no header at all\r\n\r\n", "malformedHeader"), ("Content-Length: abc\r\n\r\n{\"a\":1}", "invalidContentLength"),
    ("Content-Length: -5\r\n\r\n{\"a\":1}", "invalidContentLength"),
    ("Content-Length:\r\n\r\n{}", "invalidContentLength"),
    ("Content-Length: 5.0\r\n\r\n", "invalidContentLength"), ("X-Other: 1\r\n\r\n{}", "missingContentLength"),
    ("\u{0}\u{1}garbage", "malformedHeader"), ("{\"jsonrpc\":\"2.0\"}\n{}\n\n", "malformedHeader"),
    ("Content-Length: 99999999999999999999999\r\n\r\n{}", "invalidContentLength"),
  ]) func theNextFrameIsFound(garbage: String, error: String) {
    expectEvents(garbage + "Content-Length: 3\r\n\r\n[1]", ["failure \(error)", "[1]"])
  }

  @Test func twoLengthsOfAFrameMustAgree() {
    expectEvents("Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", ["{}"])
    expectEvents("Content-Length: 9\r\nContent-Length: 2\r\n\r\n{}", ["failure invalidContentLength", "{}"])
  }

  @Test func wrongLengthsDoNotLoseTheNextFrame() {
    let next = "Content-Length: 3\r\n\r\n[1]"
    for excess in 1...17 {
      expectEvents("Content-Length: \(2 + excess)\r\n\r\n{}" + next, ["no JSON", "[1]"])
    }
    expectEvents("Content-Length: 4\r\n\r\n{\"a\":1}" + next, ["no JSON", "failure malformedHeader", "[1]"])
    expectEvents("Content-Length: 0\r\n\r\n" + next, ["no JSON", "[1]"])
    expectEvents("Content-Length: 12\r\n\r\n{\"a\":\"bcdef}" + next, ["no JSON", "[1]"])
  }

  @Test func bodiesBeyondTheLimitAreSkipped() {
    let limits = FrameParser.Limits(header: 200, message: 10, skippable: 100)
    let next = "Content-Length: 3\r\n\r\n[1]"
    expectEvents(
      "Content-Length: 40\r\n\r\n" + String(repeating: "x\n", count: 20) + next,
      ["failure messageTooLarge(40)", "[1]"], limits: limits)
    expectEvents(
      "Content-Length: 101\r\n\r\n" + String(repeating: "x", count: 500) + next,
      ["failure invalidContentLength", "[1]"], limits: limits)
    expectEvents("Content-Length: 10\r\n\r\n12345678  " + next, ["12345678  ", "[1]"], limits: limits)
  }

  @Test func headersAreBounded() {
    let limits = FrameParser.Limits(header: 100, message: 1_000)
    let next = "Content-Length: 3\r\n\r\n[1]"
    let long = String(repeating: "x", count: 10_000)
    expectEvents(long + next, ["failure headerTooLarge", "[1]"], limits: limits)
    expectEvents(
      String(repeating: "X-A: b\r\n", count: 100) + next, ["failure headerTooLarge", "[1]"], limits: limits)
  }

  @Test func randomBytesNeverHideTheNextFrame() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<300 {
      let garbage = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let events = parse([garbage, Array("Content-Length: 3\r\n\r\n[1]".utf8)])
      #expect(events.last == "[1]")
    }
  }
}
