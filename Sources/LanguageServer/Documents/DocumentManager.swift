import Workspace

/// The documents that are open in the editor. Their text counts, not that of the files.
struct DocumentManager: Sendable {
  /// What was odd about a notification; the state is consistent nevertheless.
  enum Oddity: Error, Equatable {
    /// The document was opened twice: the new text counts.
    case alreadyOpen
    /// The document is not open: nothing was changed.
    case notOpen
    /// The version did not rise: the change was made.
    case versionNotRising
    /// A range lay outside the text: the nearest range was changed.
    case rangeOutside
  }

  private var documents: [String: TextDocument] = [:]

  /// The URIs of the open documents.
  var openURIs: [String] { Array(documents.keys) }

  /// The state of an open document.
  subscript(uri: String) -> TextDocument? { documents[uri] }

  /// Opens a document.
  mutating func open(uri: String, version: Int, text: String) -> [Oddity] {
    let old = documents.updateValue(TextDocument(text: text, version: version), forKey: uri)
    return old == nil ? [] : [.alreadyOpen]
  }

  /// Makes changes in order, each on the result of the one before.
  mutating func change(
    uri: String, version: Int?, _ changes: [TextChange], encoding: PositionEncoding
  ) -> [Oddity] {
    // Taken out of the dictionary while it changes, so that its bytes have one owner and are not copied.
    guard var document = documents.removeValue(forKey: uri) else { return [.notOpen] }
    var oddities: [Oddity] = []
    for change in changes {
      guard let range = change.range else {
        document.replaceAll(with: change.text)
        continue
      }
      if !document.replace(range, with: change.text, encoding: encoding) { oddities.append(.rangeOutside) }
    }
    if let version {
      if version <= document.version { oddities.append(.versionNotRising) }
      document.version = version
    }
    documents[uri] = document
    return oddities
  }

  /// Closes a document.
  mutating func close(uri: String) -> [Oddity] {
    documents.removeValue(forKey: uri) == nil ? [.notOpen] : []
  }
}
