import HTTPTransport
import Ledger

/// Turns the bytes of a chat completion (a stream of events, or one JSON document from servers that do not stream) into
/// ``ChatEvent``s. Pure: fed bytes, it returns events; errors come once, after what preceded them.
struct OpenAIChatDecoder: ChatDecoder {
  /// What to do with the bytes: known at the first that is not blank.
  private enum Form {
    case unknown
    case events
    case document
  }

  private let request: ChatRequest
  private let classifier: ErrorClassifier
  private let quirks: OpenAIQuirks
  private let costOfHeader: Money?

  private var form = Form.unknown
  private var sse = ServerSentEventDecoder()
  private var document: [UInt8] = []
  private var tools = ToolCallAssembly()
  private var usage: TokenUsage?
  private var timings: OpenAIUsage.Timings?
  private var finish: FinishReason?
  private var outputBytes = 0
  private var reasoningBytes = 0
  private var sawDone = false
  private var refused = false
  /// The last event has been returned, or an error thrown: nothing more comes.
  private(set) var isOver = false

  /// The longest document, in bytes.
  private static let maxDocumentBytes = 16 << 20

  init(
    _ request: ChatRequest, classifier: ErrorClassifier, quirks: OpenAIQuirks = OpenAIQuirks(),
    headers: HTTPHeaders = HTTPHeaders()
  ) {
    self.request = request
    self.classifier = classifier
    self.quirks = quirks
    costOfHeader = OpenAIUsage.cost(headers, quirks)
  }

  /// Feeds bytes. The error, if there is one, comes after the events.
  mutating func push(_ bytes: [UInt8]) -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var bytes = bytes
    if form == .unknown {
      // Blanks before the answer mean nothing, however many come.
      guard let first = bytes.firstIndex(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) else { return ([], nil) }
      form = bytes[first] == 0x7B || bytes[first] == 0x5B ? .document : .events
      bytes.removeFirst(first)
    }
    switch form {
    case .unknown, .document:
      document += bytes
      if document.count > Self.maxDocumentBytes { return ([], fail(invalid("the answer is too long"))) }
      return ([], nil)
    case .events:
      var events: [ChatEvent] = []
      let messages: [ServerSentEvent]
      do {
        messages = try sse.push(bytes)
      } catch {
        return ([], fail(invalid("an event of the answer is too long")))
      }
      for message in messages where !isOver {
        if let error = take(message, &events) { return (events, error) }
      }
      return (events, nil)
    }
  }

  /// The bytes ended.
  mutating func end() -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    if form == .document {
      if let error = takeDocument(&events) { return (events, error) }
      return (events + close(), nil)
    }
    if let last = try? sse.finish(), let error = take(last, &events) { return (events, error) }
    if isOver { return (events, nil) }
    // Many servers never send the marker; a finish reason says as much.
    if finish != nil || sawDone { return (events + close(), nil) }
    events.append(.usage(finalUsage))
    let nothing = outputBytes + reasoningBytes == 0 && usage == nil
    return (
      events,
      fail(
        ProviderError(
          .truncated, provider: classifier.provider,
          message: nothing ? "the answer ended before it began" : "the answer broke off", mayBeCharged: true))
    )
  }

  /// What has been used so far, for an answer that was cut by something else.
  var finalUsage: TokenUsage {
    var final =
      timings?.completing(usage) ?? usage
      ?? OpenAIUsage.estimate(request, outputBytes: outputBytes, reasoningBytes: reasoningBytes)
    final.reportedCost = final.reportedCost ?? costOfHeader
    return final
  }

  // MARK: Events

  private mutating func take(_ message: ServerSentEvent, _ events: inout [ChatEvent]) -> ProviderError? {
    let data = message.data.drop { $0 == 0x20 }
    if data.starts(with: "[DONE]".utf8) {
      sawDone = true
      events += close()
      return nil
    }
    guard let tree = try? JSONTree(parsing: message.data), case .object = tree else {
      // A cut event is what a broken connection leaves; anything else is not this format.
      return message.isCutByEnd ? nil : fail(invalid("an event of the answer is not a JSON object"), &events)
    }
    if tree["error"] != nil || message.name == "error" || tree["object"]?.string == "error" {
      return fail(classifier.error(inStream: tree), &events)
    }
    takeUsage(tree)
    for choice in tree["choices"]?.array ?? [] where (choice["index"]?.int ?? 0) == 0 {
      if let error = take(choice: choice, choice["delta"] ?? choice["message"], &events) { return error }
    }
    return nil
  }

  private mutating func takeUsage(_ tree: JSONTree) {
    if let reported = tree["usage"] ?? tree["x_groq"]?["usage"],
      let usage = OpenAIUsage.read(reported, quirks: quirks)
    {
      self.usage = usage
    }
    if let timings = OpenAIUsage.Timings(tree["timings"]) { self.timings = timings }
  }

  private mutating func takeDocument(_ events: inout [ChatEvent]) -> ProviderError? {
    guard let tree = try? JSONTree(parsing: document) else {
      return fail(invalid("the answer is not JSON"), &events)
    }
    if tree["error"] != nil || tree["object"]?.string == "error" {
      return fail(classifier.error(inStream: tree), &events)
    }
    guard let choice = tree["choices"]?[0] else { return fail(invalid("the answer has no choices"), &events) }
    takeUsage(tree)
    return take(choice: choice, choice["message"], &events)
  }

  private mutating func take(
    choice: JSONTree, _ delta: JSONTree?, _ events: inout [ChatEvent]
  ) -> ProviderError? {
    if let error = choice["error"] { return fail(classifier.error(inStream: .object(["error": error])), &events) }
    if let delta {
      if let text = Self.reasoning(delta), !text.isEmpty {
        reasoningBytes += text.utf8.count
        events.append(.reasoning(text))
      }
      if let text = (delta["content"] ?? choice["text"])?.contentText, !text.isEmpty {
        outputBytes += text.utf8.count
        events.append(.text(text))
      }
      if let text = delta["refusal"]?.string, !text.isEmpty {
        refused = true
        outputBytes += text.utf8.count
        events.append(.refusal(text))
      }
      for fragment in delta["tool_calls"]?.array ?? [] {
        guard tools.take(fragment) else { return fail(invalid("too many tool calls"), &events) }
      }
    } else if let text = choice["text"]?.string, !text.isEmpty {
      outputBytes += text.utf8.count
      events.append(.text(text))
    }
    if let reason = FinishReason(word: choice["finish_reason"]?.string) {
      if reason == .other("error") { return fail(classifier.error(inStream: choice), &events) }
      finish = reason
    }
    return nil
  }

  /// What the model thought, under the names in use; list parts of the kind `thinking` count too.
  private static func reasoning(_ delta: JSONTree) -> String? {
    if let text = delta["reasoning_content"]?.contentText ?? delta["reasoning"]?.contentText { return text }
    if let details = delta["reasoning_details"]?.array {
      return details.compactMap { $0["text"]?.string ?? $0["summary"]?.string }.joined()
    }
    let thinking = delta["content"]?.array?.filter { $0["type"]?.string == "thinking" }
    return thinking.flatMap { parts in
      parts.isEmpty ? nil : parts.compactMap { $0["thinking"]?.contentText }.joined()
    }
  }

  // MARK: Ends

  private mutating func close() -> [ChatEvent] {
    isOver = true
    var events = tools.calls.map(ChatEvent.toolCall)
    outputBytes += tools.calls.reduce(0) { $0 + $1.name.utf8.count + $1.arguments.utf8.count }
    events.append(.usage(finalUsage))
    events.append(.finished(refused ? .contentFilter : finish ?? .stop))
    return events
  }

  private mutating func fail(_ error: ProviderError) -> ProviderError {
    isOver = true
    return error
  }

  /// Fails after saying what was used, for that is charged all the same.
  private mutating func fail(_ error: ProviderError, _ events: inout [ChatEvent]) -> ProviderError {
    if outputBytes + reasoningBytes > 0 || usage != nil { events.append(.usage(finalUsage)) }
    return fail(error)
  }

  private func invalid(_ message: String) -> ProviderError {
    ProviderError(
      .server, provider: classifier.provider, message: message, code: "invalid_response", mayBeCharged: true)
  }
}
