import Foundation
import HTTPTransport
import Ledger
import Testing

@testable import Providers

/// The documents of providers say what the source says.
struct ProviderDocumentTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  private static var table: String {
    func code(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }
    var lines = ["| provider | prefix | base | variables: base | key |", "|---|---|---|---|---|"]
    for definition in ProviderRegistry.standard.definitions {
      let unnamed = definition.id == "bedrock" ? "that of the region" : "`api_base`"
      let base = definition.isInProcess ? "none: answers by itself" : definition.defaultBase ?? unnamed
      lines.append(
        "| \(definition.title) | \(code(definition.prefixes.map { $0 + "/" })) | \(base) "
          + "| \(code(definition.baseVariables)) | \(code(definition.keyVariables)) |")
    }
    return lines.joined(separator: "\n")
  }

  /// `CICERONE_UPDATE_DOCS=1` writes the table instead of comparing it.
  @Test func theTableIsThatOfTheRegistry() throws {
    let document = try Self.text("docs/models.md")
    let start = try #require(document.range(of: "<!-- providers -->\n"))
    let end = try #require(document.range(of: "<!-- /providers -->"))
    let written = document[start.upperBound..<end.lowerBound].trimmingCharacters(in: .newlines)
    if ProcessInfo.processInfo.environment["CICERONE_UPDATE_DOCS"] == "1" {
      let updated = document[..<start.upperBound] + "\n" + Self.table + "\n\n" + document[end.lowerBound...]
      try String(updated).write(
        to: Self.root.appendingPathComponent("docs/models.md"), atomically: true, encoding: .utf8)
    } else {
      #expect(written == Self.table)
    }
  }

  @Test func theExampleIsTheSource() throws {
    let source = try Self.text("Sources/Providers/Definitions/Groq.swift")
    let document = try Self.text("docs/adding-a-provider.md")
    let start = try #require(document.range(of: "```swift\n"))
    let end = try #require(document[start.upperBound...].range(of: "```"))
    #expect(document[start.upperBound..<end.lowerBound] == source)
  }

  @Test func everyQuirkIsDescribed() throws {
    let document = try Self.text("docs/adding-a-provider.md")
    for child in Mirror(reflecting: OpenAIQuirks()).children {
      #expect(document.contains("`\(child.label ?? "?")"), "\(child.label ?? "?")")
    }
  }
}

/// What holds for every definition.
struct ProviderDefinitionTests {
  private static let definitions = ProviderRegistry.standard.definitions

  @Test func everyNameIsOneProviders() {
    let ids = Self.definitions.map(\.id)
    #expect(Set(ids).count == ids.count)
    let prefixes = Self.definitions.flatMap(\.prefixes)
    #expect(Set(prefixes).count == prefixes.count, "\(prefixes.sorted())")
    for definition in Self.definitions {
      let prefix = definition.prefixes[0]
      #expect(ProviderRegistry.standard.split("\(prefix)/a/b.c")?.definition.id == definition.id)
      #expect(ProviderRegistry.standard.split("\(prefix)/a/b.c")?.model == "a/b.c")
    }
  }

  @Test func addressesCanBeRead() throws {
    for definition in Self.definitions {
      guard let base = definition.defaultBase else { continue }
      let url = try HTTPURL(base)
      #expect(url.scheme == .https || url.isLoopback, "\(definition.id)")
      #expect(definition.owns(url) == !url.isLoopback, "\(definition.id)")
    }
  }

  @Test func keysOfTheEnvironmentGoToTheProviderOrWhereTheEnvironmentSays() throws {
    let definitions = Self.definitions.filter { $0.needsCredential && $0.defaultBase != nil && !$0.isInProcess }
    for definition in definitions {
      let variable = try #require(definition.keyVariables.first)
      let settings = ProviderSettings(environment: [variable: "k"])
      #expect(try definition.endpoint(settings).credential.secret != nil, "\(definition.id)")
      var far = settings
      far.apiBase = "https://example.invalid/v1"
      #expect((try? definition.endpoint(far))?.credential.secret == nil, "\(definition.id)")
      if let base = definition.baseVariables.first {
        far.environment[base] = "https://example.invalid/v1"
        #expect((try? definition.endpoint(far))?.credential.secret != nil, "\(definition.id)")
      }
      #expect(throws: ProviderSetupError.self, "\(definition.id)") { try definition.endpoint(ProviderSettings()) }
    }
    #expect(definitions.count > 15)
  }

  @Test func preferredModelsAreInTheCatalogueAndChat() {
    for definition in Self.definitions {
      let known = definition.preferredModels.filter { definition.entry($0, in: .embedded)?.mode == .chat }
      #expect(known.isEmpty == definition.preferredModels.isEmpty, "\(definition.id)")
    }
  }

  @Test(arguments: [
    ("groq/openai/gpt-oss-20b", "groq"), ("mistral/mistral-small-latest", "mistral"),
    ("codestral/codestral-latest", "codestral"), ("deepseek/deepseek-chat", "deepseek"), ("xai/grok-4.3", "xai"),
    ("cohere_chat/command-a-03-2025", "cohere"), ("gemini/gemini-2.5-flash", "gemini"),
    ("fireworks_ai/code-llama-13b", "fireworks_ai"),
    ("fireworks_ai/accounts/fireworks/models/code-llama-13b", "fireworks_ai"),
    ("together_ai/Qwen/Qwen2-72B-Instruct", "together_ai"), ("openai/responses/gpt-5-pro", "openai"),
    ("azure/responses/gpt-5-pro", "azure"), ("azure.gpt-4o", "azure"),
  ])
  func theCatalogueKnowsNamesAsEntriesWriteThem(_ name: String, _ id: String) throws {
    let (definition, model) = try #require(ProviderRegistry.standard.split(name))
    #expect(definition.id == id)
    #expect(definition.entry(model, in: .embedded) != nil)
  }

  @Test func aBaseHasNoQuery() throws {
    for definition in Self.definitions where !definition.isInProcess && !["azure", "mock"].contains(definition.id) {
      let settings = ProviderSettings(
        apiBase: "https://example.invalid/v1?key=k", apiKey: Secret("k"), values: ["aws_region_name": "us-east-1"],
        model: "m")
      let found = #expect(throws: ProviderSetupError.self, "\(definition.id)") { try definition.endpoint(settings) }
      #expect(found?.message == "api_base must not have a query", "\(definition.id)")
    }
    // Azure's portal shows addresses with the version in the query, which is understood.
    let azure = try ProviderDefinition.azure.endpoint(
      ProviderSettings(apiBase: "https://r.openai.azure.com/?api-version=2024-10-21", apiKey: Secret("k")))
    #expect(azure.base.query == nil && azure.values["api_version"] == "2024-10-21")
  }

  @Test func keysForAServerOfOnesOwnStayWhereTheEnvironmentSaysItIs() throws {
    func key(_ base: String, _ environment: [String: String] = [:]) throws -> Secret? {
      let all = environment.merging(["HOSTED_VLLM_API_KEY": "k"]) { $1 }
      return try ProviderDefinition.vLLM.endpoint(ProviderSettings(apiBase: base, environment: all)).credential.secret
    }
    let known = ["HOSTED_VLLM_API_BASE": "https://one.invalid/v1"]
    #expect(try key("https://two.invalid/v1") != nil)
    #expect(try key("https://two.invalid/v1", known) == nil)
    #expect(try key("https://one.invalid/other", known) != nil)
    #expect(try key("http://127.0.0.1:1/v1", known) != nil)
  }
}
