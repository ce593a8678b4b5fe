import HTTPTransport

/// Names the errors of AWS, which come by the name of an exception.
struct BedrockErrors {
  let classifier: ErrorClassifier

  init(_ endpoint: Endpoint) {
    classifier = ErrorClassifier(provider: endpoint.provider, secrets: endpoint.secrets)
  }

  private static let kinds: [String: ProviderError.Kind] = [
    "accessdeniedexception": .permission, "throttlingexception": .rateLimit, "toomanyrequestsexception": .rateLimit,
    "modelnotreadyexception": .rateLimit, "servicequotaexceededexception": .rateLimit,
    "resourcenotfoundexception": .notFound, "modeltimeoutexception": .timeout, "modelerrorexception": .server,
    "modelstreamerrorexception": .server, "internalserverexception": .server, "internalfailure": .server,
    "serviceunavailableexception": .overloaded, "expiredtokenexception": .authentication,
    "unrecognizedclientexception": .authentication, "invalidsignatureexception": .authentication,
    "signaturedoesnotmatch": .authentication, "incompletesignatureexception": .authentication,
    "missingauthenticationtokenexception": .authentication, "invalidclienttokenid": .authentication,
  ]

  /// Names the error of a response that is not a success.
  func error(status: Int, headers: HTTPHeaders, body: [UInt8], now: Double) -> ProviderError {
    let tree = try? JSONTree(parsing: body)
    let name = (headers["x-amzn-errortype"] ?? tree?["__type"]?.string).map(Self.name)
    var error = classifier.error(status: status, headers: headers, body: body, now: now)
    let message = tree.flatMap(Self.message)
    if let message { error.message = classifier.clean(message) }
    error.code = name.map(classifier.short) ?? error.code
    error.kind = Self.kind(name, status: status, message: message)
    error.requestID = headers["x-amzn-requestid"].map(classifier.short) ?? error.requestID
    return error
  }

  /// Names the error that came as a message of the stream: the exception's name in its headers.
  func error(inStream message: EventStreamMessage) -> ProviderError {
    let name = (message.text(":exception-type") ?? message.text(":error-code")).map(Self.name)
    let tree = try? JSONTree(parsing: message.payload)
    let text = tree.flatMap(Self.message) ?? message.text(":error-message")
    let status = name?.lowercased() == "validationexception" ? 400 : 500
    return ProviderError(
      Self.kind(name, status: status, message: text), provider: classifier.provider,
      message: classifier.clean(text ?? "the provider reported an error"), code: name.map(classifier.short),
      mayBeCharged: true)
  }

  /// The class by name, else by status.
  private static func kind(_ name: String?, status: Int, message: String?) -> ProviderError.Kind {
    if let name, let kind = kinds[name.lowercased()] { return kind }
    var message = message
    // Bedrock passes on what the model's own server said.
    let prefix = "The model returned the following errors: "
    if let text = message, text.hasPrefix(prefix) { message = String(text.dropFirst(prefix.count)) }
    return ErrorClassifier.kind(status: status, ErrorClassifier.Report(message: message))
  }

  private static func message(_ tree: JSONTree) -> String? { tree["message"]?.string ?? tree["Message"]?.string }

  /// `ThrottlingException` of `com.amazon.coral#ThrottlingException:http://…`.
  private static func name(_ text: String) -> String {
    let end = text.prefix { $0 != ":" }
    return String(end.split(separator: "#").last ?? end)
  }
}
