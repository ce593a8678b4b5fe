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

  /// As `detect(path:firstLine:)`, and by what is in the file where its name leaves a choice: headers are C, C++ or
  /// Objective-C. Neighbouring files are not asked, so that a file's language depends on nothing but itself.
  ///
  /// - Parameter text: the whole file, or as much of it as there is.
  public static func detect(path: some StringProtocol, text: UnsafeBufferPointer<UInt8>) -> Language {
    let start = text.prefix(256).prefix { $0 != 0x0A && $0 != 0x0D }
    let found = LanguageRegistry.shared.detect(path: path, firstLine: Array(start)[...])
    guard found.id == "c", path.utf8.suffix(2).elementsEqual(".h".utf8) || path.utf8.suffix(2).elementsEqual(".H".utf8)
    else { return found }
    return Language(known: HeaderDialect.detect(text))
  }
}
