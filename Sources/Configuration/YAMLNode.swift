/// A place in a configuration file, counted from 1.
public struct SourcePosition: Sendable, Hashable, CustomStringConvertible {
  /// From 1.
  public var line: Int
  /// From 1, in characters.
  public var column: Int

  /// Makes a position.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// `3:14`.
  public var description: String { "\(line):\(column)" }
}

/// Why a file cannot be read at all.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong.
  public var message: String
  /// Where.
  public var position: SourcePosition

  /// `3:14: what is wrong`.
  public var description: String { "\(position): \(message)" }
}

/// Something in a file that is not used as it stands.
public struct ConfigurationWarning: Sendable, Hashable, CustomStringConvertible {
  /// What, and what happens instead.
  public var message: String
  /// Where; `nil` when it is not about a place in a file.
  public var position: SourcePosition?

  /// Makes a warning.
  public init(_ message: String, at position: SourcePosition? = nil) {
    self.message = message
    self.position = position
  }

  /// `3:14: what`.
  public var description: String { (position.map { "\($0): " } ?? "") + message }
}

/// A parsed YAML document.
struct YAMLNode: Sendable {
  /// What it is.
  enum Value: Sendable {
    /// Text; `isPlain` when written without quotes, so that it may also be a number or a null.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Entry])
  }

  /// A member of a mapping.
  struct Entry: Sendable {
    var key: String
    var keyPosition: SourcePosition
    var value: YAMLNode
  }

  var value: Value
  var position: SourcePosition
  /// Nodes in this tree, itself included, aliases expanded.
  var size: Int

  /// Whether it says "nothing".
  var isNull: Bool {
    if case .scalar(let text, isPlain: true) = value { return ["", "~", "null", "Null", "NULL"].contains(text) }
    return false
  }

  /// The text of a scalar.
  var text: String? {
    if case .scalar(let text, _) = value, !isNull { text } else { nil }
  }
}
