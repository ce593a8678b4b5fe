import HTTPTransport
import Ledger

/// Turns the bytes of Gemini's answer into ``ChatEvent``s: events, the elements of a list (what comes without
/// `alt=sse`), or one document.
///
/// The format has no marker at its end: an answer is complete when it said why it ended. It ends at once when that comes
/// with the counters, else with the connection.
struct GeminiDecoder: ChatDecoder {
  private let classifier: GeminiErrorClassifier
  private var reader = AnswerObjectReader()
  private var tally: AnswerTally
  private var calls = 0
  private var finish: FinishReason?
  private(set) var isOver = false

  private static let maxCalls = 128

  init(_ request: ChatRequest, classifier: GeminiErrorClassifier) {
    tally = AnswerTally(request)
    self.classifier = classifier
  }

  /// The counters come with every piece, each so far: until the answer said why it ended, more came than they say.
  var finalUsage: TokenUsage {
    guard finish == nil, var usage = tally.usage else { return tally.finalUsage }
    let estimate = tally.estimate
    usage.output = max(usage.output, estimate.output)
    usage.reasoning = max(usage.reasoning, estimate.reasoning)
    usage.provenance = .estimated
    return usage
  }

  mutating func push(_ bytes: [UInt8]) -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    let (pieces, failure) = reader.push(bytes)
    for piece in pieces where !isOver {
      let error =
        switch piece {
        case .event(let event): take(event.data, isCut: event.isCutByEnd, &events)
        case .object(let text): take(text, isCut: false, &events)
        }
      if let error { return (events, error) }
    }
    if let failure, !isOver { return (events, fail(classifier.invalid(failure), &events)) }
    return (events, nil)
  }

  mutating func end() -> (events: [ChatEvent], error: ProviderError?) {
    guard !isOver else { return ([], nil) }
    var events: [ChatEvent] = []
    if let last = reader.finish(), let error = take(last.data, isCut: true, &events) { return (events, error) }
    if isOver { return (events, nil) }
    if finish != nil {
      close(&events)
      return (events, nil)
    }
    isOver = true
    events.append(.usage(finalUsage))
    return (events, classifier.truncated(afterNothing: tally.isEmpty))
  }

  private mutating func take(_ text: [UInt8], isCut: Bool, _ events: inout [ChatEvent]) -> ProviderError? {
    // Not of the format, but proxies that also speak others send it.
    if text.starts(with: "[DONE]".utf8) { return nil }
    guard let tree = try? JSONTree(parsing: text), case .object = tree else {
      return isCut ? nil : fail(classifier.invalid("a piece of the answer is not a JSON object"), &events)
    }
    if tree["error"] != nil { return fail(classifier.error(inStream: tree), &events) }
    if let usage = tree["usageMetadata"].flatMap(Self.usage) { tally.usage = usage }
    let candidate = tree["candidates"]?.array?.first { ($0["index"]?.int ?? 0) == 0 }
    if candidate == nil, let reason = tree["promptFeedback"]?["blockReason"]?.string,
      reason != "BLOCK_REASON_UNSPECIFIED"
    {
      // Nothing comes after: the counters are final.
      finish = .contentFilter
      let word = classifier.short(reason)
      return fail(
        ProviderError(
          .contentPolicy, provider: classifier.provider, message: "the prompt was blocked (\(word))", code: word,
          mayBeCharged: true), &events)
    }
    for part in candidate?["content"]?["parts"]?.array ?? [] {
      if let error = take(part: part, &events) { return error }
    }
    if let reason = candidate?["finishReason"]?.string.flatMap(Self.reason) { finish = reason }
    if finish != nil, tree["usageMetadata"] != nil { close(&events) }
    return nil
  }

  private mutating func take(part: JSONTree, _ events: inout [ChatEvent]) -> ProviderError? {
    if let text = part["text"]?.string, !text.isEmpty {
      let event = part["thought"] == .bool(true) ? ChatEvent.reasoning(text) : .text(text)
      tally.count(event)
      events.append(event)
    }
    if let call = part["functionCall"] {
      calls += 1
      guard calls <= Self.maxCalls else { return fail(classifier.invalid("too many tool calls"), &events) }
      let event = ChatEvent.toolCall(
        ToolCall(
          id: call["id"]?.string ?? "", name: call["name"]?.string ?? "",
          arguments: String(decoding: (call["args"] ?? .object([:])).bytes, as: UTF8.self)))
      tally.count(event)
      events.append(event)
    }
    return nil
  }

  /// Cumulative counters: cached input is in the prompt's, thoughts are beside the candidates'.
  static func usage(_ tree: JSONTree) -> TokenUsage? {
    guard let prompt = tree["promptTokenCount"]?.int else { return nil }
    let cached = tree["cachedContentTokenCount"]?.int ?? 0
    let tools = tree["toolUsePromptTokenCount"]?.int ?? 0
    let shown = tree["candidatesTokenCount"]?.int ?? 0
    let thought = tree["thoughtsTokenCount"]?.int ?? 0
    guard [prompt, cached, tools, shown, thought].allSatisfy({ JSONTree.tokenCounts.contains($0) }) else {
      return nil
    }
    var usage = TokenUsage(
      input: prompt + tools - cached, cacheRead: cached, output: shown, reasoning: thought, provenance: .provider)
    if let total = tree["totalTokenCount"]?.int, total != usage.total { usage.isSuspect = true }
    return usage
  }

  private static func reason(_ word: String) -> FinishReason? {
    switch word {
    case "", "FINISH_REASON_UNSPECIFIED": nil
    case "STOP": .stop
    case "MAX_TOKENS": .length
    case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE": .contentFilter
    case _ where word.hasPrefix("IMAGE_"): .contentFilter
    default: .other(word)
    }
  }

  // MARK: Ends

  private mutating func close(_ events: inout [ChatEvent]) {
    isOver = true
    events.append(.usage(finalUsage))
    let reason = finish ?? .stop
    events.append(.finished(reason == .stop && calls > 0 ? .toolCalls : reason))
  }

  /// Fails after saying what was used, for that is charged all the same.
  private mutating func fail(_ error: ProviderError, _ events: inout [ChatEvent]) -> ProviderError {
    isOver = true
    if !tally.isEmpty { events.append(.usage(finalUsage)) }
    return error
  }
}
