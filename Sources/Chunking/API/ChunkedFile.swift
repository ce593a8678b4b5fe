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

  /// What to index instead of the text: as long, with the same lines, but without markup and what is no text. Nil where
  /// the text is read as it is. Passages then hold the lines that are not blank in it.
  public var readingText: [UInt8]?

  /// Creates a result from its parts.
  public init(
    language: Language, declarations: [Declaration], passages: [Passage], imports: [String] = [],
    readingText: [UInt8]? = nil
  ) {
    self.language = language
    self.declarations = declarations
    self.passages = passages
    self.imports = imports
    self.readingText = readingText
  }
}
