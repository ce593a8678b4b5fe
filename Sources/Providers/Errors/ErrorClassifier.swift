import HTTPTransport

/// Reads error bodies of OpenAI's format and its relatives, and names their class.
///
/// The class depends on the status and on structured codes alone: messages may echo the prompt. One exception is
/// documented at ``isContextMessage(_:)``.
struct ErrorClassifier {
  let provider: String
  /// Never to be shown, whatever the provider echoes.
  let secrets: [Secret]

  /// The parts of an error object, wherever they stood.
  struct Report: Equatable {
    var message: String?
    var type: String?
    var code: String?
    var parameter: String?
  }

  /// The longest message kept, in bytes.
  static let maxMessageBytes = 500
  /// The longest code, parameter or name of a request kept, in bytes.
  static let maxWordBytes = 128

  /// Names the error of a response that is not a success.
  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    let report = (try? JSONTree(parsing: body)).flatMap(Self.report) ?? Report()
    let advice = RetryAdvice(headers, now: now, status: status)
    return ProviderError(
      Self.kind(status: status, report), provider: provider,
      message: (300..<400).contains(status)
        ? "HTTP status \(status): redirects are not followed" : clean(report.message ?? "HTTP status \(status)"),
      status: status,
      code: (report.code ?? report.type).map(short), parameter: report.parameter.map(short), retryAfter: advice.after,
      // A request larger than what a minute allows stays so: nothing is gained by waiting.
      shouldRetry: advice.shouldRetry ?? (status == 413 ? false : nil), requestID: Self.requestID(headers).map(short),
      mayBeCharged: Self.timeoutStatuses.contains(status))
  }

  /// What gateways say when they stopped waiting: whoever works behind them may have gone on.
  private static let timeoutStatuses: Set = [408, 499, 504, 524]

  /// The provider's name of a request, under the names in use.
  static func requestID(_ headers: HTTPHeaders) -> String? {
    ["x-request-id", "request-id", "apim-request-id", "x-generation-id", "x-litellm-call-id"].lazy
      .compactMap { headers[$0] }.first
  }

  /// Names the error that came as an event, after a status of success.
  func error(inStream tree: JSONTree) -> ProviderError {
    let report = Self.report(tree) ?? Report()
    let status = Self.status(tree, report)
    return ProviderError(
      Self.kind(status: status, report), provider: provider,
      message: clean(report.message ?? "the provider reported an error"),
      code: (report.code ?? report.type).map(short), parameter: report.parameter.map(short), mayBeCharged: true)
  }

  /// The status that would have been: compatible servers put it into `code` or beside it.
  private static func status(_ tree: JSONTree, _ report: Report) -> Int {
    let error = tree["error"]
    let candidates = [
      report.code.flatMap { Int($0) }, error?["status_code"]?.int, error?["status"]?.int, tree["status_code"]?.int,
    ]
    if let status = candidates.lazy.compactMap({ $0 }).first(where: { (400...599).contains($0) }) { return status }
    return [report.type, report.code].lazy.compactMap { $0.flatMap { statusOfType[$0] } }.first ?? 500
  }

  /// Finds the error in a tree: `error` an object or a string, or its members at the root; possibly in a list of one.
  static func report(_ tree: JSONTree) -> Report? {
    let root = tree[0] ?? tree
    if let text = root["error"]?.string { return Report(message: text, code: root["code"]?.code) }
    let error = root["error"] ?? root
    var parameter = error["param"]?.string
    if parameter == nil, let place = root["detail"]?[0]?["loc"]?.array?.last?.string { parameter = place }
    let message =
      error["message"]?.string ?? error["detail"]?.string ?? root["detail"]?[0]?["msg"]?.string
    // Who routes to others says so when a filter refused; the code is the bare status.
    let type = error["metadata"]?["flagged_input"] == nil ? error["type"]?.string : "content_policy_violation"
    let code = error["code"]?.code ?? error["details"]?["error_code"]?.string
    return Report(message: message, type: type, code: code, parameter: parameter)
  }

  private static let billingCodes: Set = [
    "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_hard_limit_reached",
    "budget_exceeded", "billing_error", "enforced_spend_limit_reached",
  ]

  /// The status that a type of error has when it is not in the midst of a stream.
  private static let statusOfType = [
    "invalid_request_error": 400, "invalid_prompt": 400, "BadRequestError": 400, "authentication_error": 401,
    "billing_error": 402, "permission_error": 403,
    "not_found_error": 404, "request_too_large": 413, "rate_limit_error": 429, "api_error": 500, "timeout_error": 504,
    "overloaded_error": 529,
  ]

  /// The class of a status and a report.
  static func kind(status: Int, _ report: Report) -> ProviderError.Kind {
    let codes = [report.code, report.type].compactMap { $0 }
    func has(_ names: String...) -> Bool { names.contains { codes.contains($0) } }
    if status == 402 || !billingCodes.isDisjoint(with: codes) { return .billing }
    // The last is what a LiteLLM proxy without a database says to every key but its own.
    if status == 401 || has("invalid_api_key", "authentication_error", "no_db_connection") { return .authentication }
    if has("context_length_exceeded", "exceed_context_size_error") { return .context }
    if has("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation") { return .contentPolicy }
    if has("model_not_found", "DeploymentNotFound", "not_found_error") { return .notFound }
    if has("rate_limit_exceeded", "rate_limit_error", "slow_down") { return .rateLimit }
    if has("overloaded_error", "server_is_overloaded", "service_unavailable_error") { return .overloaded }
    switch status {
    // Not the server that was meant; another deployment may be.
    case 300..<400: return .notFound
    case 403: return .permission
    case 404: return .notFound
    case 408: return .timeout
    case 429: return .rateLimit
    case 498, 503, 529: return .overloaded
    case 409, 424, 499, 500...599: return .server
    case 400 where report.message.map(isContextMessage) ?? false: return .context
    case 400 where report.message.map(isBillingMessage) ?? false: return .billing
    case 400 where report.message.map(isUnknownModelMessage) ?? false: return .notFound
    default: return .badRequest
    }
  }

  /// vLLM and its relatives give no code for input that is too long. Their sentence is recognised at the very start of
  /// the message only, where nothing of the prompt can stand, and with status 400 only.
  private static func isContextMessage(_ message: String) -> Bool {
    contextSentences.contains { message.hasPrefix($0) }
  }

  /// A LiteLLM proxy says `ROUTE: Invalid model name passed in model=…`, with nothing of the prompt before it.
  private static func isUnknownModelMessage(_ message: String) -> Bool {
    guard let colon = message.firstIndex(of: ":"), !message[..<colon].contains(" ") else { return false }
    return message[colon...].hasPrefix(": Invalid model name passed in model=")
  }

  private static let contextSentences = [
    "This model's maximum context length is ", "This model's maximum prompt length is ",
    "This endpoint's maximum context length is ", "The prompt is too long", "prompt is too long",
    "input length and `max_tokens` exceed context limit", "Input is too long for requested model",
    "too many tokens: ", "Prompt contains ", "litellm.ContextWindowExceededError", "The input token count ",
    "the input length exceeds the context length", "input length exceeds", "prompt too long; exceeded",
  ]

  /// Anthropic says in words alone that an account is empty or at the limit its owner set: recognised as above.
  private static func isBillingMessage(_ message: String) -> Bool {
    ["Your credit balance is too low", "You have reached your specified API usage limits"].contains {
      message.hasPrefix($0)
    }
  }

  /// An answer that is not what the format says.
  func invalid(_ message: String) -> ProviderError {
    ProviderError(.server, provider: provider, message: message, code: "invalid_response", mayBeCharged: true)
  }

  /// An answer that ended without its format's marker.
  func truncated(afterNothing: Bool) -> ProviderError {
    ProviderError(
      .truncated, provider: provider,
      message: afterNothing ? "the answer ended before it began" : "the answer broke off", mayBeCharged: true)
  }

  /// A message fit to be shown: keys removed, one line, bounded.
  func clean(_ message: String) -> String {
    let text = cleaned(message)
    guard text.utf8.count > Self.maxMessageBytes else { return text }
    return String(decoding: text.utf8.prefix(Self.maxMessageBytes), as: UTF8.self) + "…"
  }

  /// A code, or another word of the provider's, fit to be shown and to be kept: as ``clean(_:)``, but cut shorter.
  func short(_ word: String) -> String {
    let text = cleaned(word)
    guard text.utf8.count > Self.maxWordBytes else { return text }
    // No scalar is cut in two.
    var end = text.utf8.index(text.startIndex, offsetBy: Self.maxWordBytes)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text.unicodeScalars[..<end])
  }

  private func cleaned(_ message: String) -> String {
    var text = secrets.reduce(message) { $1.scrubbed(from: $0) }
    text = Self.maskTokens(text)
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
  }

  /// Providers echo keys in part (`sk-ab***yz`): anything that looks like one is masked, ours or not.
  private static func maskTokens(_ text: String) -> String {
    guard text.contains("sk-") || text.contains("Bearer ") else { return text }
    var hidesNext = false
    return text.split(separator: " ", omittingEmptySubsequences: false).map { word -> String in
      defer { hidesNext = word.hasSuffix("Bearer") }
      if hidesNext { return "•••" }
      guard let start = word.firstRange(of: "sk-") else { return String(word) }
      return word[..<start.lowerBound] + "sk-•••"
    }.joined(separator: " ")
  }
}
