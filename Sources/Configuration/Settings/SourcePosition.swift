/// A place in a configuration file, counted from 1.
public struct SourcePosition: Sendable, Hashable, CustomStringConvertible {
  /// From 1.
  public var line: Int
  /// From 1, in characters.
  public var column: Int
  /// The path of the file; `nil` for a text that is in none.
  public var file: String?

  /// Makes a position.
  public init(line: Int, column: Int, file: String? = nil) {
    self.line = line
    self.column = column
    self.file = file
  }

  /// `3:14`, or `/etc/models.yaml:3:14` in a file.
  public var description: String { (file.map { $0 + ":" } ?? "") + "\(line):\(column)" }

  /// Whether the left one stands before the right one; files are in the order of their names, and what has no place is first.
  public static func isOrdered(_ left: SourcePosition?, _ right: SourcePosition?) -> Bool {
    guard let left else { return right != nil }
    guard let right else { return false }
    if left.file != right.file { return (left.file ?? "") < (right.file ?? "") }
    return (left.line, left.column) < (right.line, right.column)
  }
}

/// A value and where it is written.
public struct Located<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// Where it is written.
  public var position: SourcePosition

  /// Makes a value with a place.
  public init(_ value: Value, at position: SourcePosition) {
    self.value = value
    self.position = position
  }
}

extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}
