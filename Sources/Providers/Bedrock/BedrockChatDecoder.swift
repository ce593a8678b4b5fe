import HTTPTransport
import Ledger

/// Turns the bytes of a Converse answer (a stream of framed messages, or one JSON document) into ``ChatEvent``s. Pure.
struct BedrockChatDecoder: ChatDecoder {
  /// What the bytes are: known at the first.
  private enum Form {
    case unknown
    case messages
    case document
  }

  private let request: ChatRequest
  private let errors: BedrockErrors

  private var form = Form.unknown
  private var frames = EventStreamDecoder()
  private var document: [UInt8] = []
  private var tools = ToolCallAssembly()
  private var usage: TokenUsage?
  private var finish: FinishReason?
  private var outputBytes = 0
  private var reasoningBytes = 0
  /// The last event has been returned, or an error: nothing more comes.
  private(set) var isOver = false

  private static let maxDocumentBytes = 16 << 20

  init(_ request: ChatRequest, errors: BedrockErrors) {
    self.request = request
    self.errors = errors
  }

  mutating func push(_ bytes: [UInt8]) -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver, let first = bytes.first else { return ([], nil) }
    // A frame begins with its length, whose first byte no JSON begins with.
    if form == .unknown { form = first < 9 ? .messages : .document }
    guard form == .messages else {
      document += bytes
      return document.count > Self.maxDocumentBytes ? ([], fail(invalid("the answer is too long"))) : ([], nil)
    }
    var events: [ChatEvent] = []
    var messages: [EventStreamMessage] = []
    var failure: EventStreamError?
    do throws(EventStreamError) {
      try frames.push(bytes) { messages.append($0) }
    } catch {
      failure = error
    }
    for message in messages where !isOver {
      if let error = take(message, &events) { return (events, error) }
    }
    guard let failure, !isOver else { return (events, nil) }
    let error = fail(
      invalid(
        failure == .checksum ? "the answer was damaged on its way" : "a message of the answer is not well formed"),
      &events)
    return (events, error)
  }

  mutating func end() -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    if form == .document {
      if let error = takeDocument(&events) { return (events, error) }
      return (events + close(), nil)
    }
    // The counters come after the reason; without them the answer is whole all the same.
    if finish != nil, !frames.isWithinMessage { return (close(), nil) }
    events.append(.usage(finalUsage))
    return (events, fail(errors.classifier.truncated(afterNothing: outputBytes + reasoningBytes == 0)))
  }

  var finalUsage: TokenUsage {
    usage ?? OpenAIUsage.estimate(request, outputBytes: outputBytes, reasoningBytes: reasoningBytes)
  }

  // MARK: Messages

  private mutating func take(_ message: EventStreamMessage, _ events: inout [ChatEvent]) -> ProviderError? {
    let kind = message.text(":message-type") ?? "event"
    guard kind == "event" else { return fail(errors.error(inStream: message), &events) }
    guard let tree = try? JSONTree(parsing: message.payload), case .object = tree else {
      // Of a kind unknown here a message may be anything.
      let isKnown = Self.kinds.contains(message.text(":event-type") ?? "")
      return isKnown ? fail(invalid("a message of the answer is not a JSON object"), &events) : nil
    }
    switch message.text(":event-type") {
    case "contentBlockStart":
      guard let call = tree["start"]?["toolUse"] else { return nil }
      return addTool(tree, id: call["toolUseId"]?.string, name: call["name"]?.string, nil, &events)
    case "contentBlockDelta":
      guard let delta = tree["delta"] else { return nil }
      add(text: delta["text"]?.string, &events)
      add(reasoning: delta["reasoningContent"]?["text"]?.string, &events)
      if let input = delta["toolUse"]?["input"] { return addTool(tree, id: nil, name: nil, input, &events) }
    case "messageStop":
      finish = Self.finish(tree["stopReason"]?.string) ?? .stop
    case "metadata":
      usage = tree["usage"].flatMap(BedrockUsage.read) ?? usage
      if finish != nil { events += close() }
    default: break
    }
    return nil
  }

  private static let kinds: Set = [
    "messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata",
  ]

  private mutating func takeDocument(_ events: inout [ChatEvent]) -> ProviderError? {
    guard let tree = try? JSONTree(parsing: document) else { return fail(invalid("the answer is not JSON"), &events) }
    guard let blocks = tree["output"]?["message"]?["content"]?.array else {
      return fail(invalid("the answer has no content"), &events)
    }
    usage = tree["usage"].flatMap(BedrockUsage.read)
    for (index, block) in blocks.enumerated() {
      add(text: block["text"]?.string, &events)
      add(reasoning: block["reasoningContent"]?["reasoningText"]?["text"]?.string, &events)
      guard let call = block["toolUse"] else { continue }
      let position = JSONTree.object(["contentBlockIndex": .integer(index)])
      if let error = addTool(
        position, id: call["toolUseId"]?.string, name: call["name"]?.string, call["input"], &events)
      {
        return error
      }
    }
    finish = Self.finish(tree["stopReason"]?.string)
    return nil
  }

  private mutating func add(text: String?, _ events: inout [ChatEvent]) {
    guard let text, !text.isEmpty else { return }
    outputBytes += text.utf8.count
    events.append(.text(text))
  }

  private mutating func add(reasoning text: String?, _ events: inout [ChatEvent]) {
    guard let text, !text.isEmpty else { return }
    reasoningBytes += text.utf8.count
    events.append(.reasoning(text))
  }

  private mutating func addTool(
    _ message: JSONTree, id: String?, name: String?, _ arguments: JSONTree?, _ events: inout [ChatEvent]
  ) -> ProviderError? {
    outputBytes += (name?.utf8.count ?? 0) + (arguments?.string?.utf8.count ?? 0)
    let index = message["contentBlockIndex"]?.int ?? 0
    guard tools.take(index: index, id: id, name: name, arguments: arguments) else {
      return fail(invalid("too many tool calls"), &events)
    }
    return nil
  }

  /// The reason in the common words.
  static func finish(_ word: String?) -> FinishReason? {
    switch word {
    case "tool_use": .toolCalls
    case "guardrail_intervened", "content_filtered", "refusal": .contentFilter
    case "model_context_window_exceeded": .length
    default: FinishReason(word: word)
    }
  }

  // MARK: Ends

  private mutating func close() -> [ChatEvent] {
    isOver = true
    return tools.finishedCalls.map(ChatEvent.toolCall) + [.usage(finalUsage), .finished(finish ?? .stop)]
  }

  private func invalid(_ message: String) -> ProviderError { errors.classifier.invalid(message) }

  private mutating func fail(_ error: ProviderError) -> ProviderError {
    isOver = true
    return error
  }

  /// Fails after saying what was used, for that is charged all the same.
  private mutating func fail(_ error: ProviderError, _ events: inout [ChatEvent]) -> ProviderError {
    if outputBytes + reasoningBytes > 0 || usage != nil { events.append(.usage(finalUsage)) }
    return fail(error)
  }
}
