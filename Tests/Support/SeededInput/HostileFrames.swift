/// Frames as a broken or malicious client could send them: wrong JSON, wrong types, wrong lengths, cut and flipped
/// bytes. None of them asks the server to end.
public struct HostileFrames {
  private var generator: SeededGenerator

  /// Frames that depend on the seed alone.
  public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// The next frame, or what is none.
  public mutating func next() -> [UInt8] {
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
    case 0:
      return HostileFrames.frame(
        body, "Content-Length: \(pick(["", "-1", "abc", "1e3", "18446744073709551616", "0"]))\r\n\r\n")
    case 1:
      return HostileFrames.frame(
        body, "Content-Length: \(max(0, body.count + Int.random(in: -9...9, using: &generator)))\r\n\r\n")
    case 2:
      return HostileFrames.frame(
        body,
        "Content-Type: a; charset=\(pick(["utf8", "latin1", "\"utf-8\""]))\r\nCONTENT-LENGTH: \(body.count)\r\n\r\n")
    case 3:
      return HostileFrames.frame(
        body, pick(["\r\n\r\n", "x", "a: b\r\n\r\n", "\u{0}\r\n", "Content-Length 5\r\n\r\n", ""]))
    default: return HostileFrames.frame(body)
    }
  }

  private mutating func pick(_ list: [String]) -> String { list.randomElement(using: &generator) ?? "" }

  private static func frame(_ body: [UInt8], _ header: String? = nil) -> [UInt8] {
    Array((header ?? "Content-Length: \(body.count)\r\n\r\n").utf8) + body
  }
}
