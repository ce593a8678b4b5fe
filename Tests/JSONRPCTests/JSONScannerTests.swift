import Foundation
import SeededInput
import Testing

@testable import JSONRPC

private let envelopes: [(String, String)] = [
  (#"{"jsonrpc":"2.0","id":1,"method":"a"}"#, "request 1 a -"),
  (#"{"jsonrpc":"2.0","id":"1","method":"a","params":null}"#, #"request "1" a -"#),
  (#"{"jsonrpc":"2.0","id":0,"method":"a","params":[1]}"#, "request 0 a [1]"),
  (#"{"jsonrpc":"2.0","id":2.0,"method":"\u0061","params":{"x":{}}}"#, #"request 2 a {"x":{}}"#),
  (#"{"jsonrpc":"2.0","method":"a"}"#, "notification a -"),
  (#"{"jsonrpc":"2.0","id":3,"result":null}"#, "result 3 null"),
  (#"{"jsonrpc":"2.0","id":3,"error":{"code":5,"message":"x"}}"#, "error 3 5"),
  (#"{"jsonrpc":"2.0","id":null,"error":{"code":5,"message":"x"}}"#, "error - 5"),
  (#"{"jsonrpc":"2.0","id":3}"#, "invalid 3 -32600 false"),
  (#"{"jsonrpc":"2.0","id":null,"method":"a"}"#, "invalid - -32600 true"),
  (#"{"jsonrpc":"2.0","id":1.5,"method":"a"}"#, "invalid - -32600 true"),
  (#"{"jsonrpc":"2.0","id":99999999999999999999,"method":"a"}"#, "invalid - -32600 true"),
  (#"{"jsonrpc":"2.0","id":{},"method":"a"}"#, "invalid - -32600 true"),
  (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}"#, "invalid - -32600 true"),
  (#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#, "invalid 1 -32600 true"),
  (#"{"jsonrpc":"2.0","id":1,"method":5}"#, "invalid 1 -32600 true"),
  (#"{"jsonrpc":"2.0","id":1,"method":"a","params":"x"}"#, "invalid 1 -32600 true"),
  (#"{"jsonrpc":"1.0","id":1,"method":"a"}"#, "invalid 1 -32600 true"),
  (#"{"id":1,"method":"a"}"#, "invalid 1 -32600 true"),
  ("{}", "invalid - -32600 false"), ("1", "invalid - -32600 true"), ("\"x\"", "invalid - -32600 true"),
  ("[]", "invalid - -32600 true"), ("[1]", "[invalid - -32600 true]"),
  (#"[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","id":1,"method":"b"}]"#, "[notification a -, request 1 b -]"),
  ("{", "fault"),
]

private let faults: [(String, Int)] = [
  ("", 0), ("{", 1), ("{]", 1), ("[1,]", 3), ("{\"a\"}", 4), ("{\"a\":1,}", 7), ("01", 1), ("1.", 2), ("-", 1),
  ("+1", 0),
  ("tru", 3), ("nul1", 3), ("\"a", 2), ("\"\\x\"", 1), ("\"\\u12g4\"", 1), ("\"\n\"", 1), ("{} {}", 3), ("{a:1}", 1),
  ("[1 2]", 3), ("'a'", 0), ("NaN", 0), ("}", 0),
]

private func fault(_ bytes: [UInt8]) -> Int? {
  do throws(JSONSyntaxError) {
    _ = try bytes.withUnsafeBufferPointer { bytes throws(JSONSyntaxError) in
      try JSONScanner.scan(bytes, depthLimit: 8)
    }
    return nil
  } catch {
    return error.offset
  }
}

@Suite struct JSONScannerTests {
  @Test(arguments: [
    "{}", "[]", "0", "-0.5e+10", "\"\"", "true", " [1 , {\"a\" : null} ] ", "\"\\u00e9\\ud83d\\ude00\\\\\"",
    "[[],[{}]]",
    "\"é😀\"", "123456789012345678901234567890", "1E5",
  ]) func accepts(text: String) {
    #expect(fault(Array(text.utf8)) == nil)
  }

  @Test(arguments: faults) func refuses(text: String, offset: Int) {
    #expect(fault(Array(text.utf8)) == offset)
  }

  @Test(
    arguments: [
      [0xFF], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
      [0xF0, 0x9F, 0x98],
    ] as [[UInt8]]) func refusesMalformedUTF8(bytes: [UInt8])
  {
    #expect(fault([0x22] + bytes + [0x22]) == 1)
  }

  @Test func agreesWithFoundationOnMutatedTexts() {
    let seed = Array(#"{"id":12,"a":[1.5e3,true,null,"x\n\u00e9"],"b":{"c":"é"}}"#.utf8)
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<5_000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[index] = Array("{}[]\",:0e-.tn\\u \u{7}".utf8).randomElement(using: &generator) ?? 0
      }
      let accepted = fault(bytes) == nil
      // What is accepted here must be readable there: a decoder runs on it later.
      if accepted {
        #expect(throws: Never.self, "\(String(decoding: bytes, as: UTF8.self))") {
          _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        }
      }
    }
  }

  @Test func nestingIsNoticedAndHarmless() throws {
    let deep = Array((String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)).utf8)
    let outline = try deep.withUnsafeBufferPointer { bytes throws(JSONSyntaxError) in
      try JSONScanner.scan(bytes, depthLimit: 512)
    }
    #expect(outline.isTooDeep)
  }
}

@Suite struct MessageEnvelopeTests {
  private func describe(_ text: String) -> String {
    do throws(JSONSyntaxError) {
      return describe(try MessageEnvelope.parse(Array(text.utf8), depthLimit: 512))
    } catch {
      return "fault"
    }
  }

  private func describe(_ message: MessageEnvelope) -> String {
    func text(_ raw: RawJSON?) -> String { raw.map { String(decoding: $0.utf8, as: UTF8.self) } ?? "-" }
    switch message {
    case .request(let id, let method, let params): return "request \(id) \(method) \(text(params))"
    case .notification(let method, let params): return "notification \(method) \(text(params))"
    case .response(let id, .success(let result)): return "result \(id?.description ?? "-") \(text(result))"
    case .response(let id, .failure(let error)): return "error \(id?.description ?? "-") \(error.code)"
    case .invalid(let id, let error, let isCall): return "invalid \(id?.description ?? "-") \(error.code) \(isCall)"
    case .batch(let messages): return "[" + messages.map(describe).joined(separator: ", ") + "]"
    }
  }

  @Test(arguments: envelopes) func isRead(text: String, expected: String) {
    #expect(describe(text) == expected)
  }

  @Test func tooDeepMessagesKeepTheirID() {
    let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    #expect(describe(#"{"jsonrpc":"2.0","params":\#(deep),"id":4,"method":"a"}"#) == "invalid 4 -32600 true")
  }

  @Test func halfSurrogatesBecomeReplacementCharacters() throws {
    let body = Array(#"{"jsonrpc":"2.0","method":"a","params":["x\ud83dy\ude00","\ud83d\ude00"]}"#.utf8)
    guard case .notification(_, let params?) = try MessageEnvelope.parse(body, depthLimit: 512) else {
      Issue.record("no notification")
      return
    }
    #expect(try params.decode([String].self) == ["x\u{FFFD}y\u{FFFD}", "😀"])
  }
}

@Suite struct ValueTests {
  @Test(arguments: [
    "null", "true", "-5", "1.5", "\"a\\\"b\"", "[1,[],{}]", "{\"a\":{\"b\":[null]},\"c\":false}", "9223372036854775807",
  ]) func valuesKeepTheirShape(text: String) throws {
    let value = try RawJSON(Array(text.utf8)).decode(JSONValue.self)
    #expect(String(decoding: try RawJSON.encode(value), as: UTF8.self) == text)
  }

  @Test func hugeNumbersDoNotTrap() {
    for text in ["1e999", "-1e999", "123456789012345678901234567890", "1e-999"] {
      _ = try? RawJSON(Array(text.utf8)).decode(JSONValue.self)
      #expect(throws: (any Error).self) {
        try RawJSON(Array((text + "1").utf8)).decode(String.self)
      }
    }
  }

  @Test func identitiesKeepTheirType() throws {
    for (text, id) in [("7", RequestID.integer(7)), ("\"7\"", .string("7")), ("\"a\\u0001\\\"\"", .string("a\u{1}\""))]
    {
      #expect(try RawJSON(Array(text.utf8)).decode(RequestID.self) == id)
      let reply = MessageWriter.result(id: id, Array("null".utf8))
      #expect(String(decoding: reply, as: UTF8.self) == #"{"jsonrpc":"2.0","id":\#(text),"result":null}"#)
    }
  }

  @Test func errorsWithoutDataHaveNoData() throws {
    let body = MessageWriter.error(id: nil, .invalidRequest("x"))
    #expect(
      String(decoding: body, as: UTF8.self) == #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"x"}}"#)
  }
}
