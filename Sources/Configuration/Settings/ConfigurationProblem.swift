/// Something in a configuration that is wrong, is not used as it stands, or is worth knowing.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
  /// How bad it is.
  public enum Severity: String, Sendable, Hashable, CaseIterable {
    /// The file cannot be used as it is.
    case error
    /// Something has not the effect that it seems to have.
    case warning
    /// Nothing to worry about: what is known and has no effect here.
    case note
  }

  /// How bad it is.
  public var severity: Severity
  /// What is wrong, and what happens instead. Never the value of a secret, nor of a variable.
  public var message: String
  /// What the user can do.
  public var hint: String?
  /// Where; `nil` when it is not about a place in a file.
  public var position: SourcePosition?

  /// Makes a warning, or a problem of another severity.
  public init(
    _ message: String, at position: SourcePosition? = nil, severity: Severity = .warning, hint: String? = nil
  ) {
    self.message = message
    self.position = position
    self.severity = severity
    self.hint = hint
  }

  /// `3:14: what`.
  public var description: String { (position.map { "\($0): " } ?? "") + message }
}

/// A problem that is not an error; the name that the builders of deployments use.
public typealias ConfigurationWarning = ConfigurationProblem

/// Why a file cannot be used.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong.
  public var message: String
  /// Where.
  public var position: SourcePosition
  /// What the user can do.
  public var hint: String?

  /// Makes an error.
  public init(message: String, position: SourcePosition, hint: String? = nil) {
    self.message = message
    self.position = position
    self.hint = hint
  }

  /// `3:14: what is wrong`.
  public var description: String { "\(position): \(message)" }
}
