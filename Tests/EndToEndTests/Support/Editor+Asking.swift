import Testing

/// A question that was answered over the protocol.
struct Asked: Sendable {
  var result: JSON
  /// What was streamed before the result, in order.
  var deltas: [JSON]

  /// The streamed text.
  var text: String { deltas.compactMap { $0["text"]?.text }.joined() }
  var answer: String { result["answer"]?.text ?? "" }
  var model: String? { result["model"]?.text }
  var reason: String? { result["degraded"]?["reason"]?.text }
  /// The numbers of the citations.
  var cited: [Int] { (result["citations"]?.items ?? []).compactMap { $0["id"]?.int } }
}

extension Editor {
  /// Asks with streaming and waits for the result.
  func ask(_ question: String, _ more: [String: JSON] = [:]) async throws -> Asked {
    let token = JSON.string("deltas \(messages.count)")
    var params = more
    params["question"] = .string(question)
    params["partialResultToken"] = token
    let reply = try await request("rag/ask", .object(params))
    return Asked(result: try #require(reply["result"], "\(reply)"), deltas: deltas(token))
  }

  /// What has come for a token.
  func deltas(_ token: JSON) -> [JSON] {
    messages.filter { $0["params"]?["token"] == token }.compactMap { $0["params"]?["value"] }
  }

  /// Waits until text has come for a token.
  func text(_ token: JSON) async throws -> String {
    try await eventually("text for \(token)") {
      let text = self.deltas(token).compactMap { $0["text"]?.text }.joined()
      return text.isEmpty ? nil : text
    }
  }

  /// How many replies there are to a request.
  func replies(_ id: JSON) -> [JSON] { messages.filter { $0["id"] == id && $0["method"] == nil } }

  /// Everything that the server has written, on both streams.
  var everything: String {
    messages.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "\n") + child.errors
  }
}
