import HTTPTransport
import Ledger

/// Turns the bytes of a message (a stream of events, or one JSON document from servers that do not stream) into
/// ``ChatEvent``s. Pure.
struct AnthropicChatDecoder: ChatDecoder {
  private let request: ChatRequest
  private let classifier: ErrorClassifier

  private var reader = AnswerReader()
  private var tools = ToolCallAssembly()
  private var usage = AnthropicUsage()
  /// Whether the counters are those of the end.
  private var hasFinalUsage = false
  private var finish: FinishReason?
  private var outputBytes = 0
  private var reasoningBytes = 0
  /// The last event has been returned, or an error: nothing more comes.
  private(set) var isOver = false

  init(_ request: ChatRequest, classifier: ErrorClassifier) {
    self.request = request
    self.classifier = classifier
  }

  mutating func push(_ bytes: [UInt8]) -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    do throws(AnswerReader.Malformed) {
      for message in try reader.push(bytes) where !isOver {
        if let error = take(message, &events) { return (events, error) }
      }
      return (events, nil)
    } catch {
      return ([], fail(classifier.invalid(error.message)))
    }
  }

  mutating func end() -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    do throws(AnswerReader.Malformed) {
      switch try reader.end() {
      case .event(let last)?:
        if let error = take(last, &events) { return (events, error) }
      case .document(let tree)?:
        if let error = take(document: tree, &events) { return (events, error) }
        return (events + close(), nil)
      case nil: break
      }
    } catch {
      return ([], fail(classifier.invalid(error.message)))
    }
    if isOver { return (events, nil) }
    events.append(.usage(finalUsage))
    return (events, fail(classifier.truncated(afterNothing: outputBytes + reasoningBytes == 0)))
  }

  /// What has been used so far. The first counters say how much went in; until the last have come, what came out is
  /// counted here.
  var finalUsage: TokenUsage {
    usage.completing(
      OpenAIUsage.estimate(request, outputBytes: outputBytes, reasoningBytes: reasoningBytes), isFinal: hasFinalUsage)
  }

  // MARK: Events

  private mutating func take(_ message: ServerSentEvent, _ events: inout [ChatEvent]) -> ProviderError? {
    // Some proxies end every stream with OpenAI's marker.
    if message.data.starts(with: "[DONE]".utf8) { return nil }
    guard let tree = try? JSONTree(parsing: message.data), case .object = tree else {
      return message.isCutByEnd ? nil : fail(classifier.invalid("an event of the answer is not a JSON object"), &events)
    }
    let kind = tree["type"]?.string ?? message.name
    switch kind {
    case "message_start":
      if let counters = tree["message"]?["usage"] ?? tree["usage"] { usage.take(counters) }
    case "content_block_start":
      return take(block: tree["content_block"], index: tree["index"]?.int ?? 0, &events)
    case "content_block_delta":
      return take(delta: tree["delta"], index: tree["index"]?.int ?? 0, &events)
    case "message_delta":
      if let counters = tree["usage"] {
        usage.take(counters)
        hasFinalUsage = true
      }
      finish = Self.finish(tree["delta"]?["stop_reason"]?.string) ?? finish
    case "message_stop": events += close()
    case "error": return fail(classifier.error(inStream: tree), &events)
    default:
      if tree["error"] != nil { return fail(classifier.error(inStream: tree), &events) }
    }
    return nil
  }

  private mutating func take(block: JSONTree?, index: Int, _ events: inout [ChatEvent]) -> ProviderError? {
    guard let block else { return nil }
    switch block["type"]?.string {
    case "text": add(text: block["text"]?.string, &events)
    case "thinking": add(reasoning: block["thinking"]?.string, &events)
    case "tool_use":
      // A stream gives the input in pieces after an empty object, a document gives it whole.
      let input = block["input"].flatMap { $0 == .object([:]) ? nil : $0 }
      return addTool(index: index, id: block["id"]?.string, name: block["name"]?.string, arguments: input, &events)
    default: break
    }
    return nil
  }

  private mutating func take(delta: JSONTree?, index: Int, _ events: inout [ChatEvent]) -> ProviderError? {
    guard let delta else { return nil }
    switch delta["type"]?.string {
    case "text_delta": add(text: delta["text"]?.string, &events)
    case "thinking_delta": add(reasoning: delta["thinking"]?.string, &events)
    case "input_json_delta":
      return addTool(index: index, id: nil, name: nil, arguments: delta["partial_json"], &events)
    default: break
    }
    return nil
  }

  private mutating func take(document tree: JSONTree, _ events: inout [ChatEvent]) -> ProviderError? {
    if tree["error"] != nil || tree["type"]?.string == "error" {
      return fail(classifier.error(inStream: tree), &events)
    }
    guard let blocks = tree["content"]?.array else {
      return fail(classifier.invalid("the answer has no content"), &events)
    }
    if let counters = tree["usage"] { usage.take(counters) }
    hasFinalUsage = true
    for (index, block) in blocks.enumerated() {
      if let error = take(block: block, index: index, &events) { return error }
    }
    finish = Self.finish(tree["stop_reason"]?.string)
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
    index: Int, id: String?, name: String?, arguments: JSONTree?, _ events: inout [ChatEvent]
  ) -> ProviderError? {
    outputBytes += (name?.utf8.count ?? 0) + (arguments?.string?.utf8.count ?? 0)
    guard tools.take(index: index, id: id, name: name, arguments: arguments) else {
      return fail(classifier.invalid("too many tool calls"), &events)
    }
    return nil
  }

  /// The reason in the common words.
  static func finish(_ word: String?) -> FinishReason? {
    switch word {
    case "tool_use": .toolCalls
    case "refusal": .contentFilter
    case "model_context_window_exceeded": .length
    default: FinishReason(word: word)
    }
  }

  // MARK: Ends

  private mutating func close() -> [ChatEvent] {
    isOver = true
    return tools.finishedCalls.map(ChatEvent.toolCall) + [.usage(finalUsage), .finished(finish ?? .stop)]
  }

  private mutating func fail(_ error: ProviderError) -> ProviderError {
    isOver = true
    return error
  }

  /// Fails after saying what was used, for that is charged all the same.
  private mutating func fail(_ error: ProviderError, _ events: inout [ChatEvent]) -> ProviderError {
    if outputBytes + reasoningBytes > 0 || !usage.isEmpty { events.append(.usage(finalUsage)) }
    return fail(error)
  }
}
