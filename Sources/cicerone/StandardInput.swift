/// Standard input of a command.
enum StandardInput {
  /// Its lines as they come; invalid UTF-8 is repaired.
  static func lines() -> some Sequence<String> {
    sequence(state: ()) { _ in readLine(strippingNewline: true) }
  }

  /// All of it.
  static func readAll() -> String { lines().joined(separator: "\n") }
}
