import Assistant

/// Why a command failed, for the user: what happened, and what to do about it.
struct CommandFailure: Error, CustomStringConvertible {
  /// What happened and why.
  var message: String
  /// What the user can do.
  var hint: String?
  var exitCode: Int32 = 1

  var description: String {
    hint.map { "cicerone: \(message)\n  \($0)" } ?? "cicerone: \(message)"
  }

  init(_ message: String, hint: String? = nil, exitCode: Int32 = 1) {
    self.message = message
    self.hint = hint
    self.exitCode = exitCode
  }

  /// A wrong parameter is wrong usage; a cancelled request was interrupted; everything else is a failure.
  init(_ error: EngineError) {
    message = error.message
    hint = error.hint
    switch error.kind {
    case .invalidParameters: exitCode = 2
    case .cancelled: exitCode = 130
    default: exitCode = 1
    }
  }
}
