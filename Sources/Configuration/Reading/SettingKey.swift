/// Where a value goes.
typealias SettingPath<Target, Value> = any WritableKeyPath<Target, Value> & Sendable

/// A key that a section may have, and what it does.
struct SettingKey<Target>: Sendable {
  /// Whether it does something.
  enum Effect: Sendable, Equatable {
    /// It does.
    case used
    /// It describes something, and need not do anything.
    case informative
    /// It does nothing, and need not: said as a note.
    case none(String)
    /// It would do something elsewhere: said as a warning.
    case unsupported(String)
  }

  typealias Read = @Sendable (inout SettingReader, YAMLNode.Entry, inout Target) -> Void

  /// All its names; the documentation has the first.
  var names: [String]
  var effect = Effect.used
  var read: Read

  init(_ names: String..., effect: Effect = .used, read: @escaping Read) {
    self.names = names
    self.effect = effect
    self.read = read
  }

  /// A key of a part of the target.
  init<Part>(of key: SettingKey<Part>, at path: SettingPath<Target, Part>) {
    names = key.names
    effect =
      switch key.effect {
      case .used: .used
      case .informative: .informative
      case .none(let why): .none(why)
      case .unsupported(let why): .unsupported(why)
      }
    read = { key.read(&$0, $1, &$2[keyPath: path]) }
  }

  /// Keys of which nothing is read.
  static func unread(_ effect: Effect, _ names: [String]) -> [SettingKey] {
    names.map { SettingKey($0, effect: effect) { _, _, _ in } }
  }

  // MARK: Kinds of values

  static func text(_ names: String..., to path: SettingPath<Target, String?>) -> SettingKey {
    SettingKey(names: names) { $2[keyPath: path] = $0.text($1) }
  }

  static func flag(_ names: String..., to path: SettingPath<Target, Bool?>) -> SettingKey {
    SettingKey(names: names) { $2[keyPath: path] = $0.flag($1) }
  }

  static func integer(
    _ names: String..., in range: ClosedRange<Int>, to path: SettingPath<Target, Int?>
  ) -> SettingKey {
    SettingKey(names: names) { $2[keyPath: path] = $0.integer($1, range) }
  }

  static func number(
    _ names: String..., in range: ClosedRange<Double>, to path: SettingPath<Target, Double?>
  ) -> SettingKey {
    SettingKey(names: names) { $2[keyPath: path] = $0.number($1, range) }
  }

  static func seconds(_ names: String..., to path: SettingPath<Target, Double?>) -> SettingKey {
    SettingKey(names: names) { $2[keyPath: path] = $0.seconds($1) }
  }

  static func money(_ names: String..., to path: SettingPath<Target, String?>) -> SettingKey {
    SettingKey(names: names) { $2[keyPath: path] = $0.decimal($1) }
  }

  static func effort(_ names: String..., to path: SettingPath<Target, String?>) -> SettingKey {
    SettingKey(names: names) { $2[keyPath: path] = $0.reasoningEffort($1) }
  }

  static func located(_ names: String..., to path: SettingPath<Target, Located<String>?>) -> SettingKey {
    SettingKey(names: names) { reader, entry, target in
      target[keyPath: path] = reader.text(entry).map { Located($0, at: entry.value.position) }
    }
  }

  private init(names: [String], read: @escaping Read) {
    self.names = names
    self.read = read
  }
}

/// The keys of a section.
struct SettingTable<Target>: Sendable {
  /// Takes keys that a pattern describes; false when it is none of them.
  typealias Pattern = @Sendable (inout SettingReader, YAMLNode.Entry, inout Target) -> Bool

  /// What messages call the section.
  let section: String
  let keys: [SettingKey<Target>]
  private let indexes: [String: Int]
  private let pattern: Pattern?

  init(_ section: String, _ keys: [SettingKey<Target>], pattern: Pattern? = nil) {
    self.section = section
    self.keys = keys
    self.pattern = pattern
    var indexes: [String: Int] = [:]
    for (index, key) in keys.enumerated() {
      for name in key.names { indexes[name] = index }
    }
    self.indexes = indexes
  }

  var allNames: [String] { keys.flatMap(\.names) }

  /// Reads one member of the section.
  ///
  /// - Parameter seen: the keys that have been read, by the name they were written with.
  func read(
    _ entry: YAMLNode.Entry, _ reader: inout SettingReader, into target: inout Target, seen: inout [Int: String]
  ) {
    guard let index = indexes[entry.key] else {
      if pattern?(&reader, entry, &target) == true { return }
      reader.warn(
        "\(section).\(entry.key) is not known and has no effect", entry.keyPosition,
        hint: Suggestion.hint(for: entry.key, among: allNames))
      return
    }
    let key = keys[index]
    if let other = seen.updateValue(entry.key, forKey: index), other != entry.key {
      seen[index] = other
      reader.warn("\(section).\(entry.key) says the same as \(other), which counts", entry.keyPosition)
      return
    }
    if section.hasPrefix("cicerone") { reader.positions["\(section).\(key.names[0])"] = entry.keyPosition }
    switch key.effect {
    case .used, .informative: reader.within(section) { key.read(&$0, entry, &target) }
    case .none(let why): reader.note("\(section).\(entry.key) has no effect: \(why)", entry.keyPosition)
    case .unsupported(let why): reader.warn("\(section).\(entry.key) is not supported: \(why)", entry.keyPosition)
    }
  }
}
