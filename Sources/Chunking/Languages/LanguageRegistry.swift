/// The language table, and what is computed from it once.
struct LanguageRegistry: Sendable {
  let rows: [LanguageRow]
  private let byID: [String: Int]
  private let byExtension: [String: Int]
  private let byFileName: [String: Int]
  private let byInterpreter: [String: Int]
  private let compiledRows: [CompiledLanguage]

  static let shared = LanguageRegistry(rows: LanguageTable.rows)

  init(rows: [LanguageRow]) {
    self.rows = rows
    var ids: [String: Int] = [:]
    var extensions: [String: Int] = [:]
    var fileNames: [String: Int] = [:]
    var interpreters: [String: Int] = [:]
    for (index, row) in rows.enumerated() {
      ids[row.id] = index
      // The first row to claim an extension keeps it.
      for name in row.extensions where extensions[name] == nil { extensions[name] = index }
      for name in row.fileNames where fileNames[name] == nil { fileNames[name] = index }
      for name in row.interpreters where interpreters[name] == nil { interpreters[name] = index }
    }
    byID = ids
    byExtension = extensions
    byFileName = fileNames
    byInterpreter = interpreters
    compiledRows = rows.map(CompiledLanguage.init)
  }

  func row(id: String) -> LanguageRow? {
    byID[id].map { rows[$0] }
  }

  func compiled(id: String) -> CompiledLanguage? {
    byID[id].map { compiledRows[$0] }
  }

  func detect(path: some StringProtocol, firstLine: ArraySlice<UInt8>) -> Language {
    let name = String(path).utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
    if let index = byFileName[name] ?? byFileName[name.lowercased()] { return Language(known: rows[index].id) }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count > 1 {
      // `Dockerfile.dev` and `CMakeLists.txt.in` keep the language of their first part or inner extension.
      if let last = parts.last, let index = byExtension[last.lowercased()] { return Language(known: rows[index].id) }
      if let first = parts.first, let index = byFileName[String(first)] { return Language(known: rows[index].id) }
      if parts.count > 2, LanguageRegistry.wrappers.contains(parts[parts.count - 1].lowercased()),
        let index = byExtension[parts[parts.count - 2].lowercased()]
      {
        return Language(known: rows[index].id)
      }
    }
    if let index = interpreter(firstLine) { return Language(known: rows[index].id) }
    return .plaintext
  }

  /// Extensions that say what became of a file, not what is in it.
  private static let wrappers: Set<String> = [
    "in", "tmpl", "template", "dist", "sample", "example", "orig", "bak", "j2",
  ]

  private func interpreter(_ line: ArraySlice<UInt8>) -> Int? {
    guard line.starts(with: Array("#!".utf8)) else { return nil }
    let end = line.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? line.endIndex
    let text = String(decoding: line[line.startIndex + 2..<end].prefix(200), as: UTF8.self)
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
      guard let program = word.split(separator: "/").last else { continue }
      if program == "env" || word.hasPrefix("-") || word.contains("=") { continue }
      let trimmed = program.prefix { !$0.isNumber && $0 != "." }
      return byInterpreter[String(program)] ?? byInterpreter[String(trimmed)]
    }
    return nil
  }
}
