import HTTPTransport
import Ledger

/// Turns the bytes of a response (a stream of events, or the document of a model that does not stream) into
/// ``ChatEvent``s.
struct OpenAIResponsesDecoder: ChatDecoder {
  private let classifier: ErrorClassifier
  private var reader = AnswerObjectReader()
  private var tally: AnswerTally
  private var calls: [ToolCall] = []
  private var sawText = false
  private var sawReasoning = false
  private var refused = false
  private(set) var isOver = false

  private static let maxCalls = 128

  init(_ request: ChatRequest, classifier: ErrorClassifier) {
    tally = AnswerTally(request)
    self.classifier = classifier
  }

  var finalUsage: TokenUsage { tally.finalUsage }

  mutating func push(_ bytes: [UInt8]) -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    let (pieces, failure) = reader.push(bytes)
    for piece in pieces where !isOver {
      let error =
        switch piece {
        case .event(let event): take(event, &events)
        case .object(let text): take(document: text, &events)
        }
      if let error { return (events, error) }
    }
    if let failure, !isOver { return (events, fail(classifier.invalid(failure), &events)) }
    return (events, nil)
  }

  mutating func end() -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    if let last = reader.finish(), let error = take(last, &events) { return (events, error) }
    if isOver { return (events, nil) }
    events.append(.usage(finalUsage))
    isOver = true
    return (events, classifier.truncated(afterNothing: tally.isEmpty))
  }

  // MARK: Events

  private mutating func take(_ event: ServerSentEvent, _ events: inout [ChatEvent]) -> ProviderError? {
    // Not of the format, but some proxies cannot do without.
    if event.data.starts(with: "[DONE]".utf8) { return nil }
    guard let tree = try? JSONTree(parsing: event.data), case .object = tree else {
      return event.isCutByEnd ? nil : fail(classifier.invalid("an event of the answer is not a JSON object"), &events)
    }
    let type = tree["type"]?.string ?? event.name
    switch type {
    case "response.output_text.delta": emit(tree["delta"]?.string, ChatEvent.text, &events)
    case "response.refusal.delta":
      refused = true
      emit(tree["delta"]?.string, ChatEvent.refusal, &events)
    case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
      emit(tree["delta"]?.string, ChatEvent.reasoning, &events)
    case "response.output_item.done": return take(item: tree["item"], &events)
    case "response.completed", "response.incomplete":
      return finish(tree["response"] ?? tree, &events)
    case "response.failed", "response.cancelled": return failed(tree["response"] ?? tree, &events)
    case "error": return fail(classifier.error(inStream: tree), &events)
    default: if tree["error"] != nil { return fail(classifier.error(inStream: tree), &events) }
    }
    return nil
  }

  private mutating func take(document text: [UInt8], _ events: inout [ChatEvent]) -> ProviderError? {
    guard let tree = try? JSONTree(parsing: text) else {
      return fail(classifier.invalid("the answer is not JSON"), &events)
    }
    switch tree["status"]?.string {
    case "failed", "cancelled": return failed(tree, &events)
    case _ where tree["error"] != nil: return fail(classifier.error(inStream: tree), &events)
    case _ where tree["output"]?.array == nil: return fail(classifier.invalid("the answer has no output"), &events)
    default: return finish(tree, &events)
    }
  }

  private mutating func take(item: JSONTree?, _ events: inout [ChatEvent]) -> ProviderError? {
    guard let item, item["type"]?.string == "function_call" else { return nil }
    guard calls.count < Self.maxCalls else { return fail(classifier.invalid("too many tool calls"), &events) }
    let call = ToolCall(
      id: item["call_id"]?.string ?? item["id"]?.string ?? "", name: item["name"]?.string ?? "",
      arguments: item["arguments"]?.string ?? "")
    if !calls.contains(call) { calls.append(call) }
    return nil
  }

  private mutating func emit(_ text: String?, _ event: (String) -> ChatEvent, _ events: inout [ChatEvent]) {
    guard let text, !text.isEmpty else { return }
    let event = event(text)
    if case .text = event { sawText = true }
    if case .refusal = event { sawText = true }
    if case .reasoning = event { sawReasoning = true }
    tally.count(event)
    events.append(event)
  }

  // MARK: Ends

  /// The whole response: what did not come as deltas is taken from it.
  private mutating func finish(_ response: JSONTree, _ events: inout [ChatEvent]) -> ProviderError? {
    tally.usage = response["usage"].flatMap { OpenAIUsage.read($0) }
    let (textCame, reasoningCame) = (sawText, sawReasoning)
    for item in response["output"]?.array ?? [] {
      if let error = take(item: item, &events) { return error }
      guard !textCame else { continue }
      if !reasoningCame {
        for part in item["summary"]?.array ?? [] { emit(part["text"]?.string, ChatEvent.reasoning, &events) }
      }
      guard item["type"]?.string == "message" else { continue }
      for part in item["content"]?.array ?? [] {
        emit(part["text"]?.string, ChatEvent.text, &events)
        if let refusal = part["refusal"]?.string {
          refused = true
          emit(refusal, ChatEvent.refusal, &events)
        }
      }
    }
    for call in calls {
      tally.count(.toolCall(call))
      events.append(.toolCall(call))
    }
    events.append(.usage(finalUsage))
    events.append(.finished(reason(response)))
    isOver = true
    return nil
  }

  private func reason(_ response: JSONTree) -> FinishReason {
    if refused { return .contentFilter }
    if let word = response["incomplete_details"]?["reason"]?.string {
      switch word {
      case "max_output_tokens": return .length
      case "content_filter": return .contentFilter
      default: return .other(word)
      }
    }
    return calls.isEmpty ? .stop : .toolCalls
  }

  private mutating func failed(_ response: JSONTree, _ events: inout [ChatEvent]) -> ProviderError {
    tally.usage = response["usage"].flatMap { OpenAIUsage.read($0) }
    let error = response["error"].map { JSONTree.object(["error": $0]) } ?? .object([:])
    return fail(classifier.error(inStream: error), &events)
  }

  /// Fails after saying what was used, for that is charged all the same.
  private mutating func fail(_ error: ProviderError, _ events: inout [ChatEvent]) -> ProviderError {
    isOver = true
    if !tally.isEmpty { events.append(.usage(finalUsage)) }
    return error
  }
}
