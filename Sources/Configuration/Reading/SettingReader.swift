import HTTPTransport

/// Reads values, resolves references to variables, and notes what is wrong instead of stopping at it.
struct SettingReader {
  private(set) var problems: [ConfigurationProblem] = []
  /// The variables that `os.environ/NAME` stands for.
  var environment: [String: String]
  /// Whether references to variables are refused: what a repository says learns nothing of the environment.
  var refusesReferences = false
  /// Where keys of our own section are written.
  var positions: [String: SourcePosition] = [:]
  private var section = ""

  init(environment: [String: String]) { self.environment = environment }

  // MARK: Problems

  mutating func error(_ message: String, _ position: SourcePosition, hint: String? = nil) {
    add(.error, message, position, hint)
  }
  mutating func warn(_ message: String, _ position: SourcePosition, hint: String? = nil) {
    add(.warning, message, position, hint)
  }
  mutating func note(_ message: String, _ position: SourcePosition, hint: String? = nil) {
    add(.note, message, position, hint)
  }

  private mutating func add(
    _ severity: ConfigurationProblem.Severity, _ message: String, _ position: SourcePosition, _ hint: String?
  ) {
    add(ConfigurationProblem(message, at: position, severity: severity, hint: hint))
  }

  mutating func add(_ problem: ConfigurationProblem) {
    // A file of nothing but mistakes is not worth more than this.
    if problems.count < 1000 { problems.append(problem) }
  }

  /// Runs `body` with messages that name a section.
  mutating func within<Result>(_ section: String, _ body: (inout SettingReader) -> Result) -> Result {
    let outer = self.section
    self.section = section
    defer { self.section = outer }
    return body(&self)
  }

  private func name(_ entry: YAMLNode.Entry) -> String { section.isEmpty ? entry.key : "\(section).\(entry.key)" }

  private mutating func mismatch(_ entry: YAMLNode.Entry, _ expected: String, hint: String? = nil) {
    error("\(name(entry)) must be \(expected), not \(found(entry.value))", entry.value.position, hint: hint)
  }

  /// What stands there, for messages. The values of variables are not shown.
  func found(_ node: YAMLNode) -> String {
    switch node.value {
    case .mapping: return "a mapping"
    case .sequence: return "a list"
    case .scalar(let text, _):
      if let variable = Self.variable(text) { return "the value of \(variable)" }
      // Longer texts may be keys that stand in the wrong place.
      return text.count <= 12 ? "“\(text)”" : "a text of \(text.count) characters"
    }
  }

  // MARK: Structure

  /// The members of a mapping; none, and an error, when it is something else. Nothing counts as an empty mapping.
  mutating func members(_ node: YAMLNode, _ what: String) -> [YAMLNode.Entry] {
    if case .mapping(let entries) = node.value { return entries }
    if !node.isNull { error("\(what) must be a mapping, not \(found(node))", node.position) }
    return []
  }

  /// The elements of a list; none, and an error, when it is something else. Nothing counts as an empty list.
  mutating func elements(_ node: YAMLNode, _ what: String) -> [YAMLNode] {
    if case .sequence(let elements) = node.value { return elements }
    if !node.isNull { error("\(what) must be a list, not \(found(node))", node.position) }
    return []
  }

  /// Reads a section by its table.
  mutating func read<Target>(_ node: YAMLNode, _ table: SettingTable<Target>, into target: inout Target) {
    read(members(node, table.section), table, into: &target)
  }

  mutating func read<Target>(_ entries: [YAMLNode.Entry], _ table: SettingTable<Target>, into target: inout Target) {
    var seen: [Int: String] = [:]
    for entry in entries { table.read(entry, &self, into: &target, seen: &seen) }
  }

  // MARK: Values

  /// The variable that a text refers to.
  static func variable(_ text: String) -> String? {
    text.hasPrefix("os.environ/") ? String(text.dropFirst("os.environ/".count)) : nil
  }

  /// The text of a scalar, with a reference resolved; `nil` for nothing, for a variable that is not set, which is a
  /// warning, and for what is no scalar.
  mutating func scalar(_ node: YAMLNode) -> (text: String, isPlain: Bool)? {
    guard case .scalar(let text, let isPlain) = node.value, !node.isNull else { return nil }
    guard let name = Self.variable(text) else { return (text, isPlain) }
    guard !refusesReferences else {
      warn("the reference to the variable \(name) is refused in a repository's file", node.position)
      return nil
    }
    guard let value = environment[name], !value.isEmpty else {
      warn(
        "the environment variable \(name) is not set", node.position,
        hint: Suggestion.hint(for: name, among: environment.keys) ?? "export \(name)=…")
      return nil
    }
    return (value, true)
  }

  /// A text with a reference resolved; nothing is said of a variable that is not set.
  func environmentText(_ text: String) -> String? {
    guard let name = Self.variable(text) else { return text }
    return environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  mutating func text(_ entry: YAMLNode.Entry) -> String? { text(entry.value, name(entry)) }

  mutating func text(_ node: YAMLNode, _ what: String) -> String? {
    guard case .scalar = node.value else {
      error("\(what) must be text, not \(found(node))", node.position)
      return nil
    }
    return scalar(node)?.text
  }

  /// A credential, whose text is in no message.
  mutating func secret(_ entry: YAMLNode.Entry) -> Secret? { text(entry).flatMap(Secret.init) }

  mutating func flag(_ entry: YAMLNode.Entry) -> Bool? {
    if let value = scalar(entry.value) {
      if let flag = Self.flag(value.text) { return flag }
    } else if case .scalar = entry.value.value {
      return nil
    }
    mismatch(entry, "true or false")
    return nil
  }

  /// What YAML 1.1 calls true and false.
  static func flag(_ text: String) -> Bool? {
    switch text {
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": true
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": false
    default: nil
    }
  }

  mutating func integer(_ entry: YAMLNode.Entry, _ range: ClosedRange<Int>) -> Int? {
    if let value = scalar(entry.value) {
      if let number = Self.integer(value.text), range.contains(number) { return number }
    } else if case .scalar = entry.value.value {
      return nil
    }
    mismatch(entry, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  /// `1000`, `1_000`, `1000.0`, `1e3`.
  static func integer(_ text: String) -> Int? {
    if let value = Int(text.filter { $0 != "_" }) { return value }
    return number(text).flatMap { Int(exactly: $0) }
  }

  mutating func number(_ entry: YAMLNode.Entry, _ range: ClosedRange<Double>) -> Double? {
    number(entry, range, "a number from \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound))")
  }

  mutating func seconds(_ entry: YAMLNode.Entry) -> Double? {
    let hint = Self.durationHint(entry.value)
    return number(entry, 0.001...86_400, "a number of seconds from 0.001 to 86400", hint: hint)
  }

  private mutating func number(
    _ entry: YAMLNode.Entry, _ range: ClosedRange<Double>, _ expected: String, hint: String? = nil
  ) -> Double? {
    if let value = scalar(entry.value) {
      if let number = Self.number(value.text), range.contains(number) { return number }
    } else if case .scalar = entry.value.value {
      return nil
    }
    mismatch(entry, expected, hint: hint)
    return nil
  }

  /// A finite decimal number.
  static func number(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ "+-.eE_0123456789".utf8.contains($0) }) else { return nil }
    return Double(text.filter { $0 != "_" }).flatMap { $0.isFinite ? $0 : nil }
  }

  static func short(_ number: Double) -> String { Int(exactly: number).map { String($0) } ?? String(number) }

  /// What `30s`, `500ms` and `2m` would be in seconds.
  private static func durationHint(_ node: YAMLNode) -> String? {
    guard let text = node.text else { return nil }
    for (suffix, factor) in [("ms", 0.001), ("sec", 1), ("s", 1), ("min", 60), ("m", 60), ("h", 3600)] {
      guard text.hasSuffix(suffix), let value = number(String(text.dropLast(suffix.count))) else { continue }
      return "seconds are written without a unit: \(short(value * factor))"
    }
    return nil
  }

  /// A decimal number that is not negative, as text.
  mutating func decimal(_ entry: YAMLNode.Entry) -> String? {
    if let value = scalar(entry.value) {
      if let number = Self.number(value.text), number >= 0 { return value.text.filter { $0 != "_" } }
    } else if case .scalar = entry.value.value {
      return nil
    }
    mismatch(entry, "a number that is not negative")
    return nil
  }

  mutating func choice<Value: RawRepresentable & CaseIterable>(_ entry: YAMLNode.Entry, _ type: Value.Type) -> Value?
  where Value.RawValue == String {
    guard let text = text(entry) else { return nil }
    if let value = Value(rawValue: text) { return value }
    let names = Value.allCases.map(\.rawValue)
    mismatch(
      entry, "one of \(names.joined(separator: ", "))", hint: Suggestion.hint(for: text, among: names))
    return nil
  }

  /// One text, or a list of them.
  mutating func texts(_ entry: YAMLNode.Entry) -> [Located<String>] {
    guard case .sequence(let elements) = entry.value.value else {
      guard case .scalar = entry.value.value else {
        mismatch(entry, "text or a list of texts")
        return []
      }
      return scalar(entry.value).map { [Located($0.text, at: entry.value.position)] } ?? []
    }
    return elements.compactMap { element in
      text(element, "an element of \(name(entry))").map { Located($0, at: element.position) }
    }
  }

  /// Efforts come with new models, so another one than those of today is not wrong.
  mutating func reasoningEffort(_ entry: YAMLNode.Entry) -> String? {
    guard let text = text(entry) else { return nil }
    let known = ["none", "minimal", "low", "medium", "high", "xhigh", "max", "default", "disable"]
    if !known.contains(text) {
      warn(
        "\(name(entry)) is none of \(known.joined(separator: ", "))", entry.value.position,
        hint: Suggestion.hint(for: text, among: known))
    }
    return text
  }

  /// Any tree.
  mutating func value(_ node: YAMLNode) -> SettingValue {
    let position = node.position
    switch node.value {
    case .sequence(let elements): return SettingValue(.list(elements.map { value($0) }), at: position)
    case .mapping(let entries):
      return SettingValue(
        .mapping(entries.map { SettingValue.Member(key: $0.key, value: value($0.value)) }), at: position)
    case .scalar:
      guard let scalar = scalar(node) else { return SettingValue(.null, at: position) }
      // A variable holds text, whatever it looks like.
      let isPlain = scalar.isPlain && Self.variable(node.text ?? "") == nil
      return SettingValue(isPlain ? Self.kind(scalar.text) : .string(scalar.text), at: position)
    }
  }

  private static func kind(_ text: String) -> SettingValue.Kind {
    if let flag = flag(text) { return .bool(flag) }
    // Zip codes and versions keep their zeros.
    let digits = text.drop { $0 == "-" || $0 == "+" }
    let isPadded = digits.count > 1 && digits.hasPrefix("0") && !digits.hasPrefix("0.")
    guard !isPadded, digits.first?.isASCII == true, digits.first?.isNumber == true || digits.first == "." else {
      return .string(text)
    }
    if let value = Int(text.filter { $0 != "_" }) { return .integer(value) }
    return number(text).map { .number($0) } ?? .string(text)
  }
}
