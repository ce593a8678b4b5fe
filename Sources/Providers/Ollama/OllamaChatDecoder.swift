import HTTPTransport
import Ledger

/// Turns the lines of Ollama's answer into ``ChatEvent``s. The line that says `done` is the last.
struct OllamaChatDecoder: ChatDecoder {
  private let classifier: ErrorClassifier
  private var lines = NDJSONDecoder()
  private var tally: AnswerTally
  private var calls = 0
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
    do {
      for line in try lines.push(bytes) where !isOver {
        if let error = take(line, isCut: false, &events) { return (events, error) }
      }
      return (events, nil)
    } catch {
      return (events, fail(classifier.invalid("a line of the answer is too long"), &events))
    }
  }

  mutating func end() -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    if let last = lines.finish(), !last.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }),
      let error = take(last, isCut: true, &events)
    {
      return (events, error)
    }
    if isOver { return (events, nil) }
    isOver = true
    events.append(.usage(finalUsage))
    return (events, classifier.truncated(afterNothing: tally.isEmpty))
  }

  private mutating func take(_ line: [UInt8], isCut: Bool, _ events: inout [ChatEvent]) -> ProviderError? {
    guard let tree = try? JSONTree(parsing: line), case .object = tree else {
      return isCut ? nil : fail(classifier.invalid("a line of the answer is not a JSON object"), &events)
    }
    if tree["error"] != nil { return fail(classifier.error(inStream: tree), &events) }
    let message = tree["message"]
    emit(message?["thinking"]?.string, ChatEvent.reasoning, &events)
    emit(message?["content"]?.string, ChatEvent.text, &events)
    for call in message?["tool_calls"]?.array ?? [] {
      calls += 1
      guard calls <= Self.maxCalls else { return fail(classifier.invalid("too many tool calls"), &events) }
      let arguments = call["function"]?["arguments"] ?? .object([:])
      let event = ChatEvent.toolCall(
        ToolCall(
          id: call["id"]?.string ?? "", name: call["function"]?["name"]?.string ?? "",
          arguments: arguments.string ?? String(decoding: arguments.bytes, as: UTF8.self)))
      tally.count(event)
      events.append(event)
    }
    if tree["done"] == .bool(true) { finish(tree, &events) }
    return nil
  }

  private mutating func emit(_ text: String?, _ event: (String) -> ChatEvent, _ events: inout [ChatEvent]) {
    guard let text, !text.isEmpty else { return }
    tally.count(event(text))
    events.append(event(text))
  }

  // MARK: Ends

  private mutating func finish(_ tree: JSONTree, _ events: inout [ChatEvent]) {
    isOver = true
    tally.usage = usage(tree)
    events.append(.usage(finalUsage))
    switch tree["done_reason"]?.string {
    case nil, "", "stop": events.append(.finished(calls > 0 ? .toolCalls : .stop))
    case "length": events.append(.finished(.length))
    case .some(let word): events.append(.finished(.other(word)))
    }
  }

  /// The counters. A prompt that was wholly in the cache is not counted at all: then its size is estimated.
  private func usage(_ tree: JSONTree) -> TokenUsage? {
    let counts = 0...1_000_000_000
    guard let output = tree["eval_count"]?.int, counts.contains(output) else { return nil }
    if let input = tree["prompt_eval_count"]?.int, counts.contains(input), input > 0 {
      return TokenUsage(input: input, output: output, provenance: .provider)
    }
    return TokenUsage(input: OpenAIUsage.estimatedInput(tally.request), output: output, provenance: .estimated)
  }

  /// Fails after saying what was used.
  private mutating func fail(_ error: ProviderError, _ events: inout [ChatEvent]) -> ProviderError {
    isOver = true
    if !tally.isEmpty { events.append(.usage(finalUsage)) }
    return error
  }
}
