import CYAML

/// Reads one YAML document through libyaml's events.
///
/// Files come from users, yet bounds hold all the same: bytes, depth, and nodes counted with every alias expanded, so
/// that a few lines of nested aliases cannot fill the memory.
struct YAMLReader {
  static let maxBytes = 1 << 20
  static let maxDepth = 64
  static let maxNodes = 100_000

  /// Given to every position, for a file that another one includes.
  private let file: String?
  private var anchors: [String: YAMLNode] = [:]
  private var nodes = 0
  private var warnings: [ConfigurationProblem] = []

  private init(file: String?) { self.file = file }

  /// The document and what was odd about it; `nil` for an empty file.
  static func read(
    _ bytes: [UInt8], file: String? = nil
  ) throws(ConfigurationError) -> (root: YAMLNode?, warnings: [ConfigurationProblem]) {
    let start = SourcePosition(line: 1, column: 1, file: file)
    guard bytes.count <= maxBytes else {
      throw ConfigurationError(message: "the file is larger than \(maxBytes) bytes", position: start)
    }
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      throw ConfigurationError(message: "out of memory", position: start)
    }
    defer { yaml_parser_delete(&parser) }
    return try bytes.withUnsafeBufferPointer { (buffer) throws(ConfigurationError) in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      var reader = YAMLReader(file: file)
      do throws(ConfigurationError) {
        let root = try reader.document(&parser)
        return (root, reader.warnings)
      } catch {
        var error = error
        error.hint = YAMLHint.hint(for: error, in: buffer)
        throw error
      }
    }
  }

  private mutating func document(_ parser: inout yaml_parser_t) throws(ConfigurationError) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      var event = try next(&parser)
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_END_EVENT: return root
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
      case YAML_DOCUMENT_START_EVENT:
        guard root == nil else {
          warnings.append(ConfigurationProblem("only the first document is read", at: position(event)))
          return root
        }
      default: root = try node(event, &parser, depth: 0)
      }
    }
  }

  private mutating func node(
    _ event: yaml_event_t, _ parser: inout yaml_parser_t, depth: Int
  ) throws(ConfigurationError) -> YAMLNode {
    let position = position(event)
    guard depth < Self.maxDepth else {
      throw ConfigurationError(message: "nested more than \(Self.maxDepth) levels deep", position: position)
    }
    var node: YAMLNode
    let anchor: String?
    switch event.type {
    case YAML_ALIAS_EVENT:
      let name = Self.text(event.data.alias.anchor) ?? ""
      guard let target = anchors[name] else {
        throw ConfigurationError(message: "no anchor is named \(name)", position: position)
      }
      try count(target.size, position)
      return target
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      node = YAMLNode(
        value: .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), position: position, size: 1)
      anchor = Self.text(scalar.anchor)
      try count(1, position)
    case YAML_SEQUENCE_START_EVENT:
      anchor = Self.text(event.data.sequence_start.anchor)
      try count(1, position)
      node = try sequence(&parser, position, depth)
    case YAML_MAPPING_START_EVENT:
      anchor = Self.text(event.data.mapping_start.anchor)
      try count(1, position)
      node = try mapping(&parser, position, depth)
    default: throw ConfigurationError(message: "a value is missing", position: position)
    }
    if let anchor { anchors[anchor] = node }
    return node
  }

  private mutating func sequence(
    _ parser: inout yaml_parser_t, _ position: SourcePosition, _ depth: Int
  ) throws(ConfigurationError) -> YAMLNode {
    var elements: [YAMLNode] = []
    while true {
      var event = try next(&parser)
      defer { yaml_event_delete(&event) }
      if event.type == YAML_SEQUENCE_END_EVENT { break }
      elements.append(try node(event, &parser, depth: depth + 1))
    }
    return YAMLNode(
      value: .sequence(elements), position: position, size: elements.reduce(1) { $0 + $1.size })
  }

  private mutating func mapping(
    _ parser: inout yaml_parser_t, _ position: SourcePosition, _ depth: Int
  ) throws(ConfigurationError) -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    var merged: [YAMLNode.Entry] = []
    var seen: Set<String> = []
    while true {
      var keyEvent = try next(&parser)
      defer { yaml_event_delete(&keyEvent) }
      if keyEvent.type == YAML_MAPPING_END_EVENT { break }
      let key = try node(keyEvent, &parser, depth: depth + 1)
      guard case .scalar(let name, let isPlain) = key.value else {
        throw ConfigurationError(message: "a key must be text", position: key.position)
      }
      var valueEvent = try next(&parser)
      defer { yaml_event_delete(&valueEvent) }
      let value = try node(valueEvent, &parser, depth: depth + 1)
      if name == "<<", isPlain {
        merged += try mergedEntries(value)
        continue
      }
      if !seen.insert(name).inserted, let index = entries.firstIndex(where: { $0.key == name }) {
        let line = entries[index].keyPosition.line
        warnings.append(
          ConfigurationProblem("\(name) stands here twice, first in line \(line); this one counts", at: key.position))
        entries.remove(at: index)
      }
      entries.append(YAMLNode.Entry(key: name, keyPosition: key.position, value: value))
    }
    for entry in merged where seen.insert(entry.key).inserted { entries.append(entry) }
    return YAMLNode(
      value: .mapping(entries), position: position, size: entries.reduce(1) { $0 + 1 + $1.value.size })
  }

  /// The members that `<<` brings in, from a mapping or a list of them; earlier ones win.
  private func mergedEntries(_ node: YAMLNode) throws(ConfigurationError) -> [YAMLNode.Entry] {
    switch node.value {
    case .mapping(let entries): return entries
    case .sequence(let elements):
      var all: [YAMLNode.Entry] = []
      for element in elements { all += try mergedEntries(element) }
      return all
    case .scalar: throw ConfigurationError(message: "<< needs a mapping", position: node.position)
    }
  }

  private mutating func count(_ added: Int, _ position: SourcePosition) throws(ConfigurationError) {
    nodes += added
    guard nodes <= Self.maxNodes else {
      throw ConfigurationError(message: "more than \(Self.maxNodes) values, aliases expanded", position: position)
    }
  }

  private func next(_ parser: inout yaml_parser_t) throws(ConfigurationError) -> yaml_event_t {
    var event = yaml_event_t()
    guard yaml_parser_parse(&parser, &event) == 1 else {
      let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
      let context = parser.context.map { String(cString: $0) + ": " } ?? ""
      let mark = parser.error == YAML_READER_ERROR ? parser.mark : parser.problem_mark
      throw ConfigurationError(message: context + problem, position: position(mark))
    }
    return event
  }

  private func position(_ event: yaml_event_t) -> SourcePosition { position(event.start_mark) }

  private func position(_ mark: yaml_mark_t) -> SourcePosition {
    SourcePosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1, file: file)
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) }
  }
}
