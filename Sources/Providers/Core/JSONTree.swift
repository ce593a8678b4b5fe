/// JSON of unknown shape: what servers that are merely compatible send.
///
/// Hand-written because the lenient reader asks "is it a string, a list or null?" at every turn, which costs a thrown
/// error a question with `Codable`; and because depth must be bounded for bytes that come from anywhere.
public enum JSONTree: Sendable, Hashable {
  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A number without a fraction.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// Text.
  case string(String)
  /// A list.
  case array([JSONTree])
  /// Members by name; of equal names the last.
  case object([String: JSONTree])

  /// What is wrong with the text.
  struct Malformed: Error, Equatable {
    /// Where, in bytes.
    let offset: Int
  }

  /// Parses the whole of `bytes`.
  init(parsing bytes: [UInt8]) throws(Malformed) {
    self = try bytes.withUnsafeBufferPointer { (buffer) throws(Malformed) in
      var parser = JSONParser(buffer)
      return try parser.document()
    }
  }

  /// A member of an object.
  subscript(key: String) -> JSONTree? {
    guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
    return value
  }

  /// An element of an array.
  subscript(index: Int) -> JSONTree? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// An integer, also when written as `5.0` or `"5"`.
  var int: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value.rounded())
    case .string(let text): Int(text)
    default: nil
    }
  }

  /// A count of tokens; `nil` for what no request can have (negative, or more than 10¹²), so that sums of a few never
  /// overflow.
  var tokenCount: Int? { int.flatMap { Self.tokenCounts.contains($0) ? $0 : nil } }

  /// What counts of tokens may be.
  static let tokenCounts = 0...1_000_000_000_000

  /// A string, or a number in decimal: codes come as either.
  var code: String? {
    switch self {
    case .string(let text): text
    case .integer(let value): String(value)
    default: nil
    }
  }

  var array: [JSONTree]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The text of a content field: a string, or the `text` of each part of a list.
  var contentText: String? {
    switch self {
    case .string(let text): text
    case .array(let parts):
      parts.compactMap { part in
        part.string
          ?? (part["type"]?.string.map { $0 == "text" || $0 == "output_text" } ?? true
            ? part["text"]?.string : nil)
      }.joined()
    default: nil
    }
  }
}
