/// Tells files that are credentials from files that mention some.
///
/// A file is left out whole if most of it is private keys, or if it is data (settings, lists, plain text) and holds a
/// private key or a service's key. Source code and documents are indexed although a key stands in them, as it does in
/// many tests: the index holds no text, and keys are taken out of what leaves the machine (`SecretScanner.redact`).
enum CredentialContent {
  /// Whether a file is to be left out for the credentials in it.
  static func isIn(_ bytes: UnsafeBufferPointer<UInt8>, path: String) -> Bool {
    if let key = PrivateKeyBlock.next(in: bytes, from: 0) {
      if isData(path) { return true }
      var covered = key.count
      var index = key.upperBound
      while let next = PrivateKeyBlock.next(in: bytes, from: index) {
        covered += next.count
        index = next.upperBound
      }
      if covered * 2 >= bytes.count { return true }
    }
    // What is an example or a test shows keys that open nothing.
    guard isData(path), FileTraits(path: path).isDisjoint(with: [.test, .example, .documentation]) else { return false }
    return SecretScanner.hasServiceKey(bytes)
  }

  /// Whether a file holds settings or other data rather than code or prose, by its name.
  private static func isData(_ path: String) -> Bool {
    let name = path.utf8.suffix(
      from: path.utf8.lastIndex(of: 0x2F).map { path.utf8.index(after: $0) } ?? path.startIndex)
    guard let dot = name.lastIndex(of: 0x2E), dot > name.startIndex else {
      // Scripts without an extension are code; they say so in their first line, but are rarely full of keys.
      return true
    }
    return dataSuffixes.contains(String(decoding: name[name.index(after: dot)...].map(asciiLowercased), as: UTF8.self))
  }

  private static let dataSuffixes: Set<String> = [
    "json", "json5", "jsonc", "jsonl", "ndjson", "yaml", "yml", "toml", "ini", "cfg", "conf", "cnf", "config",
    "properties", "plist", "xcconfig", "xml", "csv", "tsv", "txt", "text", "log", "tfvars", "hcl", "env", "rc", "reg",
    "dat", "data",
    "asc", "crt", "cert", "csr", "secret", "secrets", "token", "credentials", "settings", "local", "bak", "old", "orig",
  ]
}
