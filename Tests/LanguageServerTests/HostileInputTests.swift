import Foundation
import SeededInput
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
    var frames = HostileFrames(seed: 2_026)
    var bytes: [UInt8] = []
    for number in 0..<count {
      bytes += frames.next()
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
}
