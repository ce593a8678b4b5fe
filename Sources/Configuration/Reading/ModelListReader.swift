/// Reads `model_list`. What is wrong with an entry costs its value, or the entry, and never the entries after it.
struct ModelListReader {
  static let maxEntries = 1000

  private var credentials: [(name: String, values: [YAMLNode.Entry])] = []
  private let credentialList: YAMLNode?
  private let defaults: YAMLNode?

  /// - Parameters:
  ///   - credentials: `credential_list`, whose values entries can name.
  ///   - defaults: `router_settings.default_litellm_params`, which hold where an entry says nothing.
  init(credentials: YAMLNode?, defaults: YAMLNode?) {
    credentialList = credentials
    self.defaults = defaults
  }

  mutating func read(_ node: YAMLNode, _ reader: inout SettingReader) -> [ModelEntry] {
    readCredentials(&reader)
    var elements = reader.elements(node, "model_list")
    if elements.count > Self.maxEntries {
      reader.error("model_list has more than \(Self.maxEntries) entries", node.position)
      elements.removeLast(elements.count - Self.maxEntries)
    }
    return elements.flatMap { entry($0, &reader) }
  }

  private mutating func readCredentials(_ reader: inout SettingReader) {
    guard let credentialList else { return }
    for element in reader.elements(credentialList, "credential_list") {
      let members = reader.members(element, "an element of credential_list")
      let name = members.first { $0.key == "credential_name" }.flatMap { reader.text($0) }
      let values = members.first { $0.key == "credential_values" }.map {
        reader.members($0.value, "credential_values")
      }
      for member in members where !["credential_name", "credential_values", "credential_info"].contains(member.key) {
        reader.warn("credential_list[].\(member.key) is not known and has no effect", member.keyPosition)
      }
      guard let name, let values else {
        reader.error("an element of credential_list needs credential_name and credential_values", element.position)
        continue
      }
      credentials.append((name, values))
    }
  }

  /// The entries that one element gives.
  private func entry(_ node: YAMLNode, _ reader: inout SettingReader) -> [ModelEntry] {
    guard case .mapping(let members) = node.value else {
      reader.error("an entry of model_list must be a mapping, not \(reader.found(node))", node.position)
      return []
    }
    var model = ModelEntry(name: "", model: "", position: node.position)
    reader.read(members, ModelKeys.entry, into: &model)
    // Prices under litellm_params win over those under model_info, wherever they stand.
    if let info = node.member("model_info") { reader.read(info, ModelInfoKeys.table, into: &model) }
    let parameters = parameters(of: node, &reader)
    reader.read(parameters, ModelKeys.parameters, into: &model)
    guard !model.model.isEmpty else {
      reader.warn("the entry has no litellm_params.model and is skipped", node.position)
      return []
    }
    if model.name.isEmpty { model.name = model.model }
    return expanded(model, parameters, &reader)
  }

  /// An entry's own parameters, then those of the credential that it names, then those that hold for all.
  private func parameters(of node: YAMLNode, _ reader: inout SettingReader) -> [YAMLNode.Entry] {
    guard let own = node.member("litellm_params") else { return [] }
    var parameters = reader.members(own, "litellm_params")
    func add(_ others: [YAMLNode.Entry]) {
      for other in others where !parameters.contains(where: { $0.key == other.key }) { parameters.append(other) }
    }
    if let reference = parameters.first(where: { $0.key == "litellm_credential_name" }),
      let name = reader.text(reference)
    {
      if let credential = credentials.first(where: { $0.name == name }) {
        add(credential.values)
      } else {
        reader.error(
          "no credential is named \(name)", reference.value.position,
          hint: Suggestion.hint(for: name, among: credentials.map(\.name)) ?? "write it into credential_list")
      }
    }
    if let defaults { add(reader.members(defaults, "default_litellm_params")) }
    return parameters
  }

  /// An entry for each organization.
  private func expanded(
    _ model: ModelEntry, _ parameters: [YAMLNode.Entry], _ reader: inout SettingReader
  ) -> [ModelEntry] {
    guard let entry = parameters.first(where: { $0.key == "organization" }), case .sequence = entry.value.value else {
      return [model]
    }
    let names = entry.value.elementTexts.compactMap { reader.environmentText($0) }
    guard names.count > 1 else { return [model] }
    return names.map { name in
      var copy = model
      copy.organization = name
      return copy
    }
  }
}
