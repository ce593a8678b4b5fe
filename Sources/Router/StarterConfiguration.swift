import HTTPTransport
public import Providers

/// A configuration file to begin with, for what was found: comments say what could be written instead.
public struct StarterConfiguration: Sendable {
  private let found: ModelDiscovery.Found
  private let environment: [String: String]
  private let registry: ProviderRegistry

  /// - Parameters:
  ///   - found: models that were discovered.
  ///   - environment: the variables of the process, of which only names are written.
  public init(
    found: ModelDiscovery.Found, environment: [String: String], registry: ProviderRegistry = .standard
  ) {
    self.found = found
    self.environment = environment
    self.registry = registry
  }

  /// The text of the file, in YAML.
  public var text: String {
    """
    # Settings of Cicerone: its models, and what they may cost.
    #
    # `cicerone models` lists what this file gives, `cicerone models check` explains every problem in it,
    # and docs/configuration.md describes every key. A configuration of LiteLLM's works as it is.
    # Keys belong into the environment: os.environ/NAME stands for the variable of that name.

    \(models)
    # What to do when a model fails, and how to share requests out among entries of one model_name.
    # router_settings:
    #   routing_strategy: simple-shuffle   # least-busy, latency-based-routing, cost-based-routing, usage-based-routing
    #   num_retries: 2
    #   fallbacks:
    #     - \(YAMLText.key(names.first ?? "fast")): [\(YAMLText.value(names.dropFirst().first ?? "other"))]

    cicerone:
      # Asked when a question names no model; “auto” chooses by the question, its context and its price.
      # model: \(YAMLText.value(names.first ?? "fast"))
      # Tokens of the workspace that are sent with a question.
      token_budget: 4000
      # US dollars that one question may cost at most. A model whose price is not known is never asked.
      max_usd_per_request: 0.25
      # What single tasks are done with: ask, explain, hover-summary, rewrite-query, summarise.
      # tasks:
      #   explain: \(YAMLText.value(names.first ?? "fast"))

    """
  }

  private var models: String {
    let found = entries.map(\.text).joined(separator: "\n")
    let notes = self.found.notes.map { "# \(YAMLText.comment($0))\n" }.joined()
    if found.isEmpty {
      return """
        # Nothing was found: no variable with a provider's key is set, and no server on this machine answers.
        # Without a model, questions are answered in the workspace's own words.
        \(notes)# model_list:
        #   - model_name: fast                             # what to ask for; several entries may share it
        #     litellm_params:
        #       model: openai/gpt-4o-mini                  # provider/model
        #       api_key: os.environ/OPENAI_API_KEY
        #   - model_name: local
        #     litellm_params:
        #       model: ollama/qwen2.5-coder
        #       api_base: http://127.0.0.1:11434

        """
    }
    return notes + "model_list:\n" + found
  }

  private var names: [String] { entries.map(\.name) }

  private var entries: [(name: String, text: String)] {
    var taken: Set<String> = []
    return found.deployments.compactMap { deployment in
      guard let definition = registry[deployment.endpoint.provider], let prefix = definition.prefixes.first else {
        return nil
      }
      var name = deployment.name
      if taken.contains(name) { name = "\(prefix)-\(name)" }
      guard taken.insert(name).inserted else { return nil }
      return (name, entry(name, deployment, definition, prefix))
    }
  }

  private func entry(
    _ name: String, _ deployment: Deployment, _ definition: ProviderDefinition, _ prefix: String
  ) -> String {
    var lines: [String] = []
    let key = definition.keyVariables.first { environment[$0]?.isEmpty == false }
    if deployment.isLocal {
      // A proxy passes questions on: what that costs is known to it alone.
      let cost =
        definition.id == "litellm_proxy"
        ? "what it passes on is taken for free here: its own limits hold" : "asking it costs nothing"
      lines.append("  # \(definition.title) answers on this machine; \(cost).")
    } else {
      lines.append("  # \(definition.title)" + (key.map { ": \($0) is set." } ?? "."))
    }
    lines.append("  - model_name: \(YAMLText.value(name))")
    lines.append("    litellm_params:")
    lines.append("      model: \(YAMLText.value("\(prefix)/\(deployment.model)"))")
    if let base = base(deployment, definition) { lines.append("      api_base: \(base)") }
    if let key, deployment.endpoint.credential != .none { lines.append("      api_key: os.environ/\(key)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What `api_base` has to say; nothing where the provider is reached by default.
  private func base(_ deployment: Deployment, _ definition: ProviderDefinition) -> String? {
    if let variable = definition.baseVariables.first(where: { environment[$0]?.isEmpty == false }) {
      // A variable may hold a password in its address, so it is not copied.
      return "os.environ/\(variable)"
    }
    var text = deployment.endpoint.base.description
    if text == definition.defaultBase { return nil }
    if let path = definition.barePath, text.hasSuffix(path) { text.removeLast(path.count) }
    return text == definition.defaultBase ? nil : YAMLText.value(text)
  }
}

/// Text as YAML takes it.
enum YAMLText {
  /// A value: as it is where that is safe, else in quotes.
  static func value(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  /// A key.
  static func key(_ text: String) -> String { value(text) }

  /// One line without control characters, for a comment.
  static func comment(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
  }

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return false }
    let isLetter = (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first)
    let words: Set = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    return isLetter && !words.contains(text.lowercased()) && !text.hasSuffix(":")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-_./:+@".utf8.contains(byte)
        }
      }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
      || scalar.value == 0xFEFF
  }
}
