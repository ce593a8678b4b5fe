import JSONRPC

/// A folder of the workspace.
struct WorkspaceFolder: Sendable, Codable, Hashable {
  var uri: String
  var name: String?
}

/// The parameters of `initialize`, as far as this server uses them.
struct InitializeParams: Sendable, Decodable {
  @Lenient var processId: Int?
  @Lenient var rootPath: String?
  @Lenient var rootUri: String?
  @Lenient var workspaceFolders: [WorkspaceFolder]?
  @Lenient var capabilities: ClientCapabilities?
  @Lenient var initializationOptions: JSONValue?
  @Lenient var trace: String?

  /// The folders to open: `workspaceFolders`, else `rootUri`, else `rootPath`; none for a single file.
  var folders: [String] {
    if let workspaceFolders, !workspaceFolders.isEmpty { return workspaceFolders.map(\.uri) }
    if let rootUri { return [rootUri] }
    if let rootPath, rootPath.hasPrefix("/") { return [FileURI.of(path: rootPath)] }
    return []
  }
}

/// Writes `file:` URIs.
enum FileURI {
  /// The URI of an absolute path.
  static func of(path: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes = Array("file://".utf8)
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether a URI names a file.
  static func isFile(_ uri: String) -> Bool {
    uri.prefix(5).lowercased() == "file:"
  }
}
