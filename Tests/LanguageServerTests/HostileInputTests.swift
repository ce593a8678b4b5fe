import Foundation
import Testing

@testable import JSONRPC
@testable import LanguageServer

private func frame(_ body: [UInt8], _ header: String? = nil) -> [UInt8] {
  Array((header ?? "Content-Length: \(body.count)\r\n\r\n").utf8) + body
}

@Suite struct HostileInputTests {
  @Test func everyKindOfBrokenMessageIsAnsweredAndSurvived() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    let cases: [(String, Int64, JSONValue)] = [
      ("{\"jsonrpc\":", -32700, .null), ("\"text\"", -32600, .null), ("1", -32600, .null), ("null", -32600, .null),
      ("[]", -32600, .null), ("{}", -32600, .null), (#"{"jsonrpc":"2.0","id":"b","method":1}"#, -32600, "b"),
      (#"{"jsonrpc":"2.0","id":"c","method":"rag/search","params":"x"}"#, -32600, "c"),
      (#"{"jsonrpc":"2.0","id":"d","method":"rag/search","params":{"query":1e999}}"#, -32602, "d"),
      (#"{"jsonrpc":"2.0","id":"e","method":"rag/ask","params":{"question":"q","tokenBudget":1e99}}"#, -32602, "e"),
    ]
    for (index, (body, code, id)) in cases.enumerated() {
      let before = client.messages.count
      client.sendText(body)
      let id = id
      _ = try await client.eventually { client.messages.count > before ? true : nil }
      let reply = client.messages[before]
      #expect(reply.code == code, "case \(index)")
      #expect(reply["id"] == id, "case \(index)")
    }
    client.sendRaw(frame([0x7B, 0xFF, 0xFE, 0x7D]))
    _ = try await client.eventually { client.messages.last?.code == -32700 ? true : nil }
    #expect(try await client.request("rag/status")["result"] != nil)
    await client.end()
  }

  @Test func brokenHeadersAreAnsweredAndSurvived() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    for header in [
      "garbage\r\n\r\n", "Content-Length: x\r\n\r\n", "X: y\r\n\r\n", "Content-Length: 9999\r\nbad\r\n\r\n",
    ] {
      let before = client.messages.count
      client.sendRaw(frame(Array("{}".utf8), header))
      #expect(try await client.request("rag/status")["result"] != nil)
      #expect(client.messages[before].code == -32700)
      #expect(client.messages[before]["id"] == .null)
    }
    let body = Array(#"{"jsonrpc":"2.0","id":"low","method":"rag/status"}"#.utf8)
    client.sendRaw(frame(body, "content-type: x; charset=utf8\r\ncontent-length: \(body.count)\r\n\r\n"))
    #expect(try await client.reply("low")["result"] != nil)
    await client.end()
  }

  @Test func batchesAreAnsweredTogether() async throws {
    let client = TestClient()
    _ = try await client.initialize()
    client.sendText(
      #"[{"jsonrpc":"2.0","id":1,"method":"rag/status"},{"jsonrpc":"2.0","method":"x"},5,{"jsonrpc":"2.0","id":2,"method":"y"},{"id":3}]"#
    )
    let batch = try await client.message { !$0.items.isEmpty }
    #expect(batch.items.count == 4)
    #expect(batch.items.contains { $0["id"] == 1 && $0["result"] != nil })
    #expect(batch.items.contains { $0["id"] == 2 && $0.code == -32601 })
    #expect(batch.items.contains { $0["id"] == 3 && $0.code == -32600 })
    #expect(batch.items.contains { $0["id"] == .null && $0.code == -32600 })
    await client.end()
  }

  @Test func oversizedMessagesAreSkippedAndAnswered() async throws {
    var options = LanguageServerSession.Options()
    options.limits.frame.message = 10_000
    let client = TestClient(options: options)
    _ = try await client.initialize()
    client.sendRaw(frame([UInt8](repeating: 0x20, count: 300_000)))
    _ = try await client.message { $0["id"] == .null && $0.code == -32600 }
    #expect(try await client.request("rag/status")["result"] != nil)
    await client.end()
  }

  /// `CICERONE_FUZZ_FRAMES` sets how many frames are sent.
  @Test func afterManyHostileFramesTheNextRequestIsAnswered() async throws {
    let count = ProcessInfo.processInfo.environment["CICERONE_FUZZ_FRAMES"].flatMap(Int.init) ?? 20_000
    let client = TestClient()
    _ = try await client.initialize(["rootUri": "file:///w"])
    var generator = SeededGenerator(seed: 2_026)
    var bytes: [UInt8] = []
    for number in 0..<count {
      bytes += hostileFrame(&generator)
      if bytes.count > 1 << 18 || number == count - 1 {
        client.sendRaw(bytes)
        bytes = []
      }
      if number % 5_000 == 4_999 {
        // Whatever state the stream is in: a good frame behind garbage is found.
        #expect(try await client.request("rag/status")["result"] != nil)
      }
    }
    #expect(try await client.request("rag/search", ["query": "after"])["result"] != nil)
    #expect(try await client.request("shutdown")["result"] == .null)
    client.notify("exit", .null)
    #expect(await client.exitCode() == 0)
  }

  private func hostileFrame(_ generator: inout SeededGenerator) -> [UInt8] {
    let ids = ["1", "\"a\"", "null", "1.5", "-1", "99999999999999999999", "{}", "[]", "true", "1e3"]
    let methods = [
      "rag/ask", "rag/search", "rag/status", "textDocument/didChange", "textDocument/didOpen", "$/cancelRequest", "x",
      "$/setTrace", "workspace/executeCommand", "initialize", "initialized", "workspace/didChangeWatchedFiles",
      "textDocument/didClose", "workspace/didChangeConfiguration", "\\u0000", "\\ud800",
      "window/workDoneProgress/cancel",
    ]
    let params = [
      "null", "[]", "{}", "5", "\"x\"", "[[[[{}]]]]", #"{"question":"q","question":5}"#, #"{"query":"\ud800"}"#,
      #"{"textDocument":{"uri":"file:///a","version":-1,"text":"a\r\nb"}}"#, #"{"id":1}"#,
      #"{"query":"q","limit":1e400}"#,
      #"{"textDocument":{"uri":"file:///a","version":2},"contentChanges":[{"range":{"start":{"line":-1,"character":9999999999},"end":{"line":0,"character":1}},"text":"z"}]}"#,
      #"{"command":"rag.search","arguments":[{"query":"q"}]}"#, #"{"changes":[{"uri":"%%%"}]}"#,
      #"{"question":"q","workDoneToken":"w","partialResultToken":1}"#,
    ]
    func pick(_ list: [String]) -> String { list.randomElement(using: &generator) ?? "" }
    var text = #"{"jsonrpc":"2.0","id":\#(pick(ids)),"method":"\#(pick(methods))","params":\#(pick(params))}"#
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: text = String(text.prefix(Int.random(in: 0...text.count, using: &generator)))
    case 1: text = #"{"jsonrpc":"2.0","id":\#(pick(ids)),"result":\#(pick(params))}"#
    case 2: text = "[\(text),\(pick(params)),\(text)]"
    case 3: text = String(repeating: "[", count: Int.random(in: 1...3_000, using: &generator))
    case 4: text = pick(params)
    default: break
    }
    var body = Array(text.utf8)
    if Int.random(in: 0..<4, using: &generator) == 0, !body.isEmpty {
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        body[Int.random(in: 0..<body.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
    }
    switch Int.random(in: 0..<16, using: &generator) {
    case 0: return frame(body, "Content-Length: \(pick(["", "-1", "abc", "1e3", "18446744073709551616", "0"]))\r\n\r\n")
    case 1:
      return frame(body, "Content-Length: \(max(0, body.count + Int.random(in: -9...9, using: &generator)))\r\n\r\n")
    case 2:
      return frame(
        body,
        "Content-Type: a; charset=\(pick(["utf8", "latin1", "\"utf-8\""]))\r\nCONTENT-LENGTH: \(body.count)\r\n\r\n")
    case 3: return frame(body, pick(["\r\n\r\n", "x", "a: b\r\n\r\n", "\u{0}\r\n", "Content-Length 5\r\n\r\n", ""]))
    default: return frame(body)
    }
  }
}
