/// Splits a text into declarations and passages.
///
/// It never fails: bytes that are not UTF-8, brackets that do not match and files cut short give coarser results,
/// in time proportional to the length of the text and without recursion.
public struct Chunker: Sendable {
  /// The number of characters (Unicode scalars) a passage aims at.
  public let targetCharacters: Int
  /// The number of characters up to which a declaration stays in one piece.
  public let maxCharacters: Int

  /// - Parameters:
  ///   - targetCharacters: what small siblings are gathered up to, and what long bodies are cut near; at least 1.
  ///   - maxCharacters: what a passage does not exceed unless a single line does; at least the target.
  public init(targetCharacters: Int = 750, maxCharacters: Int = 1500) {
    self.targetCharacters = max(1, targetCharacters)
    self.maxCharacters = max(self.targetCharacters, maxCharacters)
  }

  /// Reads `text` as `language`.
  public func chunk(_ text: UnsafeBufferPointer<UInt8>, language: Language) -> ChunkedFile {
    let style = LanguageRegistry.shared.row(id: language.id)?.documentStyle
    if let style, let reading = ReadingText.make(text, style: style) {
      return chunk(text, reading, language: language)
    }
    let text = style.map { $0.bounded(text) } ?? text
    let lines = LineTable(text)
    let found = StructureScanner.scan(text, lines: lines, language: language)
    let declarations = DeclarationResolver(text: text, lines: lines).resolve(found)
    var builder = PassageBuilder(
      text: text, lines: lines, declarations: declarations, target: targetCharacters, limit: maxCharacters)
    builder.whole = style.map { $0.wholeRuns(text, lines) } ?? []
    let passages = builder.build()
    return ChunkedFile(
      language: language, declarations: declarations, passages: passages, imports: found.importNames(in: text))
  }

  /// Cuts a document along what its readers see.
  private func chunk(
    _ text: UnsafeBufferPointer<UInt8>, _ reading: ReadingText, language: Language
  ) -> ChunkedFile {
    let lines = LineTable(text)
    let found = reading.outline ?? StructureScanner.scan(text, lines: lines, language: language)
    return reading.bytes.withUnsafeBufferPointer { plain in
      let plainLines = LineTable(plain)
      // The document's own structure is in the document's bytes, as headings are told by their tags.
      let resolver =
        reading.outline == nil
        ? DeclarationResolver(text: text, lines: lines) : DeclarationResolver(text: plain, lines: plainLines)
      let declarations = resolver.resolve(found)
      var builder = PassageBuilder(
        text: plain, lines: plainLines, declarations: declarations, target: targetCharacters, limit: maxCharacters)
      let passages = builder.build().map { passage in
        var passage = passage
        passage.byteRange =
          lines.starts[
            passage.lines.lowerBound]..<max(
            lines.starts[passage.lines.lowerBound], lines.contentEnds[passage.lines.upperBound - 1])
        return passage
      }
      return ChunkedFile(
        language: language,
        declarations: declarations.map { $0.moved(by: reading.shifts, from: plainLines, to: lines) },
        passages: passages, imports: found.importNames(in: reading.outline == nil ? text : plain),
        readingText: reading.bytes)
    }
  }

  /// What to read instead of `text`, as `ChunkedFile.readingText`; nil where it is read as it is.
  public func readingText(of text: UnsafeBufferPointer<UInt8>, language: Language) -> [UInt8]? {
    LanguageRegistry.shared.row(id: language.id)?.documentStyle.flatMap { ReadingText.make(text, style: $0) }?.bytes
  }

  /// Reads `bytes` as `language`.
  public func chunk(_ bytes: [UInt8], language: Language) -> ChunkedFile {
    bytes.withUnsafeBufferPointer { chunk($0, language: language) }
  }
}
