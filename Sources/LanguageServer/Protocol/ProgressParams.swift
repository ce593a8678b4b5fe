import JSONRPC

/// The tokens that any request may carry for progress and partial results.
struct ProgressTokens: Sendable, Decodable {
  var workDoneToken: RequestID?
  var partialResultToken: RequestID?
}

/// `$/progress`.
struct ProgressParams<Value: Encodable & Sendable>: Sendable, Encodable {
  var token: RequestID
  var value: Value
}

/// A value of work-done progress.
struct WorkDoneValue: Sendable, Encodable, Equatable {
  enum Kind: String, Sendable, Encodable { case begin, report, end }
  var kind: Kind
  var title: String?
  var cancellable: Bool?
  var message: String?
  var percentage: Int?
}

/// `window/workDoneProgress/create`.
struct CreateProgressParams: Sendable, Encodable {
  var token: RequestID
}
