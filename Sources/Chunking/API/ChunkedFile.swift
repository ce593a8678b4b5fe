/// What a `Chunker` found in one text.
public struct ChunkedFile: Sendable, Hashable {
  /// The language the text was read as.
  public var language: Language
  /// The declarations in the order of their first bytes; an enclosing one comes before those in it.
  public var declarations: [Declaration]
  /// The passages in order. Every line that is not blank is in exactly one of them.
  public var passages: [Passage]
  /// What the file imports, as written: `Foundation`, `"fmt"`, `os.path`. Distinct, in order of appearance.
  public var imports: [String]

  /// Creates a result from its parts.
  public init(language: Language, declarations: [Declaration], passages: [Passage], imports: [String] = []) {
    self.language = language
    self.declarations = declarations
    self.passages = passages
    self.imports = imports
  }
}
