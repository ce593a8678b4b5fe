/// A document as its readers see it: without markup, escapes, and what is no text.
///
/// It has the bytes of the document's lines at the same lines and as many bytes in all, so that line numbers are those
/// of the document; what is left out became spaces. It is what is cut into passages and indexed, while citations quote
/// the document itself.
struct ReadingText {
  /// As long as the document, with its line endings in their places.
  var bytes: [UInt8]
  /// What stands in it, in its own offsets; nil if the document's own structure holds, whose offsets are the same.
  var outline: Outline?
  /// For each line, by how much its text was moved to the left; empty if nothing was moved.
  var shifts: [Int] = []

  /// The reading text of a document; nil if it is read as it is.
  static func make(_ text: UnsafeBufferPointer<UInt8>, style: DocumentStyle) -> ReadingText? {
    switch style {
    case .notebook:
      guard let notebook = NotebookReader.read(text) else { return nil }
      return notebook.readingText(of: text)
    case .html: return ReadingText(bytes: MarkupReader.plainText(of: text))
    default: return nil
    }
  }

  /// Spaces, with the line endings of `text`.
  static func blank(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    text.map { $0 == 0x0A || $0 == 0x0D ? $0 : 0x20 }
  }
}

extension Outline {
  /// Adds what a parser found in a part of the text, which starts at `offset` and lies in the declaration `parent`.
  mutating func append(_ part: Outline, at offset: Int, in parent: Int) {
    let base = declarations.count
    let depth = parent >= 0 ? declarations[parent].depth + 1 : 0
    func moved(_ range: Range<Int>) -> Range<Int> { range.lowerBound + offset..<range.upperBound + offset }
    for found in part.declarations where found.depth + depth < Outline.maxDepth {
      // Those above it are less deep, so they are here.
      var declaration = found
      declaration.start += offset
      declaration.keywordStart += offset
      declaration.name = moved(found.name)
      declaration.qualifier = found.qualifier.map(moved)
      declaration.docstring = found.docstring.map(moved)
      declaration.signatureEnd += offset
      if found.bodyStart >= 0 { declaration.bodyStart += offset }
      if found.bodyEnd >= 0 { declaration.bodyEnd += offset }
      declaration.end += offset
      declaration.parent = found.parent >= 0 ? found.parent + base : parent
      declaration.depth += depth
      declarations.append(declaration)
    }
    comments += part.comments.map(moved)
    imports += part.imports.map(moved)
    docsShareIndentation = docsShareIndentation || part.docsShareIndentation
  }
}
