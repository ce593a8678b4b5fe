import Assistant

/// Merges the pieces of an answer, without loss, into few values.
struct DeltaBuffer {
  private var text = ""
  private var citations: [Citation] = []
  private var status: String?

  /// Bytes of text that wait.
  var size: Int { text.utf8.count }

  /// Whether nothing waits.
  var isEmpty: Bool { text.isEmpty && citations.isEmpty && status == nil }

  /// Adds a piece. Of states only the newest is kept: it is shown, not collected.
  mutating func append(_ delta: AskDelta) {
    if let more = delta.text { text += more }
    if let more = delta.citations { citations += more }
    if let newest = delta.status { status = newest }
  }

  /// Takes out what can be sent: citations first, then text.
  ///
  /// The last character stays unless `all`, because what comes next may still belong to it: an accent, the other half
  /// of a flag, the line feed of a CR LF.
  mutating func take(all: Bool) -> [AskDelta] {
    var deltas: [AskDelta] = []
    if !citations.isEmpty || status != nil {
      deltas.append(AskDelta(citations: citations.isEmpty ? nil : citations, status: status))
      citations = []
      status = nil
    }
    let end = all || text.isEmpty ? text.endIndex : text.index(before: text.endIndex)
    if end > text.startIndex {
      deltas.append(AskDelta(text: String(text[..<end])))
      text.removeSubrange(..<end)
    }
    return deltas
  }
}
