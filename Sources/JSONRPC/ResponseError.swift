/// The error of a reply (JSON-RPC 2.0 section 5.1, LSP 3.17 `ResponseError`).
public struct ResponseError: Error, Sendable, Codable, Hashable {
  /// The kind of error; see the static factories for those that are used.
  public var code: Int
  /// What happened, in a sentence.
  public var message: String
  /// Details that a program can read.
  public var data: JSONValue?

  /// Makes an error.
  public init(code: Int, message: String, data: JSONValue? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  /// The numbers of JSON-RPC and of LSP.
  public enum Code {
    /// The message is not JSON.
    public static let parseError = -32700
    /// The message is no request, or may not be sent now.
    public static let invalidRequest = -32600
    /// No such method.
    public static let methodNotFound = -32601
    /// The parameters do not fit the method.
    public static let invalidParams = -32602
    /// A fault of ours.
    public static let internalError = -32603
    /// A request came before `initialize`.
    public static let serverNotInitialized = -32002
    /// The client cancelled the request.
    public static let requestCancelled = -32800
    /// The request was understood and could not be done.
    public static let requestFailed = -32803
  }

  /// The message is not JSON.
  public static func parseError(_ message: String) -> ResponseError {
    ResponseError(code: Code.parseError, message: message)
  }
  /// The message is no request, or may not be sent now.
  public static func invalidRequest(_ message: String) -> ResponseError {
    ResponseError(code: Code.invalidRequest, message: message)
  }
  /// No method has this name.
  public static func methodNotFound(_ method: String) -> ResponseError {
    ResponseError(code: Code.methodNotFound, message: "There is no method '\(method)'.")
  }
  /// The parameters do not fit the method.
  public static func invalidParams(_ message: String, data: JSONValue? = nil) -> ResponseError {
    ResponseError(code: Code.invalidParams, message: message, data: data)
  }
  /// A fault of ours.
  public static func internalError(_ message: String) -> ResponseError {
    ResponseError(code: Code.internalError, message: message)
  }
  /// A request came before `initialize`.
  public static let serverNotInitialized = ResponseError(
    code: Code.serverNotInitialized, message: "The server is not initialized: send 'initialize' first.")
  /// The client cancelled the request.
  public static let requestCancelled = ResponseError(
    code: Code.requestCancelled, message: "The request was cancelled by the client.")
  /// The request was understood and could not be done.
  public static func requestFailed(_ message: String, data: JSONValue? = nil) -> ResponseError {
    ResponseError(code: Code.requestFailed, message: message, data: data)
  }
}
