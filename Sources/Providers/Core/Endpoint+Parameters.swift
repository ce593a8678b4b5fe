extension Endpoint {
  /// What an entry says of a parameter that only some providers have, as JSON: values hold texts, in which numbers,
  /// flags, lists and objects are written as JSON.
  func parameter(_ name: String) -> JSONTree? {
    guard let text = values[name] else { return nil }
    if Self.textParameters.contains(name) { return .string(text) }
    guard let tree = try? JSONTree(parsing: Array(text.utf8)), tree != .null else { return .string(text) }
    return tree
  }

  /// The parameters of those names that are there.
  func parameters(_ names: [String]) -> [String: JSONTree] {
    names.reduce(into: [:]) { $0[$1] = parameter($1) }
  }

  /// What is a text even where it looks like a number.
  private static let textParameters: Set = [
    "user", "prompt_cache_key", "safety_identifier", "service_tier", "prompt_cache_retention", "route",
  ]
}

extension JSONTree {
  /// Compact JSON with sorted keys.
  public var jsonText: String { String(decoding: bytes, as: UTF8.self) }
}
