import Workspace

/// One change of a document: without range, `text` is the whole document.
struct TextChange: Sendable, Codable {
  var range: SourceRange?
  var text: String
}

/// `textDocument/didOpen`.
struct DidOpenParams: Sendable, Codable {
  struct Item: Sendable, Codable {
    var uri: String
    var languageId: String?
    var version: Int?
    var text: String
  }
  var textDocument: Item
}

/// `textDocument/didChange`.
struct DidChangeParams: Sendable, Codable {
  struct Versioned: Sendable, Codable {
    var uri: String
    var version: Int?
  }
  var textDocument: Versioned
  var contentChanges: [TextChange]
}

/// `textDocument/didClose` and `textDocument/didSave`.
struct DocumentParams: Sendable, Codable {
  struct Named: Sendable, Codable {
    var uri: String
  }
  var textDocument: Named
}
