import Assistant

/// The models of a command.
struct ModelSetup: Sendable {
  /// What answers in words; nil where only extractive answers are to be had.
  var model: (any AnswerModel)?

  /// Reads the configuration.
  ///
  /// - Throws: `CommandFailure` when the file that was named cannot be used.
  static func open(_ options: SharedOptions) throws -> ModelSetup {
    ModelSetup(model: nil)
  }

  /// Closes connections.
  func close() {}
}
