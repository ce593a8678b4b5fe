/// A text in one language and the declarations in it, for each row of the language table.
///
/// `expected` has a line a declaration: two spaces for each that encloses it, kind, name, `@` and its one-based line.
struct Fixture: Sendable {
  var id: String
  var text: String
  var expected: String

  static let all = braces + cFamily + words + data
}
