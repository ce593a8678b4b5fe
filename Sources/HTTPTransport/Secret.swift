/// A credential that cannot be shown by accident.
///
/// Printing, dumping, reflecting and interpolating give `•••`; it is not `Codable`; its text is reachable only through
/// ``withExposedText(_:)``, a name that is easy to find in a review. Equality takes the same time wherever the two
/// values differ.
public struct Secret: Sendable {
  private let text: String

  /// Wraps `text`. Whitespace around it (a file's trailing newline, say) is dropped, for a header would refuse it.
  /// `nil` when nothing is left.
  public init?(_ text: String) {
    var bytes = text.utf8[...]
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    while let first = bytes.first, isBlank(first) { bytes = bytes.dropFirst() }
    while let last = bytes.last, isBlank(last) { bytes = bytes.dropLast() }
    guard !bytes.isEmpty else { return nil }
    self.text = String(Substring(bytes))
  }

  /// Lends the text to `body`, for the one place that writes it to the wire.
  public func withExposedText<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    try body(text)
  }

  /// `text` with every occurrence of the secret replaced by `•••`.
  public func scrubbed(from text: String) -> String {
    let needle = Array(self.text.utf8)
    let haystack = Array(text.utf8)
    guard haystack.count >= needle.count else { return text }
    var result: [UInt8] = []
    var index = 0
    var found = false
    while index < haystack.count {
      if index + needle.count <= haystack.count, haystack[index..<index + needle.count].elementsEqual(needle) {
        result.append(contentsOf: Secret.mask.utf8)
        index += needle.count
        found = true
      } else {
        result.append(haystack[index])
        index += 1
      }
    }
    return found ? String(decoding: result, as: UTF8.self) : text
  }

  private static let mask = "•••"
}

extension Secret: Hashable {
  /// Compares without stopping at the first difference.
  public static func == (left: Secret, right: Secret) -> Bool {
    guard left.text.utf8.count == right.text.utf8.count else { return false }
    return zip(left.text.utf8, right.text.utf8).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// Feeds the hasher, whose seed is random for each process, so the value reveals nothing.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Always `•••`.
  public var description: String { Secret.mask }
  /// Always `•••`.
  public var debugDescription: String { Secret.mask }
  /// A mirror without children, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension DefaultStringInterpolation {
  /// A secret has no place in a string: this does not compile.
  @available(*, unavailable, message: "a secret must not be put into a string")
  public mutating func appendInterpolation(_ secret: Secret) {}
}
