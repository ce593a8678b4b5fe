/// A language, named as the Language Server Protocol names it.
public struct Language: Hashable, Sendable {
  /// The LSP identifier: `swift`, `python`, `javascriptreact`.
  public let id: String

  /// The language with this LSP identifier, or nil if there is no row for it.
  public init?(id: String) {
    guard LanguageRegistry.shared.row(id: id) != nil else { return nil }
    self.id = id
  }

  /// For rows of the table, whose identifiers are known.
  init(known id: String) {
    self.id = id
  }

  /// Text without a structure that is known: read by paragraph.
  public static let plaintext = Language(known: "plaintext")

  /// Every language there is a row for, `plaintext` included.
  public static var all: [Language] {
    LanguageRegistry.shared.rows.map { Language(known: $0.id) }
  }

  /// The language of a file: by its name, then its extension, then its interpreter line; `plaintext` if none tells.
  ///
  /// - Parameters:
  ///   - path: the file's path with `/` between its components, or its name alone.
  ///   - firstLine: the first bytes of the file, for `#!`; more than a line does no harm.
  public static func detect(path: some StringProtocol, firstLine: [UInt8] = []) -> Language {
    LanguageRegistry.shared.detect(path: path, firstLine: firstLine[...])
  }

  /// As `detect(path:firstLine:)`, for bytes that are not in an array.
  public static func detect(path: some StringProtocol, firstLine: UnsafeBufferPointer<UInt8>) -> Language {
    LanguageRegistry.shared.detect(path: path, firstLine: Array(firstLine.prefix(256))[...])
  }
}
