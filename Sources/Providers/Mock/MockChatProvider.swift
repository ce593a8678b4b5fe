import HTTPTransport
import Ledger

/// A model that follows a script, for tests and demonstrations: nothing leaves, nothing is paid.
///
/// The script stands in the endpoint's values, as entries write it: `mock_response` (what is said), `mock_delay_ms`
/// (before each word), `mock_error` (how it fails: at once, or after `mock_response` was said), `mock_usage` (the
/// counters it reports, as OpenAI writes them).
public struct MockChatProvider: ChatProvider {
  private let text: String
  private let delay: Duration
  private let failure: ProviderError.Kind?
  private let usage: TokenUsage?

  /// Said when the script says nothing.
  static let defaultResponse = "This is a scripted answer: no model was asked."

  /// Makes a provider of the script in an endpoint's values.
  public init(_ endpoint: Endpoint) {
    let values = endpoint.values
    var failure = values["mock_error"].map { Self.kind($0) ?? .server }
    var response = values["mock_response"]
    // LiteLLM writes a failure as the answer.
    if let name = response, let kind = Self.liteLLMErrors[name] {
      failure = kind
      response = nil
    }
    text = response ?? (failure == nil ? Self.defaultResponse : "")
    delay = .milliseconds(min(max(0, values["mock_delay_ms"].flatMap(Int.init) ?? 0), 600_000))
    self.failure = failure
    usage = values["mock_usage"].flatMap { try? JSONTree(parsing: Array($0.utf8)) }.flatMap { OpenAIUsage.read($0) }
  }

  /// Streams the script.
  public func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream {
    try await Self.pause(delay)
    if let failure, text.isEmpty { throw Self.error(failure, status: true) }
    let script = Script(events: events(request), failure: failure.map { Self.error($0, status: false) })
    return ChatStream { [delay] () async throws(ProviderError) in
      guard let (event, isFirst) = try await script.next() else { return nil }
      if event.isDelta, !isFirst { try await Self.pause(delay) }
      return event
    }
  }

  private func events(_ request: ChatRequest) -> [ChatEvent] {
    var events = Self.words(text).map(ChatEvent.text)
    events.append(
      .usage(usage ?? OpenAIUsage.estimate(request, outputBytes: text.utf8.count, reasoningBytes: 0)))
    if failure == nil { events.append(.finished(.stop)) }
    return events
  }

  /// Each word with the blanks before it.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    for character in text {
      if character.isWhitespace, let last = word.last, !last.isWhitespace {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    return word.isEmpty ? words : words + [word]
  }

  private static func pause(_ delay: Duration) async throws(ProviderError) {
    do {
      if delay > .zero { try await Task.sleep(for: delay) }
      try Task.checkCancellation()
    } catch {
      throw ProviderError(.cancelled, provider: "mock", message: "cancelled")
    }
  }

  // MARK: Scripts

  /// Whether an entry is scripted, whatever its provider.
  static func isScripted(_ values: [String: String]) -> Bool {
    values["mock_response"] != nil || values["mock_error"] != nil
  }

  /// Stands for an address. Scripts that differ are different servers: what befalls one says nothing of the other.
  static func endpoint(_ settings: ProviderSettings) throws(ProviderSetupError) -> Endpoint {
    var hash: UInt32 = 2_166_136_261
    for (name, value) in settings.values.sorted(by: { $0.key < $1.key }) {
      for byte in (name + "=" + value + ";").utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    }
    guard let base = try? HTTPURL("http://127.0.0.1:\(1 + hash % 65_535)/mock") else {
      throw ProviderSetupError("the script has no address")
    }
    return Endpoint(provider: "mock", base: base, values: settings.values, timeouts: settings.timeouts)
  }

  // MARK: Failures

  /// Reads the name of a class of errors: `rateLimit` or `rate_limit`.
  static func kind(_ name: String) -> ProviderError.Kind? {
    let wanted = name.lowercased().filter { $0 != "_" }
    return ProviderError.Kind.allCases.first { $0.rawValue.lowercased() == wanted }
      ?? liteLLMErrors.first { $0.key.lowercased() == wanted }?.value
  }

  private static let liteLLMErrors: [String: ProviderError.Kind] = [
    "litellm.RateLimitError": .rateLimit, "litellm.ContextWindowExceededError": .context,
    "litellm.InternalServerError": .server, "litellm.ContentPolicyViolationError": .contentPolicy,
    "litellm.AuthenticationError": .authentication, "litellm.Timeout": .timeout,
  ]

  private static func error(_ kind: ProviderError.Kind, status: Bool) -> ProviderError {
    let number: Int? =
      switch kind {
      case .authentication: 401
      case .billing: 402
      case .permission: 403
      case .notFound: 404
      case .context, .contentPolicy, .badRequest: 400
      case .rateLimit: 429
      case .overloaded: 503
      case .server: 500
      case .timeout, .network, .truncated, .cancelled: nil
      }
    return ProviderError(
      kind, provider: "mock", message: "the script says so", status: status ? number : nil, code: "mock_error",
      mayBeCharged: !status)
  }
}

/// What is left of a script.
private actor Script {
  private let events: [ChatEvent]
  private let failure: ProviderError?
  private var position = 0

  init(events: [ChatEvent], failure: ProviderError?) {
    self.events = events
    self.failure = failure
  }

  func next() throws(ProviderError) -> (event: ChatEvent, isFirst: Bool)? {
    guard position < events.count else {
      if let failure { throw failure }
      return nil
    }
    defer { position += 1 }
    return (events[position], position == 0)
  }
}
