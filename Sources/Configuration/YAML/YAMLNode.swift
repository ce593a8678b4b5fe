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

extension YAMLNode {
  /// The value of a key, if it is a mapping that has it.
  func member(_ key: String) -> YAMLNode? {
    guard case .mapping(let entries) = value else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The texts among the elements of a list.
  var elementTexts: [String] {
    guard case .sequence(let elements) = value else { return [] }
    return elements.compactMap(\.text)
  }
}
