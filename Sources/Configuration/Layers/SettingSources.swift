extension CiceroneSettings {
  /// Reads `CICERONE_MODEL`, `CICERONE_TOKEN_BUDGET` and `CICERONE_MAX_USD`.
  public static func read(
    environment: [String: String]
  ) -> (settings: CiceroneSettings, problems: [ConfigurationProblem]) {
    let variables = [
      ("CICERONE_MODEL", "model"), ("CICERONE_TOKEN_BUDGET", "token_budget"),
      ("CICERONE_MAX_USD", "max_usd_per_request"),
    ]
    var settings = CiceroneSettings()
    var problems: [ConfigurationProblem] = []
    for (variable, key) in variables {
      guard let text = environment[variable], !text.isEmpty else { continue }
      // Its own reader each, so that a message is about one variable.
      var reader = SettingReader(environment: [:])
      reader.read([.made(key, .scalar(text, isPlain: false))], CiceroneKeys.table, into: &settings)
      problems += reader.problems.map {
        ConfigurationProblem("\(variable): \($0.message)", severity: $0.severity, hint: $0.hint)
      }
    }
    settings.positions = [:]
    return (settings, problems)
  }

  /// Reads what an editor says: `initializationOptions`, or the section `cicerone` of its settings. Keys may be in
  /// camelCase; what is null is left out; all may stand below `cicerone`.
  ///
  /// - Returns: `config` is the path of a configuration file, if one is named.
  public static func read(
    client value: SettingValue
  ) -> (settings: CiceroneSettings, config: String?, problems: [ConfigurationProblem]) {
    var settings = CiceroneSettings()
    guard let members = (value["cicerone"] ?? value).members else { return (settings, nil, []) }
    var reader = SettingReader(environment: [:])
    var config: String?
    var entries: [YAMLNode.Entry] = []
    for member in members where member.value.kind != .null {
      let key = snakeCase(member.key)
      if key == "config" {
        config = member.value.string.flatMap { $0.isEmpty ? nil : $0 }
      } else if !Self.editorKeys.contains(key) {
        entries.append(.made(key, YAMLNode(member.value).value))
      }
    }
    reader.read(entries, CiceroneKeys.table, into: &settings)
    settings.positions = [:]
    return (
      settings, config,
      reader.problems.map { ConfigurationProblem($0.message, severity: $0.severity, hint: $0.hint) }
    )
  }

  /// What editors keep in the same section for themselves.
  private static let editorKeys: Set = [
    "trace", "trace.server", "path", "server", "server_path", "server_args", "enable",
  ]

  /// `maxUSDPerRequest` and `maxUsdPerRequest` are `max_usd_per_request`.
  static func snakeCase(_ text: String) -> String {
    let letters = Array(text)
    var result = ""
    for (index, letter) in letters.enumerated() {
      let startsWord =
        letter.isUppercase && index > 0
        && (!letters[index - 1].isUppercase || (index + 1 < letters.count && letters[index + 1].isLowercase))
      if startsWord, letters[index - 1] != "_" { result.append("_") }
      result += letter.lowercased()
    }
    return result
  }

  /// Reads a repository's file. Whoever wrote it is not trusted: nothing in it stops anything, so there are no errors;
  /// it may hold the section `cicerone` alone; and no variable is read for it.
  ///
  /// What it may narrow is decided by ``ConfigurationLayers``.
  public static func read(
    workspaceFile bytes: [UInt8], path: String
  ) -> (settings: CiceroneSettings, problems: [ConfigurationProblem]) {
    var reader = SettingReader(environment: [:])
    reader.refusesReferences = true
    var settings = CiceroneSettings()
    do throws(ConfigurationError) {
      let (root, warnings) = try YAMLReader.read(bytes, file: path)
      for warning in warnings { reader.add(warning) }
      let entries = root.map { reader.members($0, "the file") } ?? []
      for entry in entries {
        if entry.key == "cicerone" {
          CiceroneKeys.read(entry.value, &reader, into: &settings)
        } else {
          reader.warn(
            "\(entry.key) is refused: a repository's file may only narrow the section cicerone", entry.keyPosition)
        }
      }
    } catch {
      reader.warn("the repository's file is not used: \(error.message)", error.position, hint: error.hint)
    }
    return (
      settings,
      reader.problems.map {
        ConfigurationProblem(
          $0.message, at: $0.position, severity: $0.severity == .error ? .warning : $0.severity, hint: $0.hint)
      }
    )
  }
}

extension YAMLNode {
  /// A node of a value that was no YAML.
  init(_ value: SettingValue) {
    let content: Value =
      switch value.kind {
      case .null: .scalar("", isPlain: true)
      case .bool(let flag): .scalar(flag ? "true" : "false", isPlain: true)
      case .integer(let number): .scalar(String(number), isPlain: true)
      case .number(let number): .scalar(String(number), isPlain: true)
      case .string(let text): .scalar(text, isPlain: false)
      case .list(let elements): .sequence(elements.map(YAMLNode.init))
      case .mapping(let members):
        .mapping(
          members.compactMap {
            $0.value.kind == .null ? nil : .made(CiceroneSettings.snakeCase($0.key), YAMLNode($0.value).value)
          })
      }
    self.init(value: content, position: value.position, size: 1)
  }
}

extension YAMLNode.Entry {
  /// An entry that stands in no file.
  static func made(_ key: String, _ value: YAMLNode.Value) -> YAMLNode.Entry {
    let nowhere = SourcePosition(line: 1, column: 1)
    return YAMLNode.Entry(
      key: key, keyPosition: nowhere, value: YAMLNode(value: value, position: nowhere, size: 1))
  }
}
