/// Lays the files that a file includes over it, as LiteLLM does: lists are added to, and of two values of one key that
/// of the included file counts.
struct IncludedFiles {
  static let maxDepth = 8
  static let maxFiles = 64

  /// Reads the file at a path; `nil` when it cannot be read.
  typealias Source = (_ path: String) -> [UInt8]?

  private let source: Source?
  private var files = 1

  init(source: Source?) { self.source = source }

  /// The document at `path` with everything that it includes.
  ///
  /// - Parameters:
  ///   - file: the path for positions; `nil` for a text that is no file.
  ///   - ancestors: the files that include this one, itself last.
  mutating func document(
    _ bytes: [UInt8], file: String?, ancestors: [String], _ reader: inout SettingReader
  ) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    do throws(ConfigurationError) {
      let (root, warnings) = try YAMLReader.read(bytes, file: file)
      for warning in warnings { reader.add(warning) }
      if let root { entries = reader.members(root, "the file") }
    } catch {
      reader.error(error.message, error.position, hint: error.hint)
      return []
    }
    guard let include = entries.first(where: { $0.key == "include" }) else { return entries }
    entries.removeAll { $0.key == "include" }
    for path in reader.within("", { $0.texts(include) }) {
      for entry in included(path, ancestors, &reader) { merge(entry, into: &entries, &reader) }
    }
    return entries
  }

  private mutating func included(
    _ path: Located<String>, _ ancestors: [String], _ reader: inout SettingReader
  ) -> [YAMLNode.Entry] {
    guard let source, let base = ancestors.last else {
      reader.error("include is not possible here", path.position)
      return []
    }
    let full = Self.resolve(path.value, beside: base)
    guard !ancestors.contains(full) else {
      reader.error("\(path.value) includes itself", path.position)
      return []
    }
    guard ancestors.count < Self.maxDepth, files < Self.maxFiles else {
      reader.error(
        "includes more than \(Self.maxDepth) levels deep, or more than \(Self.maxFiles) files", path.position)
      return []
    }
    files += 1
    guard let bytes = source(full) else {
      reader.error("\(path.value) cannot be read", path.position, hint: "it is looked for at \(full)")
      return []
    }
    return document(bytes, file: full, ancestors: ancestors + [full], &reader)
  }

  private func merge(_ entry: YAMLNode.Entry, into entries: inout [YAMLNode.Entry], _ reader: inout SettingReader) {
    guard let index = entries.firstIndex(where: { $0.key == entry.key }) else { return entries.append(entry) }
    switch (entries[index].value.value, entry.value.value) {
    case (.sequence(let own), .sequence(let added)): entries[index].value.value = .sequence(own + added)
    case (.mapping(var own), .mapping(let added)):
      for member in added {
        if let other = own.firstIndex(where: { $0.key == member.key }) {
          reader.warn(
            "\(entry.key).\(member.key) is set in the including file too (\(own[other].keyPosition)); this one counts",
            member.keyPosition)
          own[other] = member
        } else {
          own.append(member)
        }
      }
      entries[index].value.value = .mapping(own)
    default: if !entry.value.isNull { entries[index] = entry }
    }
  }

  /// A path as it is meant in a file, without `.` and `..`.
  static func resolve(_ path: String, beside file: String) -> String {
    let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
    let isAbsolute = path.hasPrefix("/") || folder.hasPrefix("/") || file.hasPrefix("/")
    var parts: [Substring] = []
    for part in (path.hasPrefix("/") ? path : folder + "/" + path).split(separator: "/") {
      if part == ".", isAbsolute || !parts.isEmpty { continue }
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    if isAbsolute { parts.removeAll { $0 == ".." } }
    return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
  }
}
