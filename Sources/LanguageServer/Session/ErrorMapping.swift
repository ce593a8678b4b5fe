import Assistant
import JSONRPC

extension ResponseError {
  /// What the client is told of an error of the engine. Optional details are left out, never null.
  init(_ error: EngineError) {
    var data: [String: JSONValue] = [
      "kind": .string(error.kind.rawValue), "retryable": .bool(error.retryable),
      "hint": .string(error.hint ?? error.kind.hint),
    ]
    if let delay = error.retryAfterMs { data["retryAfterMs"] = .integer(Int64(delay)) }
    if let provider = error.provider { data["provider"] = .string(provider) }
    if let model = error.model { data["model"] = .string(model) }
    let isInvalid = error.kind == .invalidParameters
    self.init(
      code: isInvalid ? Code.invalidParams : Code.requestFailed, message: error.message, data: .object(data))
  }

  /// What the client is told of any error of a handler.
  init(thrown error: any Error, method: String) {
    switch error {
    case let error as ResponseError: self = error
    case let error as EngineError: self.init(error)
    case is CancellationError:
      // The client did not cancel: then the request would have been answered already.
      self.init(EngineError(.cancelled, "The request was ended before it was done.", retryable: true))
    default:
      self = .internalError("'\(method)' failed: \(error)")
    }
  }

  /// What the client is told of parameters that do not fit.
  init(undecodable error: any Error) {
    self = .invalidParams(Self.describe(error))
  }

  private static func describe(_ error: any Error) -> String {
    func path(_ keys: [any CodingKey]) -> String {
      keys.reduce("params") { text, key in
        text + (key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)")
      }
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context)?:
      return "'\(path(context.codingPath + [key]))' is missing."
    case .valueNotFound(_, let context)?:
      return "'\(path(context.codingPath))' must not be null."
    case .typeMismatch(let type, let context)?:
      return "'\(path(context.codingPath))' must be of type \(type)."
    case .dataCorrupted(let context)?:
      return "'\(path(context.codingPath))' has a value that is not allowed."
    default:
      return "The parameters cannot be read: \(error)"
    }
  }
}

extension EngineError.Kind {
  /// What the user can do when the engine does not say.
  fileprivate var hint: String {
    switch self {
    case .invalidParameters: "Correct the parameter that the message names."
    case .model: "Name a model that 'rag/status' lists, or leave the model out."
    case .provider: "Try again, or choose another model."
    case .authentication: "Check the key of this provider."
    case .rateLimit: "Wait a little and try again."
    case .budget: "Raise the budget, or use the offline answerer (model 'extractive')."
    case .context: "Lower 'tokenBudget' or 'maxPassages', or choose a model with a larger context."
    case .index: "Rebuild the index with 'rag/reindex'."
    case .noWorkspace: "Open a folder."
    case .cancelled: "Ask again."
    }
  }
}
