import HTTPTransport

/// Reads a document into a ``Configuration``.
struct ConfigurationReader {
  private var configuration = Configuration()
  private var reader: SettingReader

  init(environment: [String: String]) { reader = SettingReader(environment: environment) }

  /// What was read, with its problems in the order of their places.
  func finished() -> Configuration {
    var result = configuration
    // What many entries take from one place is said once.
    var seen: Set<ConfigurationProblem> = []
    result.problems = reader.problems.enumerated()
      .sorted { left, right in
        if SourcePosition.isOrdered(left.element.position, right.element.position) { return true }
        if SourcePosition.isOrdered(right.element.position, left.element.position) { return false }
        return left.offset < right.offset
      }
      .map(\.element)
      .filter { seen.insert($0).inserted }
    return result
  }

  /// Reads a file with those that it includes.
  ///
  /// - Parameters:
  ///   - path: where it lies, for positions; paths of included files are meant from there.
  ///   - include: reads included files; `nil` where none may be.
  mutating func read(_ bytes: [UInt8], path: String?, include: IncludedFiles.Source?) {
    var files = IncludedFiles(source: include)
    read(files.document(bytes, file: path, ancestors: [path ?? ""], &reader))
  }

  private static let foreign: [String: String] = [
    "general_settings": "it configures LiteLLM's server",
    "callback_settings": "there are no callbacks here",
    "guardrails": "secrets are always kept back, and nothing else is",
    "prompts": "prompts are not made of templates here",
    "vector_store_registry": "the index is the vector store",
    "mcp_servers": "there are no tools here",
    "mcp_tools": "there are no tools here",
    "search_tools": "there are no tools here",
    "assistant_settings": "there are no assistants here",
    "finetune_settings": "nothing is trained here",
    "files_settings": "no files are uploaded",
  ]

  private static let known: Set = [
    "model_list", "litellm_settings", "router_settings", "environment_variables", "credential_list", "cicerone",
    "include",
  ]

  private mutating func read(_ entries: [YAMLNode.Entry]) {
    func section(_ name: String) -> YAMLNode? { entries.first { $0.key == name }?.value }
    for entry in entries where !Self.known.contains(entry.key) {
      if let why = Self.foreign[entry.key] {
        reader.note("\(entry.key) has no effect: \(why)", entry.keyPosition)
      } else {
        reader.warn(
          "\(entry.key) is not known and has no effect", entry.keyPosition,
          hint: Suggestion.hint(for: entry.key, among: Self.known.sorted() + ["include"]))
      }
    }
    // Others refer to variables; models to credentials and defaults; what the router says wins over LiteLLM's.
    if let node = section("environment_variables") { readVariables(node) }
    if let node = section("litellm_settings") {
      var target = LiteLLMKeys.Target()
      reader.read(node, LiteLLMKeys.table, into: &target)
      configuration.router = target.router
      configuration.litellm = target.litellm
    }
    if let node = section("router_settings") { reader.read(node, RouterKeys.router, into: &configuration.router) }
    if let node = section("model_list") {
      var models = ModelListReader(
        credentials: section("credential_list"),
        defaults: section("router_settings").flatMap { $0.member("default_litellm_params") })
      configuration.models = models.read(node, &reader)
    }
    if let node = section("cicerone") { CiceroneKeys.read(node, &reader, into: &configuration.settings) }
  }

  private mutating func readVariables(_ node: YAMLNode) {
    for entry in reader.members(node, "environment_variables") {
      guard let value = reader.secret(entry) else { continue }
      configuration.environmentVariables[entry.key] = value
      reader.environment[entry.key] = value.withExposedText { $0 }
    }
  }
}
